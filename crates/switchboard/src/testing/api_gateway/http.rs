//! One request, whichever front end it comes through.

use super::super::event::{Compose, event, put, remove, text, tree};
use super::super::origin::Number;
use super::{http_api, other, rest_api};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

/// An HTTP request. It comes through an HTTP API of API Gateway (payload format 2.0), unless a method says otherwise.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::Http;
///
/// let order = json!({"article": "DESK-140"});
/// let request = Http::post("/orders?dry-run=true").json(&order).header("idempotency-key", "17");
/// let request = request.jwt(&json!({"sub": "jane", "scope": "orders/write"}));
/// let the_same_through_a_load_balancer = request.clone().alb();
/// # let _ = the_same_through_a_load_balancer;
/// ```
#[derive(Clone, Debug)]
pub struct Http {
    pub(super) number: Number,
    pub(super) method: String,
    /// As the client sent it.
    pub(super) path: String,
    /// Name and value, decoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) cookies: Vec<String>,
    pub(super) body: Option<Body>,
    pub(super) route: Option<String>,
    pub(super) path_parameters: Vec<(String, String)>,
    pub(super) stage: Option<String>,
    pub(super) authorizer: Option<Authorized>,
    front: Front,
    changes: Vec<(String, Option<Value>)>,
}

/// The request's body as the event contains it.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) is_base64: bool,
    pub(super) length: usize,
}

/// What an authorizer says about the caller.
#[derive(Clone, Debug)]
pub(super) enum Authorized {
    Jwt(Value),
    Lambda(Value),
    Iam(String),
}

#[derive(Clone, Copy, Debug)]
enum Front {
    HttpApi,
    RestApi,
    FunctionUrl,
    Alb { multi_value: bool },
    LatticeV1,
    LatticeV2,
}

impl Http {
    /// `GET`, with a path that may have a query behind it.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self::request("GET", path)
    }

    /// `POST`, as [`get`](Self::get).
    #[must_use]
    pub fn post(path: &str) -> Self {
        Self::request("POST", path)
    }

    /// `PUT`, as [`get`](Self::get).
    #[must_use]
    pub fn put(path: &str) -> Self {
        Self::request("PUT", path)
    }

    /// `PATCH`, as [`get`](Self::get).
    #[must_use]
    pub fn patch(path: &str) -> Self {
        Self::request("PATCH", path)
    }

    /// `DELETE`, as [`get`](Self::get).
    #[must_use]
    pub fn delete(path: &str) -> Self {
        Self::request("DELETE", path)
    }

    /// Any method. The path is written as a client sends it, with `%XX` where a URL needs it.
    #[must_use]
    pub fn request(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Self {
            number: Number::next(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: super::parts::query(query),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: None,
            route: None,
            path_parameters: Vec::new(),
            stage: None,
            authorizer: None,
            front: Front::HttpApi,
            changes: Vec::new(),
        };
        request
            .header("accept", "*/*")
            .header("user-agent", "curl/8.14.1")
    }

    /// Adds a query parameter, which may have any characters.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header. `accept`, `user-agent`, `host` and `content-type` replace the one that the request has.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if ["accept", "user-agent", "host", "content-type"].contains(&&*name) {
            self.headers.retain(|(other, _)| *other != name);
        }
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Adds a cookie.
    #[must_use]
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push(format!("{name}={value}"));
        self
    }

    /// A body with the JSON of `body`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.header("content-type", "application/json").body(text(body))
    }

    /// A body of text.
    #[must_use]
    pub fn body(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.body = Some(Body {
            length: text.len(),
            text,
            is_base64: false,
        });
        self
    }

    /// A body of bytes, in base64 as front ends send it.
    #[must_use]
    pub fn bytes(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Some(Body {
            length: body.as_ref().len(),
            text: STANDARD.encode(body),
            is_base64: true,
        });
        self
    }

    /// The API's route that the request met, such as `/orders/{id}`. Without it, that is `$default` of an HTTP API and
    /// `/{proxy+}` of a REST API.
    #[must_use]
    pub fn route(mut self, path: &str) -> Self {
        self.route = Some(path.to_owned());
        self
    }

    /// Adds a parameter of the route's path.
    #[must_use]
    pub fn path_parameter(mut self, name: &str, value: &str) -> Self {
        self.path_parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The API's stage. It is `$default` of an HTTP API and `v1` of a REST API.
    #[must_use]
    pub fn stage(mut self, name: &str) -> Self {
        self.stage = Some(name.to_owned());
        self
    }

    /// The API has checked a token with these claims: with a JWT authorizer of an HTTP API, with Amazon Cognito in a
    /// REST API.
    ///
    /// # Panics
    /// If the claims cannot be written as JSON.
    #[must_use]
    pub fn jwt<T: Serialize + ?Sized>(mut self, claims: &T) -> Self {
        self.authorizer = Some(Authorized::Jwt(tree(claims)));
        self
    }

    /// A Lambda authorizer of the API has answered with this context.
    ///
    /// # Panics
    /// If the context cannot be written as JSON.
    #[must_use]
    pub fn authorizer<T: Serialize + ?Sized>(mut self, context: &T) -> Self {
        self.authorizer = Some(Authorized::Lambda(tree(context)));
        self
    }

    /// The request was signed by this role or user.
    #[must_use]
    pub fn iam(mut self, arn: &str) -> Self {
        self.authorizer = Some(Authorized::Iam(arn.to_owned()));
        self
    }

    /// Through a REST API of API Gateway (payload format 1.0).
    #[must_use]
    pub fn rest(self) -> Self {
        self.through(Front::RestApi)
    }

    /// Through a function URL.
    #[must_use]
    pub fn function_url(self) -> Self {
        self.through(Front::FunctionUrl)
    }

    /// Through an Application Load Balancer.
    #[must_use]
    pub fn alb(self) -> Self {
        self.through(Front::Alb { multi_value: false })
    }

    /// Through an Application Load Balancer whose target group has multi-value headers on.
    #[must_use]
    pub fn alb_multi_value(self) -> Self {
        self.through(Front::Alb { multi_value: true })
    }

    /// Through VPC Lattice, event structure version 2.
    #[must_use]
    pub fn lattice(self) -> Self {
        self.through(Front::LatticeV2)
    }

    /// Through VPC Lattice, event structure version 1.
    #[must_use]
    pub fn lattice_v1(self) -> Self {
        self.through(Front::LatticeV1)
    }

    /// Puts a value at a [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901) of the event. For members that no other
    /// method sets.
    ///
    /// # Panics
    /// If the value cannot be written as JSON.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Serialize) -> Self {
        self.changes.push((pointer.to_owned(), Some(tree(&value))));
        self
    }

    /// Removes the member at a JSON pointer of the event.
    #[must_use]
    pub fn without(mut self, pointer: &str) -> Self {
        self.changes.push((pointer.to_owned(), None));
        self
    }

    fn through(mut self, front: Front) -> Self {
        self.front = front;
        self
    }
}

impl Compose for Http {
    fn compose(&self) -> Value {
        let mut event = match self.front {
            Front::HttpApi => http_api::event(self),
            Front::FunctionUrl => http_api::function_url(self),
            Front::RestApi => rest_api::event(self),
            Front::Alb { multi_value } => other::alb(self, multi_value),
            Front::LatticeV1 => other::lattice_v1(self),
            Front::LatticeV2 => other::lattice_v2(self),
        };
        for (pointer, value) in &self.changes {
            match value {
                Some(value) => put(&mut event, pointer, value.clone()),
                None => remove(&mut event, pointer),
            }
        }
        event
    }
}

event!(Http, composed);

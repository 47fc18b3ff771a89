//! The context of a request, in the types of `aws_lambda_events`: read plainly, or member by member if they refuse it.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// How many of the omitted members are named in the log.
const SHOWN: usize = 20;

/// A context, as far as it could be read.
pub(super) struct LenientContext<T> {
    pub(super) context: T,
    /// The members that the type refuses in every form, as JSON pointers.
    pub(super) left_out: Vec<String>,
}

/// A member that a type requires but that is not always sent: its JSON pointer and its default.
pub(super) type Required = (&'static str, Value);

/// Reads a context. A member that is missing or malformed is left out alone.
pub(super) fn read<T>(raw: Option<&RawValue>, required: impl FnOnce() -> Vec<Required>) -> LenientContext<T>
where
    T: DeserializeOwned + Default,
{
    let json = raw.map_or("{}", RawValue::get);
    match serde_json::from_str(json) {
        Ok(context) => LenientContext {
            context,
            left_out: Vec::new(),
        },
        Err(_) => ease(json, &required()),
    }
}

fn ease<T: DeserializeOwned + Default>(json: &str, required: &[Required]) -> LenientContext<T> {
    let mut easing = ContextBuilder {
        kept: Value::Null,
        fits: |value| T::deserialize(value).is_ok(),
        required,
        left_out: Vec::new(),
    };
    easing.kept = easing.base("");
    if let Ok(Value::Object(members)) = serde_json::from_str(json) {
        easing.members("", members);
    }
    let context = T::deserialize(&easing.kept).unwrap_or_default();
    if !easing.left_out.is_empty() {
        let members = easing.left_out[..easing.left_out.len().min(SHOWN)].join(", ");
        tracing::warn!(
            members,
            count = easing.left_out.len(),
            "the request's context is read without members of an unknown form"
        );
    }
    LenientContext {
        context,
        left_out: easing.left_out,
    }
}

/// Builds a value that the type accepts, from the members that it accepts.
struct ContextBuilder<'r> {
    kept: Value,
    fits: fn(&Value) -> bool,
    required: &'r [Required],
    left_out: Vec<String>,
}

impl ContextBuilder<'_> {
    fn members(&mut self, at: &str, members: Map<String, Value>) {
        for (key, value) in members {
            // `null` means the same as a missing member.
            if !value.is_null() {
                self.member(at, key, value);
            }
        }
    }

    fn member(&mut self, at: &str, key: String, value: Value) {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        if self.puts(at, &key, &value) {
            return;
        }
        match value {
            Value::Object(members) if self.puts(at, &key, &self.base(&pointer)) => {
                self.members(&pointer, members);
            }
            other
                if alternatives(&other)
                    .iter()
                    .any(|other| self.puts(at, &key, other)) => {}
            _ => self.left_out.push(pointer),
        }
    }

    /// An object with the members that the type requires.
    fn base(&self, pointer: &str) -> Value {
        let inside = |(place, stand_in): &Required| {
            let key = place.strip_prefix(pointer)?.strip_prefix('/')?;
            (!key.contains('/')).then(|| (key.to_owned(), stand_in.clone()))
        };
        Value::Object(self.required.iter().filter_map(inside).collect())
    }

    /// Adds a member to the object at a pointer, if the type accepts it there. Members do not affect each other's form,
    /// so each is tried by itself: earlier members are not read again.
    fn puts(&mut self, at: &str, key: &str, value: &Value) -> bool {
        if !(self.fits)(&self.alone(at, key, value.clone())) {
            return false;
        }
        let Some(Value::Object(parent)) = self.kept.pointer_mut(at) else {
            return false;
        };
        parent.insert(key.to_owned(), value.clone());
        true
    }

    /// A value with that member in the object at a pointer, and otherwise only what the type requires.
    fn alone(&self, mut at: &str, key: &str, value: Value) -> Value {
        let (mut key, mut value) = (Cow::Borrowed(key), value);
        loop {
            let mut object = self.base(at);
            if let Value::Object(members) = &mut object {
                members.insert(key.into_owned(), value);
            }
            let Some((outer, last)) = at.rsplit_once('/') else {
                return object;
            };
            (at, key, value) = (
                outer,
                Cow::Owned(last.replace("~1", "/").replace("~0", "~")),
                object,
            );
        }
    }
}

/// The same value in other types, without guessing: numbers and booleans as text and vice versa, one value as a list
/// and vice versa.
fn alternatives(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let number = text.parse::<i64>().ok().map(Value::from);
            let flag = text.parse::<bool>().ok().map(Value::from);
            let list = Value::from(vec![text.as_str()]);
            number.into_iter().chain(flag).chain([list]).collect()
        }
        Value::Number(_) | Value::Bool(_) => {
            let text = Value::from(value.to_string());
            vec![text.clone(), Value::from(vec![text])]
        }
        Value::Array(values) => {
            let text = |value: &Value| match value {
                Value::String(_) => value.clone(),
                other => Value::from(other.to_string()),
            };
            let texts = Value::from(values.iter().map(text).collect::<Vec<_>>());
            let one = (values.len() == 1).then(|| text(&values[0]));
            [texts].into_iter().chain(one).collect()
        }
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::apigw::{ApiGatewayProxyRequestContext, ApiGatewayV2httpRequestContext};
    use serde::Deserialize as _;
    use serde_json::{from_str, json};
    use std::cell::Cell;

    fn raw(json: &Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(json).unwrap()
    }

    #[test]
    fn a_member_of_another_type_is_read_or_costs_itself_only() {
        let raw = raw(
            &json!({"accountId": 123456789012_i64, "stage": ["prod"], "requestTimeEpoch": "1583348638390",
            "identity": {"sourceIp": "192.0.2.1", "apiKey": {"a": 1}, "userAgent": null, "user": true},
            "authorizer": ["x"], "path": "/p"}),
        );
        let required = || vec![("/httpMethod", json!("PUT"))];
        let LenientContext { context, left_out } =
            read::<ApiGatewayProxyRequestContext>(Some(&raw), required);
        assert_eq!(context.account_id.as_deref(), Some("123456789012"));
        assert_eq!(context.stage.as_deref(), Some("prod"));
        assert_eq!(context.request_time_epoch, 1_583_348_638_390);
        assert_eq!(context.identity.source_ip.as_deref(), Some("192.0.2.1"));
        assert_eq!(context.identity.user.as_deref(), Some("true"));
        assert_eq!(
            (context.http_method, context.path.as_deref()),
            (http::Method::PUT, Some("/p"))
        );
        assert_eq!(left_out, ["/authorizer", "/identity/apiKey"]);
    }

    #[test]
    fn what_a_type_asks_for_is_filled_in_where_it_is_missing_only() {
        let raw = raw(&json!({"http": {"path": "/x"}, "timeEpoch": "7",
            "authorizer": {"jwt": {"claims": {"exp": 1, "a/b~": ["x"]}, "scopes": "one"},
                "iam": {"userId": "u", "cognitoIdentity": {"identityId": "i"}}},
            "authentication": {"clientCert": {"subjectDN": "CN=a"}}}));
        let required = || {
            vec![
                ("/http", json!({"method": "GET"})),
                ("/http/method", json!("GET")),
                ("/authentication/clientCert/validity", json!({})),
                ("/authorizer/iam/cognitoIdentity/amr", json!([])),
            ]
        };
        let LenientContext { context, left_out } =
            read::<ApiGatewayV2httpRequestContext>(Some(&raw), required);
        assert_eq!(
            (context.http.method, context.http.path.as_deref()),
            (http::Method::GET, Some("/x"))
        );
        let certificate = context.authentication.and_then(|mtls| mtls.client_cert).unwrap();
        assert_eq!(certificate.subject_dn.as_deref(), Some("CN=a"));
        let authorizer = context.authorizer.unwrap();
        let jwt = authorizer.jwt.unwrap();
        assert_eq!((&*jwt.claims["exp"], &*jwt.claims["a/b~"]), ("1", "x"));
        assert_eq!(jwt.scopes, Some(vec!["one".to_owned()]));
        let identity = authorizer.iam.unwrap().cognito_identity.unwrap();
        assert_eq!(identity.identity_id.as_deref(), Some("i"));
        assert!(left_out.is_empty(), "{left_out:?}");
    }

    /// How much is read, in bytes of JSON, until a context is read whose type refuses one of its parts for one member of many.
    fn work(members: usize) -> usize {
        thread_local! {
            static READ: Cell<usize> = const { Cell::new(0) };
        }
        READ.set(0);
        let mut identity: Map<String, Value> = (0..members).map(|n| (format!("x{n}"), json!("y"))).collect();
        identity.insert("sourceIp".to_owned(), json!({"a/b~": [1]}));
        let mut easing = ContextBuilder {
            kept: json!({"httpMethod": "GET"}),
            fits: |value| {
                READ.set(READ.get() + value.to_string().len());
                ApiGatewayProxyRequestContext::deserialize(value).is_ok()
            },
            required: &[("/httpMethod", json!("GET"))],
            left_out: Vec::new(),
        };
        easing.member("", "identity".to_owned(), Value::Object(identity));
        assert_eq!(easing.left_out, ["/identity/sourceIp"]);
        assert_eq!(easing.kept["identity"].as_object().unwrap().len(), members);
        READ.get()
    }

    #[test]
    fn twice_as_many_members_are_twice_the_work() {
        let (some, more) = (work(2_000), work(4_000));
        assert!(more * 2 < some * 5, "{some}, {more}");
    }

    #[test]
    fn what_is_not_an_object_counts_as_an_empty_one() {
        for json in ["null", "5", "[]", "\"x\""] {
            let raw: &RawValue = from_str(json).unwrap();
            let read =
                read::<ApiGatewayProxyRequestContext>(Some(raw), || vec![("/httpMethod", json!("GET"))]);
            assert_eq!(read.context, ApiGatewayProxyRequestContext::default());
        }
    }
}

//! AWS AppSync resolvers. AWS AppSync Developer Guide, “AWS AppSync JavaScript resolver function reference for Lambda” and “Resolver
//! context object reference”.

use super::event::{Compose, event};
use super::origin::{Number, REGION};
use serde::Serialize;
use serde_json::{Value, json};

/// A field that AppSync asks a direct Lambda resolver for, or several of one batch.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::AppSync;
///
/// let one = AppSync::field("Query", "order").arguments(&json!({"id": "1001"}));
/// let parcels = |order: &str| AppSync::field("Order", "parcels").source(&json!({"id": order}));
/// let batch = AppSync::batch([parcels("1001"), parcels("1002")]);
/// # let _ = (one, batch);
/// ```
#[derive(Clone, Debug)]
pub struct AppSync {
    fields: Vec<Value>,
    batch: bool,
}

impl AppSync {
    /// A field of a type.
    #[must_use]
    pub fn field(parent_type: &str, field: &str) -> Self {
        let field = json!({
            "arguments": {},
            "identity": {
                "sub": "85b85a86-e23a-4b2d-a272-dae25e5ea571",
                "issuer": format!("https://cognito-idp.{REGION}.amazonaws.com/{REGION}_Ex4mpLe07"),
                "username": "jane",
                "claims": {
                    "sub": "85b85a86-e23a-4b2d-a272-dae25e5ea571",
                    "token_use": "access",
                    "cognito:username": "jane",
                },
                "sourceIp": ["203.0.113.45"],
                "defaultAuthStrategy": "ALLOW",
                "groups": null,
            },
            "source": null,
            "request": {
                "headers": {
                    "content-type": "application/json",
                    "host": format!("k3example7x2qd4mnbz.appsync-api.{REGION}.amazonaws.com"),
                    "user-agent": "curl/8.14.1",
                    "x-amzn-requestid": Number::next().uuid(),
                },
                "domainName": null,
            },
            "prev": null,
            "info": {
                "selectionSetList": ["id"],
                "selectionSetGraphQL": "{\n  id\n}",
                "parentTypeName": parent_type,
                "fieldName": field,
                "variables": {},
            },
            "stash": {},
        });
        Self {
            fields: vec![field],
            batch: false,
        }
    }

    /// These as one batch (`BatchInvoke`): a list, and so is the answer.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn batch(events: impl IntoIterator<Item = Self>) -> Self {
        let fields: Vec<_> = events.into_iter().flat_map(|event| event.fields).collect();
        assert!(!fields.is_empty(), "a batch has at least one field");
        Self { fields, batch: true }
    }

    /// The field's arguments.
    ///
    /// # Panics
    /// If they cannot be written as JSON.
    #[must_use]
    pub fn arguments<T: Serialize + ?Sized>(self, arguments: &T) -> Self {
        self.set("/arguments", arguments)
    }

    /// The object that the field is of.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn source<T: Serialize + ?Sized>(self, source: &T) -> Self {
        self.set("/source", source)
    }

    /// Who asks. By default it is a user of a Cognito user pool.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn identity<T: Serialize + ?Sized>(self, identity: &T) -> Self {
        self.set("/identity", identity)
    }
}

impl Compose for AppSync {
    fn compose(&self) -> Value {
        match (&*self.fields, self.batch) {
            ([field], false) => field.clone(),
            (fields, _) => fields.into(),
        }
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.fields
    }
}

event!(AppSync);

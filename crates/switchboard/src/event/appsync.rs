//! AWS AppSync: direct Lambda resolvers, one field at a time or several at once, and Lambda authorizers.
//!
//! AppSync Developer Guide, “AWS AppSync JavaScript resolver function reference for Lambda” and “AWS_LAMBDA authorization”.

use super::answered::{Contract, ContractOfItems, FailedCall, written};
use super::api_gateway_authorizer::UNAUTHORIZED;
use super::{Unreadable, read_json};
use crate::source::{Source, records};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::marker::PhantomData;

/// A field that AppSync asks a resolver for: its arguments as `A`, and the parent object as `P`.
///
/// For what it leaves out, take a type of your own.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Resolve<A = Value, P = Value> {
    /// The field's arguments.
    pub arguments: A,
    /// The object whose field it is; nothing for a field of `Query` or `Mutation`.
    #[serde(default = "Option::default")]
    pub source: Option<P>,
    /// Who asks, in the form of the API's authorization.
    #[serde(default)]
    pub identity: Option<Value>,
    /// Which field of which type it is.
    pub info: ResolveInfo,
}

/// Which field of which type is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResolveInfo {
    /// The field.
    pub field_name: String,
    /// The type whose field it is.
    pub parent_type_name: String,
    /// The query's variables.
    #[serde(default)]
    pub variables: Option<Value>,
    /// The fields below it that are asked for.
    #[serde(default)]
    pub selection_set_list: Option<Vec<String>>,
}

/// The contract of one field: its value is the answer.
pub(crate) struct ResolvedField<R>(PhantomData<fn() -> R>);

impl<R: Serialize + Send + 'static> Contract for ResolvedField<R> {
    const SOURCES: &'static [Source] = &[Source::AppsyncResolver];
    type Reply = R;

    fn answer(reply: R, _: &[u8]) -> Result<Box<RawValue>, String> {
        written(&reply)
    }
}

/// The contract of several fields (`BatchInvoke`): a list of the same length in the same order.
pub(crate) struct ResolvedFields<T, R>(PhantomData<fn() -> (T, R)>);

impl<T, R> ContractOfItems for ResolvedFields<T, R>
where
    T: DeserializeOwned + Send + 'static,
    R: Serialize + Send + 'static,
{
    const SOURCES: &'static [Source] = &[Source::AppsyncBatch];
    type Item = T;
    type Reply = R;

    fn items(event: &[u8]) -> Result<Vec<Result<T, Unreadable>>, Unreadable> {
        let mut items = Vec::new();
        for raw in records(event) {
            let raw = raw
                .map_err(|cut| Unreadable::because("", format!("the list is cut off at byte {}", cut.at)))?;
            items.push(read_json(raw));
        }
        Ok(items)
    }

    fn answer(results: Vec<Result<R, FailedCall>>, _: &[u8]) -> Result<Box<RawValue>, String> {
        let answer = |result: Result<R, FailedCall>| match result {
            Ok(reply) => written(&reply),
            Err(failed) => {
                let (message, kind) = (failed.message, failed.error_type);
                written(&json!({"data": null, "errorMessage": message, "errorType": kind}))
            }
        };
        let answers: Result<Vec<_>, _> = results.into_iter().map(answer).collect();
        written(&answers?)
    }
}

/// The answer of a Lambda authorizer of AppSync.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::event::AppSyncAuthorization;
/// use switchboard::{Context, Failure, Router};
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Request {
///     authorization_token: String,
/// }
///
/// async fn authorize(request: Request, _cx: Context<()>) -> Result<AppSyncAuthorization, Failure> {
///     Ok(match &*request.authorization_token {
///         "let me in" => AppSyncAuthorization::allow().context("tenant", "north").cached_for(60),
///         _ => AppSyncAuthorization::deny(),
///     })
/// }
///
/// let router = Router::new(()).appsync_authorizer(authorize);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "a decision is made by returning it"]
pub struct AppSyncAuthorization {
    is_authorized: bool,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    resolver_context: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    denied_fields: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl_override: Option<u32>,
}

impl AppSyncAuthorization {
    /// The caller may run the operation.
    pub fn allow() -> Self {
        Self::new(true)
    }

    /// The caller may not: `UnauthorizedException`.
    pub fn deny() -> Self {
        Self::new(false)
    }

    /// Passes a text, a number or a flag to resolvers, as `ctx.identity.resolverContext`.
    pub fn context(
        mut self,
        key: impl Into<String>,
        value: impl Into<super::api_gateway_authorizer::ContextValue>,
    ) -> Self {
        self.resolver_context.insert(key.into(), json!(value.into()));
        self
    }

    /// This field is `null` for the caller, whatever its resolver says: `Order.margin`, or the field's ARN.
    pub fn denied_field(mut self, field: impl Into<String>) -> Self {
        self.denied_fields.push(field.into());
        self
    }

    /// For how many seconds AppSync may use the decision again; 0 for never.
    pub fn cached_for(mut self, seconds: u32) -> Self {
        self.ttl_override = Some(seconds);
        self
    }

    fn new(is_authorized: bool) -> Self {
        Self {
            is_authorized,
            resolver_context: Map::new(),
            denied_fields: Vec::new(),
            ttl_override: None,
        }
    }
}

/// The contract of an authorizer.
pub(crate) struct AppSyncAuthorizers;

impl Contract for AppSyncAuthorizers {
    const SOURCES: &'static [Source] = &[Source::AppsyncAuthorizer];
    type Reply = AppSyncAuthorization;

    fn answer(reply: AppSyncAuthorization, _: &[u8]) -> Result<Box<RawValue>, String> {
        written(&reply)
    }

    fn refusal(name: &str, event: &[u8]) -> Option<Box<RawValue>> {
        let denied = || Self::answer(AppSyncAuthorization::deny(), event).ok();
        (name == UNAUTHORIZED).then(denied).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_has_only_what_is_set() {
        let written = |reply| serde_json::to_value(&reply).unwrap();
        assert_eq!(
            written(AppSyncAuthorization::deny()),
            json!({"isAuthorized": false})
        );
        let full = AppSyncAuthorization::allow()
            .context("tenant", "north")
            .denied_field("Order.margin")
            .cached_for(0);
        assert_eq!(
            written(full),
            json!({
                "isAuthorized": true, "resolverContext": {"tenant": "north"},
                "deniedFields": ["Order.margin"], "ttlOverride": 0,
            })
        );
    }

    #[test]
    fn each_failed_item_is_named_at_its_place() {
        let failed = FailedCall {
            message: "no such order".to_owned(),
            error_type: "NoSuchOrder",
            rejected: false,
        };
        let answer = ResolvedFields::<Value, u32>::answer(vec![Ok(1), Err(failed), Ok(3)], b"[]").unwrap();
        let answer: Value = serde_json::from_str(answer.get()).unwrap();
        assert_eq!(
            answer,
            json!([1, {"data": null, "errorMessage": "no such order", "errorType": "NoSuchOrder"}, 3])
        );
    }
}

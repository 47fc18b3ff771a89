//! What the caller of the Invoke API sent with the event: its client context and an Amazon Cognito identity.
//!
//! Both may be any JSON, but `lambda_runtime` only reads objects of strings. So they are read member by member, and are
//! also available unchanged.

use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_runtime::Context;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const COGNITO_IDENTITY: HeaderName = HeaderName::from_static("lambda-runtime-cognito-identity");

/// The headers, unchanged.
pub(crate) struct CallerContext {
    pub(crate) client_context: Option<HeaderValue>,
    pub(crate) cognito_identity: Option<HeaderValue>,
}

impl CallerContext {
    /// `None` if there is neither, which is the usual case.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Arc<Self>> {
        let value = |name| headers.get(name).filter(|value| !value.is_empty()).cloned();
        let (client_context, cognito_identity) = (value(CLIENT_CONTEXT), value(COGNITO_IDENTITY));
        if client_context.is_none() && cognito_identity.is_none() {
            return None;
        }
        Some(Arc::new(Self {
            client_context,
            cognito_identity,
        }))
    }

    /// The tool that an agent calls through Amazon Bedrock AgentCore's gateway, behind its target's name.
    pub(crate) fn tool(&self) -> Option<String> {
        let members: RawMembers = serde_json::from_slice(self.client_context.as_ref()?.as_bytes()).ok()?;
        let custom = object(&members, &["custom"]);
        serde_json::from_str(custom.get("bedrockAgentCoreToolName")?.get()).ok()
    }

    /// Adds what can be read to the context, and logs what cannot.
    pub(crate) fn read(&self, context: &mut Context) {
        if let Some(raw) = &self.client_context {
            context.client_context = read(raw, &CLIENT_CONTEXT, client_context);
        }
        if let Some(raw) = &self.cognito_identity {
            context.identity = read(raw, &COGNITO_IDENTITY, cognito_identity);
        }
    }
}

/// The members of an object, unparsed. For a duplicate name, the last one counts.
type RawMembers = HashMap<String, Box<RawValue>>;

fn read<T: DeserializeOwned>(
    raw: &HeaderValue,
    header: &HeaderName,
    shape: fn(&RawMembers) -> Option<Value>,
) -> Option<T> {
    match serde_json::from_slice::<Option<RawMembers>>(raw.as_bytes()) {
        Ok(members) => serde_json::from_value(shape(&members?)?).ok(),
        Err(_) => {
            let header = header.as_str();
            tracing::warn!(header, "the header is not a JSON object: it is passed on unread");
            None
        }
    }
}

/// The members of `client`, by their names in `lambda_runtime` and in AWS's mobile SDKs.
const CLIENT: [[&str; 2]; 5] = [
    ["installationId", "installation_id"],
    ["appTitle", "app_title"],
    ["appVersionName", "app_version_name"],
    ["appVersionCode", "app_version_code"],
    ["appPackageName", "app_package_name"],
];

fn client_context(members: &RawMembers) -> Option<Value> {
    let client = object(members, &["client"]);
    let client = CLIENT.map(|names| (names[0].to_owned(), named(&client, &names)));
    let texts = |names: &[&str]| -> Map<String, Value> {
        let texts = object(members, names).into_iter();
        texts.map(|(name, value)| (name, text(&value).into())).collect()
    };
    Some(serde_json::json!({
        "client": Map::from_iter(client),
        "custom": texts(&["custom"]),
        // The SDKs' name, and `lambda_runtime`'s.
        "environment": texts(&["env", "environment"]),
    }))
}

/// `None` if it names no identity.
fn cognito_identity(members: &RawMembers) -> Option<Value> {
    let id = named(members, &["cognitoIdentityId", "identityId", "identity_id"]);
    let pool = named(
        members,
        &["cognitoIdentityPoolId", "identityPoolId", "identity_pool_id"],
    );
    let says = id != "" || pool != "";
    says.then(|| serde_json::json!({"identityId": id, "identityPoolId": pool}))
}

/// The first of these members that is an object; otherwise an empty one.
fn object(members: &RawMembers, names: &[&str]) -> RawMembers {
    let mut found = names.iter().filter_map(|name| members.get(*name));
    found
        .find_map(|value| serde_json::from_str(value.get()).ok())
        .unwrap_or_default()
}

/// The first of these members that is not null; otherwise an empty text.
fn named(members: &RawMembers, names: &[&str]) -> Value {
    let mut found = names.iter().filter_map(|name| members.get(*name));
    let found = found.find(|value| value.get() != "null");
    found.map_or_else(String::new, |value| text(value)).into()
}

/// A string's text, or the JSON of anything else.
fn text(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        client_context: impl AsRef<[u8]>,
        identity: impl AsRef<[u8]>,
    ) -> (Option<Arc<CallerContext>>, Context) {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (CLIENT_CONTEXT, client_context.as_ref()),
            (COGNITO_IDENTITY, identity.as_ref()),
        ] {
            headers.insert(name, HeaderValue::from_bytes(value).unwrap());
        }
        let (sent, mut context) = (CallerContext::of(&headers), Context::default());
        if let Some(sent) = &sent {
            sent.read(&mut context);
        }
        (sent, context)
    }

    #[test]
    fn what_lambda_runtime_reads_is_read_as_it_does() {
        let json = r#"{"client":{"installation_id":"i","app_title":"t","appVersionName":"n","app_version_code":"c",
            "app_package_name":"p"},"custom":{"a":"1"},"environment":{"b":"2"}}"#;
        let json = json.replace('\n', " ");
        let (_, context) = read(&json, r#"{"cognitoIdentityId":"i","identity_pool_id":"p"}"#);
        assert_eq!(context.client_context, serde_json::from_str(&json).unwrap());
        let identity = context.identity.unwrap();
        assert_eq!((&*identity.identity_id, &*identity.identity_pool_id), ("i", "p"));
    }

    #[test]
    fn of_the_rest_what_can_be_read_is() {
        let (_, context) = read(
            r#"{"custom":{"text":"\u00e9","number":1.50,"deep":{"a":[ null ]},"none":null,"twice":"1","twice":"2"},
                "env":{"locale":"de"},"client":{"app_title":7,"installation_id":null},"services":{}}"#
                .replace('\n', " "),
            r#"{"cognitoIdentityId":"i"}"#,
        );
        let read = context.client_context.unwrap();
        for (name, value) in [
            ("text", "é"),
            ("number", "1.50"),
            ("deep", r#"{"a":[ null ]}"#),
            ("none", "null"),
            ("twice", "2"),
        ] {
            assert_eq!(read.custom[name], value);
        }
        assert_eq!(read.environment["locale"], "de");
        assert_eq!(
            (&*read.client.app_title, &*read.client.installation_id),
            ("7", "")
        );
        let identity = context.identity.unwrap();
        assert_eq!((&*identity.identity_id, &*identity.identity_pool_id), ("i", ""));
    }

    #[test]
    fn what_is_nothing_of_it_is_handed_on() {
        for odd in [
            &b"hello"[..],
            b"{",
            b"[1]",
            b"17",
            b"null",
            b"{}",
            b"{\"custom\":null,\"client\":[],\"env\":3}",
            b"{\"custom\":\"\\ud800\"}",
            b"\xff\xfe",
            b"\xc3\xa9",
            b"eyJjdXN0b20iOnt9fQ==",
        ] {
            let (sent, context) = read(odd, odd);
            let sent = sent.unwrap();
            assert_eq!(sent.client_context.as_ref().unwrap(), odd);
            assert_eq!(sent.cognito_identity.as_ref().unwrap(), odd);
            assert!(context.identity.is_none(), "{odd:?}");
            assert!(context.client_context.is_none_or(|read| read.custom.is_empty()));
        }
        let (sent, context) = read("", "");
        assert!(sent.is_none() && context.client_context.is_none() && context.identity.is_none());
    }

    #[test]
    fn it_may_be_as_deep_as_a_header_is_long() {
        let deep = format!(
            "{{\"custom\":{{\"a\":{}{}}}}}",
            "[".repeat(3_000),
            "]".repeat(3_000)
        );
        let (_, context) = read(deep, "");
        assert_eq!(context.client_context.unwrap().custom["a"].len(), 6_000);
    }
}

//! Custom authorizers of AWS IoT Core.
//!
//! AWS IoT Core Developer Guide, “Defining your Lambda function” of “Custom authentication”.

use super::answered::{Contract, written};
use super::api_gateway_authorizer::UNAUTHORIZED;
use crate::source::Source;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The largest policy, in characters.
const POLICY: usize = 2048;
const SECONDS: std::ops::RangeInclusive<u32> = 300..=86_400;

/// The answer of a custom authorizer of AWS IoT Core: whether a device is known, and what it may do.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::event::IotAuthorization;
/// use switchboard::{Context, Failure, Router};
///
/// #[derive(Deserialize)]
/// struct Request {
///     token: Option<String>,
/// }
///
/// async fn authorize(request: Request, _cx: Context<()>) -> Result<IotAuthorization, Failure> {
///     Ok(match request.token.as_deref() {
///         Some("let me in") => IotAuthorization::authenticated("sensor7")
///             .allow(["iot:Connect"], ["arn:aws:iot:eu-west-1:123456789012:client/sensor7"])
///             .allow(["iot:Publish"], ["arn:aws:iot:eu-west-1:123456789012:topic/readings/sensor7"]),
///         _ => IotAuthorization::denied(),
///     })
/// }
///
/// let router = Router::new(()).iot_authorizer(authorize);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[must_use = "a decision is made by returning it"]
pub struct IotAuthorization {
    principal: Option<String>,
    statements: Vec<Value>,
    disconnect_after: u32,
    refresh_after: u32,
}

impl IotAuthorization {
    /// The device is known by this name: up to 128 letters and digits. It may do nothing yet.
    pub fn authenticated(principal: impl Into<String>) -> Self {
        Self {
            principal: Some(principal.into()),
            ..Self::denied()
        }
    }

    /// The device is not known: it is not connected.
    pub fn denied() -> Self {
        Self {
            principal: None,
            statements: Vec::new(),
            disconnect_after: *SECONDS.end(),
            refresh_after: *SECONDS.start(),
        }
    }

    /// The device may do this: actions such as `iot:Publish`, on these ARNs.
    pub fn allow<A: Into<String>, R: Into<String>>(
        mut self,
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        let actions: Vec<String> = actions.into_iter().map(Into::into).collect();
        let resources: Vec<String> = resources.into_iter().map(Into::into).collect();
        self.statements
            .push(json!({"Effect": "Allow", "Action": actions, "Resource": resources}));
        self
    }

    /// After how many seconds the connection ends: 300 to 86,400, which is the default.
    pub fn disconnect_after(self, seconds: u32) -> Self {
        Self {
            disconnect_after: seconds,
            ..self
        }
    }

    /// After how many seconds the authorizer is asked again: 300, which is the default, to 86,400.
    pub fn refresh_after(self, seconds: u32) -> Self {
        Self {
            refresh_after: seconds,
            ..self
        }
    }
}

/// The contract of a custom authorizer.
pub(crate) struct IotAuthorizers;

impl Contract for IotAuthorizers {
    const SOURCES: &'static [Source] = &[Source::IotCustomAuth];
    type Reply = IotAuthorization;

    fn answer(reply: IotAuthorization, _: &[u8]) -> Result<Box<RawValue>, String> {
        let is_known = reply.principal.is_some();
        let principal = reply.principal.unwrap_or_else(|| "denied".to_owned());
        let valid = (1..=128).contains(&principal.len())
            && principal.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !valid {
            return Err(
                "the principal's name has to have 1 to 128 letters and digits, and nothing else".to_owned(),
            );
        }
        if !SECONDS.contains(&reply.disconnect_after) || !SECONDS.contains(&reply.refresh_after) {
            return Err("its times have to be from 300 to 86,400 seconds".to_owned());
        }
        let policy = (!reply.statements.is_empty())
            .then(|| json!({"Version": "2012-10-17", "Statement": reply.statements}));
        if policy
            .as_ref()
            .is_some_and(|policy| policy.to_string().chars().count() > POLICY)
        {
            return Err(format!(
                "its policy has more than {POLICY} characters: allow less, or use wildcards"
            ));
        }
        written(&json!({
            "isAuthenticated": is_known,
            "principalId": principal,
            "disconnectAfterInSeconds": reply.disconnect_after,
            "refreshAfterInSeconds": reply.refresh_after,
            "policyDocuments": policy.into_iter().collect::<Vec<_>>(),
        }))
    }

    fn refusal(name: &str, event: &[u8]) -> Option<Box<RawValue>> {
        let denied = || Self::answer(IotAuthorization::denied(), event).ok();
        (name == UNAUTHORIZED).then(denied).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(reply: IotAuthorization) -> Result<Value, String> {
        let answer = IotAuthorizers::answer(reply, b"{}")?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }

    #[test]
    fn a_device_may_do_what_is_allowed() {
        let reply = IotAuthorization::authenticated("sensor7")
            .allow(["iot:Connect"], ["*"])
            .refresh_after(600);
        assert_eq!(
            answer(reply).unwrap(),
            json!({
                "isAuthenticated": true, "principalId": "sensor7",
                "disconnectAfterInSeconds": 86_400, "refreshAfterInSeconds": 600,
                "policyDocuments": [{
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": ["iot:Connect"], "Resource": ["*"]}],
                }],
            })
        );
        let denied = answer(IotAuthorization::denied()).unwrap();
        assert_eq!(
            (&denied["isAuthenticated"], &denied["policyDocuments"]),
            (&json!(false), &json!([]))
        );
    }

    #[test]
    fn what_iot_would_not_accept_is_refused() {
        let known = || IotAuthorization::authenticated("sensor7");
        for refused in [
            IotAuthorization::authenticated("sensor-7"),
            IotAuthorization::authenticated(""),
            IotAuthorization::authenticated("7".repeat(129)),
            known().disconnect_after(299),
            known().refresh_after(86_401),
            known().allow(["iot:Publish"], ["x".repeat(POLICY)]),
        ] {
            assert!(answer(refused.clone()).is_err(), "{refused:?}");
        }
    }
}

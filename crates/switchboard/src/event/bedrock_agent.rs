//! Action groups of Amazon Bedrock agents, with an API schema or with function details.
//!
//! Amazon Bedrock User Guide, “Configure Lambda functions to send information an Amazon Bedrock agent elicits from the user”.

use super::answered::{Contract, written};
use super::{Object, text_at};
use crate::source::Source;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// What an action group answers an agent. The names of the action, which the answer repeats, are taken from the event.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::event::AgentReply;
/// use switchboard::{Context, Failure, Router};
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Action {
///     function: String,
/// }
///
/// async fn act(action: Action, _cx: Context<()>) -> Result<AgentReply, Failure> {
///     match &*action.function {
///         "order_state" => Ok(AgentReply::text("The order was shipped.")),
///         _ => Ok(AgentReply::text("Ask for the number of the order.").reprompt()),
///     }
/// }
///
/// let router = Router::new(()).bedrock_agent(act);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[must_use = "the agent gets what is returned"]
pub struct AgentReply {
    content_type: Option<String>,
    body: String,
    status: u16,
    state: Option<String>,
    session: Option<Value>,
}

impl AgentReply {
    /// A text.
    pub fn text(body: impl Into<String>) -> Self {
        Self {
            content_type: None,
            body: body.into(),
            status: 200,
            state: None,
            session: None,
        }
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn json(body: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self {
            content_type: Some("application/json".to_owned()),
            ..Self::text(serde_json::to_string(body)?)
        })
    }

    /// The HTTP status, of an action group with an API schema; 200 by default.
    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The agent is to ask its model again with this answer.
    pub fn reprompt(self) -> Self {
        self.state("REPROMPT")
    }

    /// The action has failed for good: the agent's caller gets a `DependencyFailedException`.
    pub fn failure(self) -> Self {
        self.state("FAILURE")
    }

    /// Replaces the session's attributes, which are otherwise as they came.
    pub fn session_attributes(self, attributes: impl Into<Value>) -> Self {
        Self {
            session: Some(attributes.into()),
            ..self
        }
    }

    fn state(self, state: &str) -> Self {
        Self {
            state: Some(state.to_owned()),
            ..self
        }
    }
}

/// The contract of an action group.
pub(crate) struct AgentActions;

impl Contract for AgentActions {
    const SOURCES: &'static [Source] = &[Source::BedrockAgent];
    type Reply = AgentReply;

    fn answer(reply: AgentReply, event: &[u8]) -> Result<Box<RawValue>, String> {
        let group = text_at(event, "actionGroup")
            .ok_or("the event has no `actionGroup`, which the answer repeats")?;
        let kept = Object::parse(event);
        let kept = |key: &str| {
            kept.as_ref()
                .and_then(|event| event.find(key))
                .map(ToOwned::to_owned)
        };
        let response = match (text_at(event, "function"), text_at(event, "apiPath")) {
            (Some(function), _) => {
                let mut response = json!({"responseBody": {"TEXT": {"body": reply.body}}});
                if let Some(state) = reply.state {
                    response["responseState"] = state.into();
                }
                json!({"actionGroup": group, "function": function, "functionResponse": response})
            }
            (None, Some(path)) => {
                if reply.state.is_some() {
                    let problem =
                        "an action group with an API schema is answered with a status, not with a state";
                    return Err(problem.to_owned());
                }
                let kind = reply.content_type.unwrap_or_else(|| "text/plain".to_owned());
                json!({
                    "actionGroup": group,
                    "apiPath": path,
                    "httpMethod": text_at(event, "httpMethod"),
                    "httpStatusCode": reply.status,
                    "responseBody": {kind: {"body": reply.body}},
                })
            }
            (None, None) => return Err("the event has neither `function` nor `apiPath`".to_owned()),
        };
        let mut answer = json!({"messageVersion": "1.0", "response": response});
        let session = reply
            .session
            .or_else(|| kept("sessionAttributes").map(|kept| json!(kept)));
        for (key, value) in [
            ("sessionAttributes", session),
            (
                "promptSessionAttributes",
                kept("promptSessionAttributes").map(|kept| json!(kept)),
            ),
        ] {
            if let Some(value) = value {
                answer[key] = value;
            }
        }
        written(&answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(reply: AgentReply, event: &Value) -> Result<Value, String> {
        let answer = AgentActions::answer(reply, event.to_string().as_bytes())?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }

    #[test]
    fn a_function_is_answered_with_a_text_and_perhaps_a_state() {
        let event = json!({"actionGroup": "g", "function": "f", "sessionAttributes": {"a": "b"}});
        assert_eq!(
            answer(AgentReply::text("t").reprompt(), &event).unwrap(),
            json!({
                "messageVersion": "1.0",
                "response": {
                    "actionGroup": "g", "function": "f",
                    "functionResponse": {"responseBody": {"TEXT": {"body": "t"}}, "responseState": "REPROMPT"},
                },
                "sessionAttributes": {"a": "b"},
            })
        );
    }

    #[test]
    fn an_operation_is_answered_with_a_status() {
        let event = json!({"actionGroup": "g", "apiPath": "/p/{id}", "httpMethod": "GET", "promptSessionAttributes": {}});
        let reply = AgentReply::json(&json!({"x": 1}))
            .unwrap()
            .status(404)
            .session_attributes(json!({"a": "c"}));
        assert_eq!(
            answer(reply, &event).unwrap(),
            json!({
                "messageVersion": "1.0",
                "response": {
                    "actionGroup": "g", "apiPath": "/p/{id}", "httpMethod": "GET", "httpStatusCode": 404,
                    "responseBody": {"application/json": {"body": "{\"x\":1}"}},
                },
                "sessionAttributes": {"a": "c"},
                "promptSessionAttributes": {},
            })
        );
        assert!(answer(AgentReply::text("t").failure(), &event).is_err());
        assert!(answer(AgentReply::text("t"), &json!({"actionGroup": "g"})).is_err());
    }
}

//! Code hooks of Amazon Lex V2.
//!
//! Amazon Lex V2 Developer Guide, “AWS Lambda response format for Lex V2” and “Common structures in an AWS Lambda function for Amazon
//! Lex V2”.

use super::answered::{Contract, written};
use crate::source::{Source, parts};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// What a code hook answers: what Lex does next. The rest of the session, its intent and attributes, stays as it came.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::event::LexReply;
/// use switchboard::when::intent;
/// use switchboard::{Context, Failure, Handler, Router};
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Turn {
///     input_transcript: String,
/// }
///
/// async fn order_state(turn: Turn, _cx: Context<()>) -> Result<LexReply, Failure> {
///     match turn.input_transcript.parse::<u32>() {
///         Ok(order) => Ok(LexReply::fulfilled().message(format!("Order {order} was shipped."))),
///         Err(_) => Ok(LexReply::elicit_slot("Order").message("Which order?")),
///     }
/// }
///
/// let router = Router::new(()).lex(order_state.when(intent("OrderState")));
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[must_use = "Lex gets what is returned"]
pub struct LexReply {
    action: String,
    slot_to_elicit: Option<String>,
    state: Option<String>,
    slots: Vec<(String, String)>,
    attributes: Vec<(String, String)>,
    messages: Vec<String>,
}

impl LexReply {
    /// The intent is fulfilled, and the conversation about it ends.
    pub fn fulfilled() -> Self {
        Self::new("Close").state("Fulfilled")
    }

    /// The intent cannot be fulfilled, and the conversation about it ends.
    pub fn failed() -> Self {
        Self::new("Close").state("Failed")
    }

    /// Lex goes on as the bot says.
    pub fn delegate() -> Self {
        Self::new("Delegate")
    }

    /// Lex asks for a slot: with the message, or as the bot says.
    pub fn elicit_slot(slot: impl Into<String>) -> Self {
        Self {
            slot_to_elicit: Some(slot.into()),
            ..Self::new("ElicitSlot").state("InProgress")
        }
    }

    /// Lex asks this question, whose answer is yes or no.
    pub fn confirm(question: impl Into<String>) -> Self {
        Self::new("ConfirmIntent").state("InProgress").message(question)
    }

    /// Lex asks what the user wants next.
    pub fn elicit_intent(question: impl Into<String>) -> Self {
        Self::new("ElicitIntent").message(question)
    }

    /// Says something, as plain text. Several messages are said one after another.
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.messages.push(text.into());
        self
    }

    /// Fills a slot of the intent.
    pub fn slot(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.slots.push((name.into(), value.into()));
        self
    }

    /// Sets an attribute of the session.
    pub fn session_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    fn new(action: &str) -> Self {
        Self {
            action: action.to_owned(),
            slot_to_elicit: None,
            state: None,
            slots: Vec::new(),
            attributes: Vec::new(),
            messages: Vec::new(),
        }
    }

    fn state(self, state: &str) -> Self {
        Self {
            state: Some(state.to_owned()),
            ..self
        }
    }
}

/// The contract of a code hook.
pub(crate) struct CodeHooks;

impl Contract for CodeHooks {
    const SOURCES: &'static [Source] = &[Source::LexV2];
    type Reply = LexReply;

    fn answer(reply: LexReply, event: &[u8]) -> Result<Box<RawValue>, String> {
        let [state] = parts(event, [Some("sessionState")]);
        let state = state.and_then(|state| serde_json::from_slice::<Value>(state).ok());
        let mut state = state
            .filter(Value::is_object)
            .ok_or("the event has no `sessionState`, which the answer repeats")?;
        let mut action = json!({"type": reply.action});
        if let Some(slot) = reply.slot_to_elicit {
            action["slotToElicit"] = slot.into();
        }
        state["dialogAction"] = action;
        if state["intent"].is_object() {
            if let Some(progress) = reply.state {
                state["intent"]["state"] = progress.into();
            }
            for (name, value) in reply.slots {
                let value =
                    json!({"originalValue": value, "interpretedValue": value, "resolvedValues": [value]});
                object(&mut state["intent"]["slots"])[&name] = json!({"shape": "Scalar", "value": value});
            }
        } else if !reply.slots.is_empty() {
            return Err("the event has no intent whose slots could be filled".to_owned());
        }
        for (name, value) in reply.attributes {
            object(&mut state["sessionAttributes"])[&name] = value.into();
        }
        let message = |text: String| json!({"contentType": "PlainText", "content": text});
        let mut answer = json!({"sessionState": state});
        if !reply.messages.is_empty() {
            answer["messages"] = reply.messages.into_iter().map(message).collect();
        }
        written(&answer)
    }
}

/// The object at this place; an empty one if there is none.
fn object(value: &mut Value) -> &mut Value {
    if !value.is_object() {
        *value = json!({});
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(reply: LexReply) -> Value {
        let event = json!({
            "sessionState": {
                "sessionAttributes": {"a": "b"}, "originatingRequestId": "r",
                "intent": {"name": "OrderState", "slots": {"Order": null}, "state": "InProgress", "confirmationState": "None"},
            },
        });
        let answer = CodeHooks::answer(reply, event.to_string().as_bytes()).unwrap();
        serde_json::from_str(answer.get()).unwrap()
    }

    #[test]
    fn a_session_stays_as_it_came_but_for_what_is_said() {
        assert_eq!(
            answer(
                LexReply::fulfilled()
                    .message("done")
                    .message("bye")
                    .session_attribute("c", "d")
            ),
            json!({
                "sessionState": {
                    "sessionAttributes": {"a": "b", "c": "d"}, "originatingRequestId": "r",
                    "dialogAction": {"type": "Close"},
                    "intent": {"name": "OrderState", "slots": {"Order": null}, "state": "Fulfilled", "confirmationState": "None"},
                },
                "messages": [
                    {"contentType": "PlainText", "content": "done"}, {"contentType": "PlainText", "content": "bye"},
                ],
            })
        );
        let delegated = answer(LexReply::delegate().slot("Order", "7"));
        assert!(delegated.get("messages").is_none());
        let intent = &delegated["sessionState"]["intent"];
        assert_eq!(
            (
                &intent["state"],
                &intent["slots"]["Order"]["value"]["interpretedValue"]
            ),
            (&json!("InProgress"), &json!("7"))
        );
    }

    #[test]
    fn each_action_has_what_it_needs() {
        for (reply, action, state) in [
            (LexReply::failed(), json!({"type": "Close"}), "Failed"),
            (
                LexReply::elicit_slot("Order"),
                json!({"type": "ElicitSlot", "slotToElicit": "Order"}),
                "InProgress",
            ),
            (
                LexReply::confirm("Sure?"),
                json!({"type": "ConfirmIntent"}),
                "InProgress",
            ),
            (
                LexReply::elicit_intent("What else?"),
                json!({"type": "ElicitIntent"}),
                "InProgress",
            ),
        ] {
            let answer = answer(reply);
            assert_eq!(answer["sessionState"]["dialogAction"], action);
            assert_eq!(answer["sessionState"]["intent"]["state"], state);
        }
        assert!(CodeHooks::answer(LexReply::delegate(), b"{}").is_err());
    }
}

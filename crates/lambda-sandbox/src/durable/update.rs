//! Updates of operations: read from a checkpoint, and checked against AWS's model of the API.

use serde::Deserialize;
use serde_json::Number;

use super::operation::{ErrorObject, OperationType};
use super::refusal::DurableRefusal;

/// The longest name of an operation.
const NAME: usize = 256;
/// The longest id of an operation.
const ID: usize = 64;
/// The longest subtype.
const SUB_TYPE: usize = 32;
/// The largest payload of an update, in bytes.
pub(super) const PAYLOAD: usize = 6 << 20;
/// The largest payload of a chained invoke, in bytes.
pub(super) const CHAINED: usize = 1 << 20;
/// The largest error, in bytes.
const ERROR: usize = 32 << 10;
/// The longest wait and retry delay: 366 days, in seconds.
const WAIT: i64 = 31_622_400;
/// The longest timeout of a callback, in seconds.
const CALLBACK: i64 = 99_999_999;

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Action {
    Start,
    Succeed,
    Fail,
    Retry,
    Cancel,
}

/// What a function says about one of its operations.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    pub(super) id: String,
    #[serde(rename = "Type")]
    pub(super) kind: OperationType,
    pub(super) action: Action,
    pub(super) parent_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) sub_type: Option<String>,
    pub(super) payload: Option<String>,
    pub(super) error: Option<ErrorObject>,
    pub(super) context_options: Option<ContextOptions>,
    step_options: Option<StepOptions>,
    wait_options: Option<WaitOptions>,
    callback_options: Option<CallbackOptions>,
    pub(super) chained_invoke_options: Option<ChainedInvokeOptions>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContextOptions {
    pub(super) replay_children: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StepOptions {
    next_attempt_delay_seconds: Option<Number>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WaitOptions {
    wait_seconds: Option<Number>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CallbackOptions {
    timeout_seconds: Option<Number>,
    heartbeat_timeout_seconds: Option<Number>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChainedInvokeOptions {
    pub(super) function_name: String,
    pub(super) tenant_id: Option<String>,
}

impl Update {
    /// How many bytes it adds to what the execution has written.
    pub(super) fn size(&self) -> usize {
        self.payload.as_ref().map_or(0, String::len) + self.error.as_ref().map_or(0, ErrorObject::size)
    }

    /// Checks what AWS's model says about each member. `at` is the update's place.
    pub(super) fn check(&self, at: usize) -> Result<(), DurableRefusal> {
        let refuse =
            |what: &str, rule: &str| Err(DurableRefusal::invalid(format!("Updates[{at}].{what} {rule}")));
        let is_word = |text: &str, limit| is_word(text, limit);
        if !is_word(&self.id, ID) {
            return refuse("Id", "must have 1 to 64 letters, digits, - and _");
        }
        if self.parent_id.as_deref().is_some_and(|id| !is_word(id, ID)) {
            return refuse("ParentId", "must have 1 to 64 letters, digits, - and _");
        }
        if self
            .sub_type
            .as_deref()
            .is_some_and(|text| !is_word(text, SUB_TYPE))
        {
            return refuse("SubType", "must have 1 to 32 letters, digits, - and _");
        }
        if self.name.as_deref().is_some_and(|name| !is_name(name)) {
            return refuse("Name", "must have 1 to 256 printable ASCII characters");
        }
        let limit = match self.kind {
            OperationType::ChainedInvoke => CHAINED,
            _ => PAYLOAD,
        };
        if self.payload.as_ref().is_some_and(|payload| payload.len() > limit) {
            return refuse("Payload", &format!("may have at most {limit} bytes"));
        }
        if self.error.as_ref().is_some_and(|error| error.size() > ERROR) {
            return refuse("Error", &format!("may have at most {ERROR} bytes"));
        }
        self.check_options(at)
    }

    fn check_options(&self, at: usize) -> Result<(), DurableRefusal> {
        let refuse = |rule: &str| Err(DurableRefusal::invalid(format!("Updates[{at}]{rule}")));
        match (self.kind, self.action) {
            (OperationType::Step, Action::Retry) => {
                self.retry_delay(at)?;
                if self.payload.is_some() && self.error.is_some() {
                    return refuse(": a RETRY has a Payload or an Error, not both");
                }
            }
            (OperationType::Wait, Action::Start) => {
                self.wait(at)?;
            }
            (OperationType::Callback, Action::Start) => {
                self.timeouts(at)?;
            }
            (OperationType::ChainedInvoke, Action::Start) => match &self.chained_invoke_options {
                None => return refuse(".ChainedInvokeOptions is missing"),
                Some(options) if !is_function(&options.function_name) => {
                    return refuse(".ChainedInvokeOptions.FunctionName must be a function's name or ARN");
                }
                Some(_) => {}
            },
            _ => {}
        }
        match self.action {
            Action::Fail if self.payload.is_some() => refuse(": a FAIL has no Payload"),
            Action::Succeed if self.error.is_some() => refuse(": a SUCCEED has no Error"),
            _ => Ok(()),
        }
    }

    /// How long a wait takes, in seconds.
    pub(super) fn wait(&self, at: usize) -> Result<i64, DurableRefusal> {
        let seconds = self
            .wait_options
            .as_ref()
            .and_then(|options| options.wait_seconds.as_ref());
        whole(seconds, 1, WAIT, || {
            format!("Updates[{at}].WaitOptions.WaitSeconds")
        })
    }

    /// After how many seconds a step is tried again.
    pub(super) fn retry_delay(&self, at: usize) -> Result<i64, DurableRefusal> {
        let options = self.step_options.as_ref();
        let seconds = options.and_then(|options| options.next_attempt_delay_seconds.as_ref());
        whole(seconds, 1, WAIT, || {
            format!("Updates[{at}].StepOptions.NextAttemptDelaySeconds")
        })
    }

    /// The timeouts of a callback in seconds: the whole one, and that between heartbeats. Zero is none.
    pub(super) fn timeouts(&self, at: usize) -> Result<(Option<i64>, Option<i64>), DurableRefusal> {
        let options = self.callback_options.clone().unwrap_or_default();
        let timeout = |seconds: Option<Number>, what: &str| match seconds {
            None => Ok(None),
            seconds => whole(seconds.as_ref(), 0, CALLBACK, || {
                format!("Updates[{at}].CallbackOptions.{what}")
            })
            .map(|seconds| Some(seconds).filter(|seconds| *seconds > 0)),
        };
        Ok((
            timeout(options.timeout_seconds, "TimeoutSeconds")?,
            timeout(options.heartbeat_timeout_seconds, "HeartbeatTimeoutSeconds")?,
        ))
    }
}

/// A whole number between two others; SDKs of dynamic languages also send fractions.
fn whole(
    number: Option<&Number>,
    min: i64,
    max: i64,
    what: impl Fn() -> String,
) -> Result<i64, DurableRefusal> {
    let whole = number.and_then(|number| {
        let of_fraction = || number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64);
        number.as_i64().or_else(of_fraction)
    });
    whole
        .filter(|seconds| (min..=max).contains(seconds))
        .ok_or_else(|| {
            DurableRefusal::invalid(format!("{} must be a whole number from {min} to {max}", what()))
        })
}

/// Letters, digits, `-` and `_`.
pub(super) fn is_word(text: &str, limit: usize) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=limit).contains(&text.len()) && text.bytes().all(is_part)
}

fn is_name(name: &str) -> bool {
    (1..=NAME).contains(&name.len()) && name.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

fn is_function(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:$".contains(&byte);
    (1..=256).contains(&name.len()) && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(update: Value) -> Result<(), DurableRefusal> {
        serde_json::from_value::<Update>(update).unwrap().check(3)
    }

    fn refused(update: Value) -> String {
        match check(update) {
            Err(DurableRefusal::Invalid(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_are_printable_ascii() {
        let named = |name: &str| json!({"Id": "1", "Type": "STEP", "Action": "START", "Name": name});
        assert!(check(named("charge the card, ~ once")).is_ok());
        assert!(check(named(&"n".repeat(256))).is_ok());
        for name in ["", "\u{1f600}", "a\nb", "\u{e9}", &"n".repeat(257)] {
            assert!(refused(named(name)).starts_with("Updates[3].Name "), "{name:?}");
        }
    }

    #[test]
    fn times_are_whole_seconds() {
        let wait = |seconds: Value| json!({"Id": "1", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": seconds}});
        assert!(check(wait(json!(1))).is_ok());
        assert!(check(wait(json!(31_622_400))).is_ok());
        assert!(check(wait(json!(2.0))).is_ok());
        for seconds in [json!(0), json!(1.9), json!(31_622_401), json!(-1), Value::Null] {
            let message = refused(wait(seconds.clone()));
            assert_eq!(
                message, "Updates[3].WaitOptions.WaitSeconds must be a whole number from 1 to 31622400",
                "{seconds}"
            );
        }
    }

    #[test]
    fn zero_is_no_timeout() {
        let update = |options: Value| -> Update {
            serde_json::from_value(
                json!({"Id": "1", "Type": "CALLBACK", "Action": "START", "CallbackOptions": options}),
            )
            .unwrap()
        };
        for options in [
            json!({}),
            Value::Null,
            json!({"TimeoutSeconds": 0, "HeartbeatTimeoutSeconds": 0}),
        ] {
            assert_eq!(update(options.clone()).timeouts(0), Ok((None, None)), "{options}");
        }
        assert_eq!(
            update(json!({"TimeoutSeconds": 2})).timeouts(0),
            Ok((Some(2), None))
        );
    }

    #[test]
    fn ends_have_what_belongs_to_them() {
        let of =
            |action: &str| json!({"Id": "1", "Type": "STEP", "Action": action, "Payload": "1", "Error": {}});
        assert!(refused(of("SUCCEED")).contains("no Error"));
        assert!(refused(of("FAIL")).contains("no Payload"));
        assert!(refused(of("RETRY")).contains("NextAttemptDelaySeconds"));
    }
}

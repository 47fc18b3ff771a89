//! The envelope of a durable execution: which execution it is, and the event that started it.
//!
//! A durable function is invoked several times for one execution, each time with an envelope around what the execution
//! has done so far. [`Router`](crate::Router) opens it by itself; [`open`] is for tools.

use crate::source::{Elements, parts};
use bytes::Bytes;
use std::borrow::Cow;
use std::fmt;

/// The durable execution that an invocation belongs to.
///
/// [`Context::execution`](crate::Context::execution) has it. A request of [`Router::http`](crate::Router::http) has it
/// among its extensions.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Execution {
    arn: Option<String>,
    name: Option<String>,
}

impl Execution {
    /// The execution's ARN. Emulators write other texts here, so do not take it apart.
    #[must_use]
    pub fn arn(&self) -> Option<&str> {
        self.arn.as_deref()
    }

    /// The name that the execution was started with, or that Lambda gave it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// What is in an envelope.
#[derive(Clone)]
#[non_exhaustive]
pub struct ExecutionEnvelope {
    /// Which execution it is.
    pub execution: Execution,
    /// What started it.
    pub input: Input,
    /// What allows calls about the execution, and must not be logged.
    pub(crate) token: Option<String>,
}

/// Shows no token, and of the event its length only.
impl fmt::Debug for ExecutionEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut envelope = f.debug_struct("ExecutionEnvelope");
        envelope
            .field("execution", &self.execution)
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

/// The event that started an execution.
#[derive(Clone)]
#[non_exhaustive]
pub enum Input {
    /// The event as it was sent. `{}` if the execution was started without one.
    Event(Bytes),
    /// It did not fit into the envelope: Lambda has it, on the page of this marker of the execution's state.
    Elsewhere {
        /// `NextMarker`.
        marker: String,
    },
}

/// Shows the length only, because payloads do not belong in logs.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => write!(f, "Event({} bytes)", event.len()),
            Self::Elsewhere { .. } => f.write_str("Elsewhere"),
        }
    }
}

/// Why an envelope cannot be opened: what is wrong, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidEnvelope(&'static str);

impl fmt::Display for InvalidEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidEnvelope {}

/// Opens the envelope of a durable execution. Its members may come in any order, and only the input has to be there.
///
/// # Errors
/// There is no input, or it is not a text.
///
/// # Example
///
/// ```
/// use switchboard::event::durable::{Input, open};
///
/// let payload = r#"{
///     "DurableExecutionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/order-17/5e2f",
///     "CheckpointToken": "t",
///     "InitialExecutionState": {"Operations": [{"Type": "EXECUTION", "ExecutionDetails": {"InputPayload": "{\"id\":17}"}}]}
/// }"#;
/// let envelope = open(&payload.into())?;
/// assert_eq!(envelope.execution.name(), Some("order-17"));
/// assert!(matches!(envelope.input, Input::Event(event) if event == r#"{"id":17}"#));
/// # Ok::<_, switchboard::event::durable::InvalidEnvelope>(())
/// ```
pub fn open(payload: &Bytes) -> Result<ExecutionEnvelope, InvalidEnvelope> {
    let [arn, token, operations, marker] = parts(
        payload,
        [
            Some("DurableExecutionArn"),
            Some("CheckpointToken"),
            Some("InitialExecutionState.Operations"),
            Some("InitialExecutionState.NextMarker"),
        ],
    );
    let arn = arn.and_then(text);
    let marker = marker.and_then(text);
    let started = operations.and_then(started);
    let [name, input] = started.map_or([None, None], |operation| {
        parts(operation, [Some("Name"), Some("ExecutionDetails.InputPayload")])
    });
    let name = name.and_then(text).or_else(|| name_in(arn.as_deref()?));
    let input = match (input, marker) {
        (Some(input), _) if input != b"null" => Input::Event(event(payload, input)?),
        (_, Some(marker)) => Input::Elsewhere { marker },
        _ if started.is_some() => Input::Event(NO_INPUT),
        _ => {
            return Err(InvalidEnvelope(
                "InitialExecutionState.Operations has no operation of type EXECUTION",
            ));
        }
    };
    Ok(ExecutionEnvelope {
        execution: Execution { arn, name },
        input,
        token: token.and_then(text),
    })
}

/// The event of this text. A blank one is none.
pub(crate) fn event_of(input: Bytes) -> Bytes {
    match input.trim_ascii().is_empty() {
        true => NO_INPUT,
        false => input,
    }
}

/// What a function gets that is invoked without a payload.
const NO_INPUT: Bytes = Bytes::from_static(b"{}");

/// The operation that stands for the execution itself. It comes first, so that the others are not read.
fn started(operations: &[u8]) -> Option<&[u8]> {
    let mut operations = Elements::of(str::from_utf8(operations).ok()?)?;
    let is_execution = |operation: &&str| {
        let kind = parts(operation.as_bytes(), [Some("Type")])[0];
        kind.is_some_and(|kind| kind == br#""EXECUTION""#)
    };
    operations.find(is_execution).map(str::as_bytes)
}

/// The event in a JSON text; without escapes it is not copied.
fn event(payload: &Bytes, input: &[u8]) -> Result<Bytes, InvalidEnvelope> {
    const WHERE: &str = "ExecutionDetails.InputPayload of the operation of type EXECUTION is not a text";
    let plain = input
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""))
        .filter(|text| memchr::memchr(b'\\', text).is_none());
    let event = match plain {
        Some(text) => payload.slice_ref(text),
        None => Bytes::from(serde_json::from_slice::<String>(input).map_err(|_| InvalidEnvelope(WHERE))?),
    };
    Ok(event_of(event))
}

/// A text that says something.
fn text(value: &[u8]) -> Option<String> {
    let text: Cow<'_, str> = serde_json::from_slice::<Option<Cow<'_, str>>>(value).ok()??;
    (!text.is_empty()).then(|| text.into_owned())
}

/// The name in an ARN: `…/durable-execution/NAME/ID`.
fn name_in(arn: &str) -> Option<String> {
    let (_, names) = arn.split_once("/durable-execution/")?;
    let (name, _) = names.rsplit_once('/')?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ARN: &str =
        "arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST/durable-execution/order-17/5e2f";

    fn envelope(state: &Value) -> Value {
        json!({"CheckpointToken": "t", "DurableExecutionArn": ARN, "InitialExecutionState": state})
    }

    fn execution(input: &Value) -> Value {
        json!({"Id": "5e2f", "Type": "EXECUTION", "Status": "STARTED", "ExecutionDetails": {"InputPayload": input}})
    }

    fn opened(json: &Value) -> Result<ExecutionEnvelope, InvalidEnvelope> {
        open(&json.to_string().into())
    }

    fn input(json: &Value) -> String {
        match opened(json).unwrap().input {
            Input::Event(event) => String::from_utf8(event.to_vec()).unwrap(),
            Input::Elsewhere { marker } => format!("elsewhere: {marker}"),
        }
    }

    #[test]
    fn the_event_is_the_text_that_started_the_execution() {
        for (sent, event) in [
            (json!(r#"{"a":"\u00e9\n"}"#), r#"{"a":"\u00e9\n"}"#),
            (json!("17"), "17"),
            (json!("not JSON"), "not JSON"),
            (json!(""), "{}"),
            (json!(" \n"), "{}"),
            (Value::Null, "{}"),
        ] {
            let step = json!({"Id": "1", "Type": "STEP", "Name": "s"});
            let state = json!({"Operations": [execution(&sent), step], "NextMarker": ""});
            assert_eq!(input(&envelope(&state)), event, "{sent}");
            let state = json!({"NextMarker": null, "Operations": [step, execution(&sent)]});
            assert_eq!(input(&envelope(&state)), event, "{sent}");
        }
    }

    #[test]
    fn what_did_not_fit_is_elsewhere() {
        let without = json!({"Type": "EXECUTION", "ExecutionDetails": {}});
        for state in [
            json!({"NextMarker": "m"}),
            json!({"NextMarker": "m", "Operations": null}),
            json!({"NextMarker": "m", "Operations": []}),
            json!({"NextMarker": "m", "Operations": [{"Type": "STEP"}]}),
            json!({"NextMarker": "m", "Operations": [without]}),
        ] {
            assert_eq!(input(&envelope(&state)), "elsewhere: m", "{state}");
        }
        assert_eq!(input(&envelope(&json!({"Operations": [without]}))), "{}");
        // More operations may follow an input that is there.
        let state = json!({"NextMarker": "m", "Operations": [execution(&json!("1"))]});
        assert_eq!(input(&envelope(&state)), "1");
    }

    #[test]
    fn an_envelope_without_input_says_where_it_should_be() {
        for state in [
            json!({}),
            json!({"Operations": []}),
            json!({"Operations": [{"Type": "STEP"}]}),
        ] {
            let problem = opened(&envelope(&state)).unwrap_err().to_string();
            assert!(problem.contains("InitialExecutionState.Operations"), "{problem}");
        }
        let state = json!({"Operations": [execution(&json!({"a": 1}))]});
        let problem = opened(&envelope(&state)).unwrap_err().to_string();
        assert!(problem.contains("ExecutionDetails.InputPayload"), "{problem}");
    }

    #[test]
    fn an_execution_has_the_name_it_says_or_that_of_its_arn() {
        let mut named = execution(&json!("1"));
        let name = |json: &Value| opened(json).unwrap().execution.name().map(str::to_owned);
        let state = |operation: &Value| json!({"Operations": [operation]});
        assert_eq!(name(&envelope(&state(&named))).as_deref(), Some("order-17"));
        named["Name"] = json!("order/18");
        assert_eq!(name(&envelope(&state(&named))).as_deref(), Some("order/18"));
        let mut other = envelope(&state(&execution(&json!("1"))));
        other["DurableExecutionArn"] = json!("0c1f/55d4");
        let execution = opened(&other).unwrap().execution;
        assert_eq!((execution.arn(), execution.name()), (Some("0c1f/55d4"), None));
        other["DurableExecutionArn"] = Value::Null;
        assert_eq!(opened(&other).unwrap().execution, Execution::default());
    }

    #[test]
    fn an_event_without_escapes_is_not_copied() {
        let payload =
            Bytes::from(envelope(&json!({"Operations": [execution(&json!("[1,2,3]"))]})).to_string());
        let Input::Event(event) = open(&payload).unwrap().input else {
            panic!("the event is there");
        };
        assert!(payload.as_ptr_range().contains(&event.as_ptr()));
    }
}

//! The operations of an execution as a tree, read from its history.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

/// What events are named after, and the types of operations.
const TYPES: [(&str, &str); 5] = [
    ("Step", "STEP"),
    ("Wait", "WAIT"),
    ("Callback", "CALLBACK"),
    ("Context", "CONTEXT"),
    ("ChainedInvoke", "CHAINED_INVOKE"),
];

/// An operation.
#[derive(Debug, Default)]
pub(super) struct OperationNode {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) name: Option<String>,
    pub(super) sub_type: Option<String>,
    pub(super) status: String,
    pub(super) started: f64,
    pub(super) ended: Option<f64>,
    pub(super) attempts: u64,
    pub(super) result: Option<String>,
    pub(super) error: Option<Value>,
    /// What else its start says: the id of a callback, when a wait ends, the function that is invoked.
    pub(super) callback_id: Option<String>,
    pub(super) due: Option<f64>,
    pub(super) function: Option<String>,
    pub(super) children: Vec<OperationNode>,
    parent: Option<String>,
}

/// What the history says about the invocations.
#[derive(Debug, Default)]
pub(super) struct Invocations {
    pub(super) total: usize,
    pub(super) failed: usize,
}

/// The operations, each with its children, in the order of their starts.
pub(super) fn operations(events: &[Value]) -> Vec<OperationNode> {
    let mut nodes: Vec<OperationNode> = Vec::new();
    let mut by_id: HashMap<&str, usize> = HashMap::new();
    for event in events {
        let event_type = event["EventType"].as_str().unwrap_or_default();
        let known = TYPES.iter().find(|(prefix, _)| event_type.starts_with(prefix));
        let (Some((prefix, kind)), Some(id)) = (known, event["Id"].as_str()) else {
            continue;
        };
        let index = *by_id.entry(id).or_insert_with(|| {
            nodes.push(OperationNode::new(id, kind, event));
            nodes.len() - 1
        });
        let details = &event[format!("{event_type}Details")];
        if let Some(node) = nodes.get_mut(index) {
            node.happened(
                &event_type[prefix.len()..],
                details,
                event["EventTimestamp"].as_f64(),
            );
        }
    }
    nested(nodes)
}

pub(super) fn invocations(events: &[Value]) -> Invocations {
    let ended = events
        .iter()
        .filter(|event| event["EventType"] == "InvocationCompleted");
    let failed = ended
        .clone()
        .filter(|event| event["InvocationCompletedDetails"]["Error"].is_object());
    Invocations {
        total: ended.count(),
        failed: failed.count(),
    }
}

/// Puts children below their parents, which have started before them.
fn nested(nodes: Vec<OperationNode>) -> Vec<OperationNode> {
    let ids: Vec<String> = nodes.iter().map(|node| node.id.clone()).collect();
    let mut top = Vec::new();
    let mut places: Vec<Option<OperationNode>> = nodes.into_iter().map(Some).collect();
    for index in (0..places.len()).rev() {
        let Some(mut node) = places.get_mut(index).and_then(Option::take) else {
            continue;
        };
        node.children.reverse();
        let parent = node
            .parent
            .as_ref()
            .and_then(|parent| ids.iter().position(|id| id == parent));
        match parent.and_then(|parent| places.get_mut(parent)?.as_mut()) {
            Some(parent) => parent.children.push(node),
            None => top.push(node),
        }
    }
    top.reverse();
    top
}

impl OperationNode {
    fn new(id: &str, kind: &'static str, event: &Value) -> Self {
        let text = |member: &str| event[member].as_str().map(str::to_owned);
        Self {
            id: id.to_owned(),
            kind,
            name: text("Name"),
            sub_type: text("SubType"),
            started: event["EventTimestamp"].as_f64().unwrap_or_default(),
            parent: text("ParentId"),
            ..Self::default()
        }
    }

    fn happened(&mut self, what: &str, details: &Value, at: Option<f64>) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let retry = &details["RetryDetails"];
        self.attempts = retry["CurrentAttempt"].as_u64().unwrap_or(self.attempts);
        if what == "Started" {
            self.status = "STARTED".to_owned();
            self.due = details["ScheduledEndTimestamp"].as_f64();
            self.callback_id = text(&details["CallbackId"]).or(self.callback_id.take());
            self.function = text(&details["FunctionName"]).or(self.function.take());
            return;
        }
        self.result = text(&details["Result"]["Payload"]);
        self.error = Some(&details["Error"]["Payload"])
            .filter(|error| error.is_object())
            .cloned();
        if let Some(delay) = retry["NextAttemptDelaySeconds"].as_f64() {
            self.status = "PENDING".to_owned();
            self.due = at.map(|at| at + delay);
            return;
        }
        self.due = None;
        self.ended = at;
        self.status = match what {
            "Succeeded" => "SUCCEEDED",
            "TimedOut" => "TIMED_OUT",
            "Stopped" => "STOPPED",
            "Cancelled" => "CANCELLED",
            _ => "FAILED",
        }
        .to_owned();
    }

    /// The operation with its children, for programs.
    pub(super) fn json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |member: &str, value: Value| {
            if !value.is_null() {
                object.insert(member.to_owned(), value);
            }
        };
        put("Id", json!(self.id));
        put("Type", json!(self.kind));
        put("Name", json!(self.name));
        put("SubType", json!(self.sub_type));
        put("Status", json!(self.status));
        put("StartTimestamp", json!(self.started));
        put("EndTimestamp", json!(self.ended));
        put(
            "Attempt",
            json!(Some(self.attempts).filter(|_| self.kind == "STEP")),
        );
        put("Due", json!(self.due));
        put("FunctionName", json!(self.function));
        put("CallbackId", json!(self.callback_id));
        put("Result", json!(self.result));
        put("Error", json!(self.error));
        let children: Vec<Value> = self.children.iter().map(OperationNode::json).collect();
        put("Operations", Value::from(children));
        object.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event_type: &str, id: &str, details: Value) -> Value {
        let mut event = json!({"EventType": event_type, "Id": id, "EventTimestamp": 10.0});
        event[format!("{event_type}Details")] = details;
        event
    }

    fn child(mut event: Value, parent: &str) -> Value {
        event["ParentId"] = parent.into();
        event
    }

    #[test]
    fn children_stand_below_their_parents_in_the_order_of_their_starts() {
        let events = [
            event("ContextStarted", "a", json!({})),
            child(event("ContextStarted", "b", json!({})), "a"),
            child(event("StepStarted", "c", json!({})), "b"),
            child(event("StepStarted", "d", json!({})), "a"),
            child(event("StepStarted", "lost", json!({})), "nobody"),
            event("WaitStarted", "e", json!({"ScheduledEndTimestamp": 12.5})),
        ];
        let tree = operations(&events);
        let ids = |nodes: &[OperationNode]| nodes.iter().map(|node| node.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&tree), ["a", "lost", "e"]);
        assert_eq!(ids(&tree[0].children), ["b", "d"]);
        assert_eq!(ids(&tree[0].children[0].children), ["c"]);
        assert_eq!((tree[2].status.as_str(), tree[2].due), ("STARTED", Some(12.5)));
    }

    #[test]
    fn a_failed_attempt_is_pending_until_the_last() {
        let failed = |retry: Value| json!({"Error": {"Payload": {"ErrorType": "E"}}, "RetryDetails": retry});
        let mut events = vec![
            event("StepStarted", "s", json!({})),
            event(
                "StepFailed",
                "s",
                failed(json!({"CurrentAttempt": 1, "NextAttemptDelaySeconds": 5})),
            ),
        ];
        let tree = operations(&events);
        assert_eq!(
            (tree[0].status.as_str(), tree[0].due, tree[0].ended),
            ("PENDING", Some(15.0), None)
        );
        events.push(event("StepStarted", "s", json!({})));
        events.push(event("StepFailed", "s", failed(json!({"CurrentAttempt": 2}))));
        let tree = operations(&events);
        assert_eq!(
            (tree[0].status.as_str(), tree[0].attempts, tree[0].ended),
            ("FAILED", 2, Some(10.0))
        );
        assert_eq!(tree[0].json()["Error"], json!({"ErrorType": "E"}));
    }
}

//! Compares what happened with what happens when nothing goes wrong.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::director::{SeenCalls, operation};
use super::play::Observation;

/// What is wrong.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DurableFindingKind {
    /// An effect happened again.
    Repeated,
    /// An effect did not happen, although the execution ended as always.
    Lost,
    /// An execution never ends.
    Stuck,
    /// An operation is not what it was before.
    NonDeterministic,
    /// An execution ended in another way than when nothing goes wrong.
    Otherwise,
}

impl DurableFindingKind {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Repeated => "repeated",
            Self::Lost => "lost",
            Self::Stuck => "stuck",
            Self::NonDeterministic => "non-deterministic",
            Self::Otherwise => "otherwise",
        }
    }
}

/// Something that is wrong with a durable function.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DurableFinding {
    /// The kind.
    pub kind: DurableFindingKind,
    /// What it is about: an effect, an operation, an execution.
    pub what: String,
}

impl DurableFinding {
    fn new(kind: DurableFindingKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
        }
    }

    pub(super) fn is_other_end(&self) -> bool {
        self.kind == DurableFindingKind::Otherwise
    }
}

/// How an execution ended.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct ExecutionEnd<'o> {
    status: &'o Value,
    result: &'o Value,
    error_type: &'o Value,
}

impl Observation {
    /// How the executions ended: the first, and those that have names which the function gave them.
    fn ends(&self) -> BTreeMap<&str, ExecutionEnd<'_>> {
        let ends = self.executions.iter().enumerate().map(|(number, execution)| {
            let name = execution["DurableExecutionName"].as_str().unwrap_or_default();
            (if number == 0 { "" } else { name }, end(execution))
        });
        ends.collect()
    }

    /// Whether executions of the same name ended in the same way.
    pub(super) fn ends_like(&self, other: &Self) -> bool {
        let theirs = other.ends();
        let mut own = self.ends().into_iter();
        own.all(|(name, end)| theirs.get(name).is_none_or(|their| *their == end))
    }

    /// What is wrong whatever happens otherwise.
    pub(super) fn own_findings(&self) -> Vec<DurableFinding> {
        use DurableFindingKind::{NonDeterministic, Repeated, Stuck};
        let repeated = self.lines.iter().filter(|(_, count)| **count > 1);
        let repeated =
            repeated.map(|(line, count)| DurableFinding::new(Repeated, format!("{line} ({count} times)")));
        let conflicts = self.conflicts.iter();
        let conflicts = conflicts.map(|conflict| DurableFinding::new(NonDeterministic, conflict));
        let stuck = self.stuck.iter().map(|why| DurableFinding::new(Stuck, why));
        let mut found: Vec<_> = repeated.chain(conflicts).chain(stuck).collect();
        for execution in &self.executions {
            let error = |member: &str| execution["Error"][member].as_str().unwrap_or_default();
            if error("ErrorType").contains("NonDeterministic") && self.conflicts.is_empty() {
                let message = error("ErrorMessage").lines().next().unwrap_or_default();
                found.push(DurableFinding::new(
                    NonDeterministic,
                    format!("the SDK says: {message}"),
                ));
            }
            if error("ErrorType") == "InvalidFunctionOutput" && error("ErrorMessage").contains("PENDING") {
                let why = "the function answers PENDING, and there is nothing that it waits for";
                found.push(DurableFinding::new(Stuck, why));
            }
        }
        found
    }

    /// The operations that are not the same, in executions that are.
    pub(super) fn differences(&self, other: &Self) -> Vec<DurableFinding> {
        let Some((first, second)) = self.executions.first().zip(other.executions.first()) else {
            return Vec::new();
        };
        if end(first) != end(second) {
            return Vec::new();
        }
        let named = |seen: &Self| -> BTreeMap<String, Value> {
            let others = seen.executions.iter().skip(1);
            others
                .map(|one| (one["DurableExecutionName"].to_string(), one.clone()))
                .collect()
        };
        let mut found = different(first, second);
        let theirs = named(other);
        for (name, own) in named(self) {
            if let Some(their) = theirs.get(&name).filter(|their| end(their) == end(&own)) {
                found.extend(different(&own, their));
            }
        }
        found
    }
}

fn end(execution: &Value) -> ExecutionEnd<'_> {
    ExecutionEnd {
        status: &execution["Status"],
        result: &execution["Result"],
        error_type: &execution["Error"]["ErrorType"],
    }
}

/// What is wrong in a run with mishaps.
pub(super) fn findings(reference: &Observation, is_stable: bool, seen: &Observation) -> Vec<DurableFinding> {
    let mut found = seen.own_findings();
    if !found
        .iter()
        .any(|finding| finding.kind == DurableFindingKind::NonDeterministic)
    {
        found.extend(reference.differences(seen));
    }
    if seen.stuck.is_some() || !is_stable {
        return found;
    }
    let mut ends_as_always = true;
    let ends = seen.ends();
    for (name, expected) in reference.ends() {
        // Executions that nobody has named have other names each time.
        let Some(end) = ends.get(name).filter(|end| **end != expected) else {
            continue;
        };
        ends_as_always = false;
        let explained = [DurableFindingKind::Stuck, DurableFindingKind::NonDeterministic];
        if !found.iter().any(|finding| explained.contains(&finding.kind)) {
            found.push(DurableFinding::new(
                DurableFindingKind::Otherwise,
                other_end(name, &expected, end),
            ));
        }
    }
    if ends_as_always {
        let lost = reference
            .lines
            .keys()
            .filter(|line| !seen.lines.contains_key(*line));
        found.extend(lost.map(|line| DurableFinding::new(DurableFindingKind::Lost, line)));
        let new = seen
            .lines
            .keys()
            .filter(|line| !reference.lines.contains_key(*line));
        let new = new.map(|line| format!("{line} happened, which does not happen otherwise"));
        found.extend(new.map(|what| DurableFinding::new(DurableFindingKind::Otherwise, what)));
    }
    found
}

fn other_end(name: &str, expected: &ExecutionEnd<'_>, end: &ExecutionEnd<'_>) -> String {
    let of = |end: &ExecutionEnd<'_>| match (end.status.as_str(), end.error_type.as_str()) {
        (status, Some(error_type)) => format!("{} ({error_type})", status.unwrap_or("?")),
        (status, None) => status.unwrap_or("?").to_owned(),
    };
    let who = match name {
        "" => "the execution".to_owned(),
        name => format!("execution {name}"),
    };
    match (of(expected), of(end)) {
        (expected, end) if expected != end => format!("{who} ended {end}, and without mishaps {expected}"),
        (end, _) => format!("{who} ended {end}, with another result than without mishaps"),
    }
}

/// The operations of two runs of the same execution that are not the same.
fn different(reference: &Value, seen: &Value) -> Vec<DurableFinding> {
    let operations = |execution: &Value| -> BTreeMap<String, Value> {
        let all = execution["Operations"].as_array().into_iter().flatten();
        all.map(|one| (one["Id"].to_string(), one.clone())).collect()
    };
    let (expected, seen) = (operations(reference), operations(seen));
    let mut found = Vec::new();
    let mut note = |what: String| {
        if !found.iter().any(|finding: &DurableFinding| finding.what == what) {
            found.push(DurableFinding::new(DurableFindingKind::NonDeterministic, what));
        }
    };
    for (id, own) in &expected {
        match seen.get(id) {
            Some(other) if !is_same(own, other) => {
                note(format!(
                    "{} is {} in another run",
                    operation(own),
                    operation(other)
                ));
            }
            None if is_settled(own) => note(format!("{} is not there in another run", operation(own))),
            _ => {}
        }
    }
    for (_, other) in seen
        .iter()
        .filter(|(id, other)| !expected.contains_key(*id) && is_settled(other))
    {
        note(format!("{} is there in one of two runs only", operation(other)));
    }
    found
}

fn is_same(one: &Value, other: &Value) -> bool {
    ["Type", "SubType", "Name", "ParentId"]
        .iter()
        .all(|fact| one[*fact] == other[*fact])
}

/// Whether it must be there each time: what runs side by side within a context may be left before it begins.
fn is_settled(operation: &Value) -> bool {
    let open = ["STARTED", "PENDING", "READY"];
    operation["ParentId"].is_null() && !open.iter().any(|status| operation["Status"] == *status)
}

impl SeenCalls {
    /// Why a run does not go on.
    pub(super) fn stuck(&self, most: usize) -> Option<String> {
        match () {
            () if self.hangs => Some("an invocation did not end within the function's timeout".to_owned()),
            () if self.invocations > most => Some(format!("there were more than {most} invocations")),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn observed(lines: &[&str], status: &str, operations: &[(&str, &str)]) -> Observation {
        let operation = |(id, name): &(&str, &str)| json!({"Id": id, "Type": "STEP", "Name": name, "Status": "SUCCEEDED"});
        let operations: Vec<Value> = operations.iter().map(operation).collect();
        let mut counts = BTreeMap::new();
        lines
            .iter()
            .for_each(|line| *counts.entry((*line).to_owned()).or_default() += 1);
        Observation {
            lines: counts,
            has_ledger: true,
            executions: vec![
                json!({"DurableExecutionName": "n", "Status": status, "Operations": operations}),
            ],
            ..Observation::default()
        }
    }

    fn found(seen: &Observation) -> Vec<(DurableFindingKind, String)> {
        let reference = observed(
            &["charge", "ship"],
            "SUCCEEDED",
            &[("1", "charge"), ("2", "ship")],
        );
        let found = findings(&reference, true, seen);
        found
            .into_iter()
            .map(|finding| (finding.kind, finding.what))
            .collect()
    }

    const OPERATIONS: [(&str, &str); 2] = [("1", "charge"), ("2", "ship")];

    #[test]
    fn what_happens_as_always_is_sound() {
        assert_eq!(
            found(&observed(&["ship", "charge"], "SUCCEEDED", &OPERATIONS)),
            []
        );
    }

    #[test]
    fn each_kind_is_found() {
        use DurableFindingKind::{Lost, NonDeterministic, Otherwise, Repeated, Stuck};
        let repeated = observed(&["charge", "ship", "ship"], "SUCCEEDED", &OPERATIONS);
        assert_eq!(found(&repeated), [(Repeated, "ship (2 times)".to_owned())]);
        let lost = observed(&["charge"], "SUCCEEDED", &OPERATIONS);
        assert_eq!(found(&lost), [(Lost, "ship".to_owned())]);
        let failed = observed(&["charge"], "FAILED", &OPERATIONS[..1]);
        assert_eq!(
            found(&failed),
            [(
                Otherwise,
                "the execution ended FAILED, and without mishaps SUCCEEDED".to_owned()
            )]
        );
        let swapped = observed(
            &["charge", "ship"],
            "SUCCEEDED",
            &[("1", "ship"), ("2", "charge")],
        );
        assert_eq!(
            found(&swapped)[0],
            (
                NonDeterministic,
                "STEP charge is STEP ship in another run".to_owned()
            )
        );
        let more = observed(
            &["charge", "ship"],
            "SUCCEEDED",
            &[OPERATIONS[0], OPERATIONS[1], ("3", "tell")],
        );
        assert_eq!(found(&more)[0].0, NonDeterministic);
        let extra = observed(&["charge", "ship", "refund"], "SUCCEEDED", &OPERATIONS);
        assert_eq!(found(&extra)[0].0, Otherwise);
        let mut stuck = observed(&["charge"], "RUNNING", &OPERATIONS[..1]);
        stuck.stuck = Some("why".to_owned());
        assert_eq!(found(&stuck), [(Stuck, "why".to_owned())]);
        let mut waiting = observed(&["charge"], "FAILED", &OPERATIONS[..1]);
        waiting.executions[0]["Error"] =
            json!({"ErrorType": "InvalidFunctionOutput", "ErrorMessage": "its Status is PENDING"});
        assert_eq!(found(&waiting)[0].0, Stuck);
    }

    #[test]
    fn ledgers_that_differ_by_themselves_are_not_compared() {
        let reference = observed(&["at 12:00"], "SUCCEEDED", &OPERATIONS);
        let seen = observed(&["at 12:01"], "SUCCEEDED", &OPERATIONS);
        assert!(findings(&reference, false, &seen).is_empty());
        assert_eq!(findings(&reference, true, &seen).len(), 2);
    }
}

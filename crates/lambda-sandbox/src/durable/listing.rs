//! Executions as the API describes and lists them.

use serde_json::{Value, json};

use super::execution::Execution;
use super::machine::Machine;
use super::refusal::DurableRefusal;
use super::time::{Time, Times};

/// How many executions or events a page has, unless the caller asks for another number.
const PAGE: usize = 100;

/// Which executions to list.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) function: String,
    pub(super) name: Option<String>,
    pub(super) statuses: Vec<String>,
    pub(super) after: Option<Time>,
    pub(super) before: Option<Time>,
}

/// Which page to show.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) marker: Option<String>,
    pub(super) most: Option<usize>,
    pub(super) reverse: bool,
}

impl Page {
    /// The items from the marker on, which has the number of the first, and the next marker.
    fn of<T>(&self, items: Vec<T>) -> Result<(Vec<T>, Option<String>), DurableRefusal> {
        let from = match self.marker.as_deref() {
            None | Some("") => Ok(0),
            Some(marker) => marker.parse(),
        };
        let from: usize =
            from.map_err(|_| DurableRefusal::invalid("Marker must be a NextMarker of this list"))?;
        let most = self
            .most
            .filter(|most| *most > 0)
            .unwrap_or(PAGE)
            .min(super::machine::LARGEST_PAGE);
        let count = items.len();
        let items: Vec<T> = match self.reverse {
            true => items.into_iter().rev().skip(from).take(most).collect(),
            false => items.into_iter().skip(from).take(most).collect(),
        };
        let next = from + items.len();
        Ok((
            items,
            Some(next)
                .filter(|next| *next < count)
                .map(|next| next.to_string()),
        ))
    }
}

impl Filter {
    fn takes(&self, execution: &Execution) -> bool {
        let began = execution.began();
        *self.function == *execution.beginning.function
            && self.name.as_ref().is_none_or(|name| *name == execution.name)
            && (self.statuses.is_empty()
                || self
                    .statuses
                    .iter()
                    .any(|status| status == execution.status.name()))
            && self.after.is_none_or(|after| began > after)
            && self.before.is_none_or(|before| began < before)
    }
}

impl Machine {
    /// `ListDurableExecutionsByFunction`.
    ///
    /// # Errors
    /// If the marker is none.
    pub(super) fn list(&self, filter: &Filter, page: &Page) -> Result<Value, DurableRefusal> {
        let found = self.all().map(|(_, execution)| execution);
        let (shown, next) = page.of(found.filter(|execution| filter.takes(execution)).collect())?;
        let mut list = json!({"DurableExecutions": shown.into_iter().map(head).collect::<Vec<_>>()});
        list.extend(next);
        Ok(list)
    }

    /// `GetDurableExecutionHistory`.
    ///
    /// # Errors
    /// If there is no such execution, or the marker is none.
    pub(super) fn history(&self, arn: &str, page: &Page, with_data: bool) -> Result<Value, DurableRefusal> {
        let execution = self.execution(arn)?;
        let events = execution.history.iter().enumerate().collect();
        let (shown, next) = page.of(events)?;
        let written = shown
            .into_iter()
            .map(|(index, event)| event.written(index + 1, &execution.operations, with_data));
        let mut history = json!({"Events": written.collect::<Vec<_>>()});
        history.extend(next);
        Ok(history)
    }

    /// `GetDurableExecution`.
    ///
    /// # Errors
    /// If there is no such execution.
    pub(super) fn describe(&self, arn: &str, with_data: bool) -> Result<Value, DurableRefusal> {
        let execution = self.execution(arn)?;
        let mut described = head(execution);
        described["Version"] = "$LATEST".into();
        described["ExecutionDataIncluded"] = with_data.into();
        if let Some(timeout) = execution.beginning.timeout {
            described["DurableConfig"] = json!({"ExecutionTimeout": timeout});
        }
        if let Some(trace) = &execution.beginning.trace_id {
            described["TraceHeader"] = json!({"XAmznTraceId": trace});
        }
        if with_data {
            described["InputPayload"] = (*execution.beginning.input).into();
            if let Some(result) = &execution.result {
                described["Result"] = (**result).into();
            }
            if let Some(error) = &execution.error {
                described["Error"] = json!(error);
            }
        }
        Ok(described)
    }
}

/// Adds the marker of the next page.
trait Extend {
    fn extend(&mut self, next: Option<String>);
}

impl Extend for Value {
    fn extend(&mut self, next: Option<String>) {
        if let Some(next) = next {
            self["NextMarker"] = next.into();
        }
    }
}

/// What a list says about an execution.
fn head(execution: &Execution) -> Value {
    let mut head = json!({
        "DurableExecutionArn": *execution.arn,
        "DurableExecutionName": execution.name,
        "FunctionArn": format!("{}:$LATEST", execution.beginning.function_arn),
        "Status": execution.status.name(),
        "StartTimestamp": execution.began().written(Times::Seconds),
    });
    if let Some(ended) = execution.ended() {
        head["EndTimestamp"] = ended.written(Times::Seconds).into();
    }
    head
}

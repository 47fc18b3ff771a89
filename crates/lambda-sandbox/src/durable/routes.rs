//! The operations of the API, by their paths.

use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::listing::Page;
use super::refusal::DurableRefusal;
use super::time::Time;

/// The prefix of all paths.
const ROOT: &str = "/2025-12-01/";

/// The largest body of a checkpoint, in bytes: payloads of 6 MB, escaped.
pub(super) const CHECKPOINT: usize = 16 << 20;

/// An operation that a request asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum DurableRoute {
    Checkpoint(String),
    State(String),
    History(String),
    Get(String),
    Stop(String),
    List(String),
    Succeed(String),
    Fail(String),
    Heartbeat(String),
    /// An operation of this service, and not of Lambda: its clock jumps to the next timer.
    NextTimer,
}

/// The operation of a request, if it is one of this API.
pub(super) fn operation(request: &Parts) -> Option<DurableRoute> {
    let path = request.uri.path().strip_prefix(ROOT)?;
    let (resource, rest) = path.split_once('/')?;
    let rest = rest.trim_end_matches('/');
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    let named = |id: &str| percent_decode_str(id).decode_utf8_lossy().into_owned();
    // The whole ARN is escaped, but not by everybody who writes to this service by hand.
    let (id, verb) = rest.rsplit_once('/').unwrap_or((rest, ""));
    match (resource, verb) {
        ("durable-executions", "checkpoint") if post => Some(DurableRoute::Checkpoint(named(id))),
        ("durable-executions", "stop") if post => Some(DurableRoute::Stop(named(id))),
        ("durable-executions", "state") if get => Some(DurableRoute::State(named(id))),
        ("durable-executions", "history") if get => Some(DurableRoute::History(named(id))),
        ("durable-executions", _) if get && !rest.is_empty() => Some(DurableRoute::Get(named(rest))),
        ("functions", "durable-executions") if get => Some(DurableRoute::List(named(id))),
        ("durable-execution-callbacks", "succeed") if post => Some(DurableRoute::Succeed(named(id))),
        ("durable-execution-callbacks", "fail") if post => Some(DurableRoute::Fail(named(id))),
        ("durable-execution-callbacks", "heartbeat") if post => Some(DurableRoute::Heartbeat(named(id))),
        ("durable-clock", _) if post && rest == "next-timer" => Some(DurableRoute::NextTimer),
        _ => None,
    }
}

/// The query of a request.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(request: &Parts) -> Self {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = request.uri.query().unwrap_or_default().split('&');
        let pairs = pairs.filter_map(|pair| pair.split_once('='));
        Self(
            pairs
                .map(|(name, value)| (decoded(name), decoded(value)))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(own, _)| own == name);
        pair.map(|(_, value)| value.as_str())
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.0.iter().filter(move |(own, _)| own == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// # Errors
    /// If the value is neither `true` nor `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, DurableRefusal> {
        match self.get(name) {
            None => Ok(None),
            Some(text) => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(Some(true)),
                "false" => Ok(Some(false)),
                _ => Err(DurableRefusal::invalid(format!("{name} must be true or false"))),
            },
        }
    }

    /// # Errors
    /// If it is not a number up to 1000.
    pub(super) fn most(&self) -> Result<Option<usize>, DurableRefusal> {
        let read = |text: &str| {
            text.parse()
                .ok()
                .filter(|most| *most <= super::machine::LARGEST_PAGE)
        };
        let refusal = || DurableRefusal::invalid("MaxItems must be a number from 0 to 1000");
        self.get("MaxItems")
            .map(|text| read(text).ok_or_else(refusal))
            .transpose()
    }

    /// # Errors
    /// If it is neither a date with a time, nor seconds since the epoch.
    pub(super) fn time(&self, name: &str) -> Result<Option<Time>, DurableRefusal> {
        let read = |text: &str| {
            let date = chrono::DateTime::parse_from_rfc3339(text).ok();
            let seconds = || text.parse::<f64>().ok().map(|seconds| (seconds * 1e6) as i64);
            let micros = date.map(|date| date.timestamp_micros()).or_else(seconds);
            micros.map(Time::from_micros)
        };
        let refusal = || DurableRefusal::invalid(format!("{name} must be a time"));
        self.get(name)
            .map(|text| read(text).ok_or_else(refusal))
            .transpose()
    }

    /// # Errors
    /// If one of its parameters is invalid.
    pub(super) fn page(&self) -> Result<Page, DurableRefusal> {
        Ok(Page {
            marker: self.get("Marker").map(str::to_owned),
            most: self.most()?,
            reverse: self.flag("ReverseOrder")?.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: &str, path: &str) -> Parts {
        let request = http::Request::builder().method(method).uri(path);
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn an_arn_is_escaped_as_a_whole_or_not_at_all() {
        let arn = "arn:aws:lambda:eu-west-1:000000000000:function:f:$LATEST/durable-execution/n/i";
        let escaped = "arn%3Aaws%3Alambda%3Aeu-west-1%3A000000000000%3Afunction%3Af%3A%24LATEST%2Fdurable-execution%2Fn%2Fi";
        for text in [arn, escaped] {
            let of = |method, verb: &str| {
                operation(&parts(
                    method,
                    &format!("/2025-12-01/durable-executions/{text}{verb}"),
                ))
            };
            assert_eq!(of("GET", ""), Some(DurableRoute::Get(arn.to_owned())));
            assert_eq!(
                of("GET", "/state?CheckpointToken=a"),
                Some(DurableRoute::State(arn.to_owned()))
            );
            assert_eq!(
                of("POST", "/checkpoint"),
                Some(DurableRoute::Checkpoint(arn.to_owned()))
            );
            assert_eq!(of("POST", "/state"), None);
        }
    }

    #[test]
    fn queries_are_read_strictly() {
        let query = Query::of(&parts(
            "GET",
            "/?MaxItems=7&ReverseOrder=True&Statuses=A&Statuses=B&StartedAfter=1970-01-01T00%3A00%3A01Z",
        ));
        assert_eq!(query.most(), Ok(Some(7)));
        assert_eq!(query.flag("ReverseOrder"), Ok(Some(true)));
        assert_eq!(query.all("Statuses").collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(query.time("StartedAfter"), Ok(Some(Time::from_micros(1_000_000))));
        let wrong = Query::of(&parts(
            "GET",
            "/?MaxItems=1001&ReverseOrder=yes&StartedAfter=soon",
        ));
        assert!(
            wrong.most().is_err()
                && wrong.flag("ReverseOrder").is_err()
                && wrong.time("StartedAfter").is_err()
        );
    }
}

//! The summary of an invocation in one line, like `REPORT` in Lambda's logs.

use std::time::Duration;

use bytes::Bytes;
use switchboard::source::detect;

use super::text::harmless;
use crate::cli::output::{BAD, DIM, GOOD, readable};
use crate::deliver::{Verdict, judge_reply, one_line};
use lambda_sandbox::{Finished, FunctionError, Outcome};

/// The longest error message, in characters. The reply has the full message.
const MESSAGE: usize = 500;

/// What is known about an invocation.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Summary {
    pub(in crate::cli) verdict: Verdict,
    pub(in crate::cli) source: &'static str,
    /// The duration of the invocation.
    pub(in crate::cli) duration: Duration,
    /// The duration of the start, if the process was started for this invocation.
    pub(in crate::cli) init: Option<Duration>,
    /// The peak memory of the process so far, in MB.
    pub(in crate::cli) peak_mb: Option<u64>,
    /// The memory size that the function sees, in MB.
    pub(in crate::cli) memory_mb: Option<u64>,
    /// The execution environment, if there are several.
    pub(in crate::cli) environment: Option<u32>,
    /// Empty if there is none.
    pub(in crate::cli) request_id: String,
}

impl Summary {
    /// A summary from the payload and the result. The caller adds the rest.
    pub(in crate::cli) fn new(
        payload: &[u8],
        result: &Result<Bytes, FunctionError>,
        duration: Duration,
    ) -> Self {
        let detected = detect(payload);
        let verdict = match result {
            Ok(reply) => judge_reply(detected.source, detected.batch, reply),
            Err(error) => Verdict::Failed(format!(
                "error {}{}",
                shortened(&error.to_string()),
                way_out(error)
            )),
        };
        Self {
            verdict,
            source: detected.source.as_str(),
            duration,
            init: None,
            peak_mb: None,
            memory_mb: None,
            environment: None,
            request_id: String::new(),
        }
    }

    /// A summary of an invocation of a function with this memory size.
    pub(in crate::cli) fn of(finished: &Finished<'_>, memory_mb: u32) -> Self {
        Self {
            init: finished.init_duration,
            ..Self::of_outcome(finished.payload, finished.outcome, memory_mb)
        }
    }

    /// A summary of an outcome, with the start that it names.
    pub(in crate::cli) fn of_outcome(payload: &[u8], outcome: &Outcome, memory_mb: u32) -> Self {
        Self {
            init: outcome.init_duration,
            peak_mb: outcome.peak_memory.map(|bytes| bytes.div_ceil(1 << 20)),
            memory_mb: Some(memory_mb.into()),
            request_id: outcome.request_id.clone(),
            ..Self::new(payload, &outcome.result, outcome.duration)
        }
    }

    /// `ok   s3   1.2 ms   init 24.1 ms   memory 14 of 128 MB   request 5c0f…`, without unknown parts.
    pub(in crate::cli) fn text(&self) -> String {
        let style = if self.verdict.is_failed() { BAD } else { GOOD };
        let mut facts = vec![
            format!("{style}{}{style:#}", harmless(self.verdict.text())),
            self.source.to_owned(),
            readable(self.duration),
        ];
        facts.extend(self.init.map(|init| format!("init {}", readable(init))));
        facts.extend(self.peak_mb.map(|peak| match self.memory_mb {
            Some(memory) => format!("memory {peak} of {memory} MB"),
            None => format!("memory {peak} MB"),
        }));
        facts.extend(self.environment.map(|number| format!("environment {number}")));
        if !self.request_id.is_empty() {
            let id = harmless(&self.request_id);
            facts.push(format!("{DIM}request {id}{DIM:#}"));
        }
        facts.join("   ")
    }
}

/// What to do about an error that Lambda itself composes, whose words do not say it.
fn way_out(error: &FunctionError) -> &'static str {
    match error.error_type.as_str() {
        "Function.ResponseSizeTooLarge" => {
            " Stream replies over 6 MB; store what is over 200 MB in S3 and return a reference."
        }
        _ => "",
    }
}

fn shortened(message: &str) -> String {
    let message = one_line(message);
    match message.char_indices().nth(MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINESIS: &[u8] =
        br#"{"Records":[{"eventSource":"aws:kinesis","kinesis":{}},{"eventSource":"aws:kinesis"}]}"#;

    fn plain(summary: &Summary) -> String {
        anstream::adapter::strip_str(&summary.text()).to_string()
    }

    #[test]
    fn what_is_known_is_said() {
        let millisecond = Duration::from_millis(1);
        let bare = Summary::new(b"{}", &Ok(Bytes::from_static(b"{}")), millisecond);
        assert_eq!(plain(&bare), "ok   unknown   1.0 ms");
        let full = Summary {
            init: Some(24 * millisecond),
            peak_mb: Some(14),
            memory_mb: Some(128),
            request_id: "5c0f".to_owned(),
            ..bare
        };
        assert_eq!(
            plain(&full),
            "ok   unknown   1.0 ms   init 24.0 ms   memory 14 of 128 MB   request 5c0f"
        );
    }

    #[test]
    fn the_reply_is_judged_as_the_source_does() {
        let reply = Ok(Bytes::from_static(
            br#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#,
        ));
        let summary = Summary::new(KINESIS, &reply, Duration::from_secs(2));
        assert_eq!(plain(&summary), "1 failed   kinesis   2.00 s");
    }

    #[test]
    fn a_reply_that_is_too_large_has_a_way_out() {
        let error = FunctionError::new("Function.ResponseSizeTooLarge", "Response payload size exceeded.");
        let text = plain(&Summary::new(b"{}", &Err(error), Duration::ZERO));
        let expected = "error Function.ResponseSizeTooLarge: Response payload size exceeded. Stream replies over 6 MB; store what is \
                        over 200 MB in S3 and return a reference.   unknown   0.0 ms";
        assert_eq!(text, expected);
    }

    #[test]
    fn errors_are_one_line_and_not_endless() {
        let error = FunctionError::new("Mine", format!("no\n\u{7} {}", "x".repeat(1000)));
        let text = plain(&Summary::new(b"{}", &Err(error), Duration::ZERO));
        assert!(text.starts_with("error Mine: no \\u{7} xxx"), "{text}");
        assert!(text.ends_with("x…   unknown   0.0 ms"), "{text}");
    }
}

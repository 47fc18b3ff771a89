//! Every rule, with its code and description. `docs/doctor.md` has the same table.

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Events are lost, repeated or refused.
    Error,
    /// Events may be lost one day, or too much is allowed.
    Warning,
    /// Worth knowing.
    Note,
}

/// A rule. Its code never changes and is never reused.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) code: &'static str,
    /// The highest severity of its findings.
    pub(crate) severity: Severity,
    /// What is found.
    pub(crate) title: &'static str,
    /// Why it matters.
    pub(crate) why: &'static str,
    /// How to fix it.
    pub(crate) mend: &'static str,
}

macro_rules! rules {
    ($($name:ident = $code:literal $severity:ident $title:literal why $why:literal mend $mend:literal;)*) => {
        $(pub(super) static $name: Rule = Rule {
            code: $code,
            severity: Severity::$severity,
            title: $title,
            why: $why,
            mend: $mend,
        };)*
        /// Every rule, by code.
        pub(crate) static RULES: &[&Rule] = &[$(&$name,)*];
    };
}

rules! {
    PARTIAL_ANSWERS = "SB0101" Error
        "A mapping ignores the function's partial answers"
        why "The function answers with batchItemFailures, but Lambda treats every answer as success: the failed records of the batch are lost."
        mend "Give the mapping FunctionResponseTypes: [ReportBatchItemFailures].";
    ENDLESS_RETRIES = "SB0102" Error
        "A stream retries forever"
        why "A record that always fails blocks its shard until it expires, and the records behind it that expire meanwhile are silently lost."
        mend "Set MaximumRetryAttempts or MaximumRecordAgeInSeconds below the stream's retention.";
    STREAM_FAILURES = "SB0103" Error
        "A stream has no on-failure destination"
        why "Records that Lambda gives up on are lost, and nothing records their position in the stream."
        mend "Set DestinationConfig.OnFailure to a queue, a topic or a bucket, and let the role write there.";
    VISIBILITY = "SB0104" Error
        "A queue's visibility timeout is too short for the function"
        why "Messages become visible again while the function is still processing them, so they are processed twice and soon exceed the maximum receive count."
        mend "Set VisibilityTimeout to at least 6 times the function's timeout, plus the mapping's batching window.";
    FIFO_BATCH = "SB0105" Error
        "A mapping of a FIFO queue has a batch setting that FIFO queues do not support"
        why "Lambda refuses the mapping: batches of a FIFO queue have at most 10 messages and no batching window."
        mend "Set BatchSize to 10 or less and leave out MaximumBatchingWindowInSeconds.";
    POISON_MESSAGES = "SB0106" Warning
        "A queue that triggers the function has no dead-letter queue"
        why "A message that always fails is redelivered until it expires, and is then deleted."
        mend "Give the queue a RedrivePolicy with a deadLetterTargetArn and a maxReceiveCount of at least 5.";
    ASYNC_FAILURES = "SB0201" Error
        "Failed asynchronous events have no destination"
        why "Lambda drops an event after its last retry or when it is too old, and the source does not send it again."
        mend "Set EventInvokeConfig's DestinationConfig.OnFailure (or a DeadLetterQueue), and let the role send there.";
    RULE_FAILURES = "SB0202" Warning
        "A rule or schedule has no dead-letter queue"
        why "EventBridge drops events that it cannot deliver to Lambda after its retries, for example because a permission is missing or calls are throttled."
        mend "Give the target a DeadLetterConfig with the ARN of a queue that events.amazonaws.com (for a schedule: its role) may send to.";
    RECURSION = "SB0203" Error
        "The function can write to the bucket that triggers it"
        why "Each object it writes triggers it again, in a loop that only Lambda's recursion detection ends, by dropping events."
        mend "Write to another bucket, or give the notification a prefix or suffix that the function's role cannot write to.";
    PAYLOAD_FORMAT = "SB0301" Error
        "An HTTP API sends a payload format that the code does not support"
        why "The function only has a route for the other version and refuses every request; callers see 500."
        mend "Set PayloadFormatVersion to the supported version, or register a route that supports both, as Router::http does.";
    API_TIMEOUT = "SB0302" Warning
        "The function may run longer than the API waits"
        why "The caller gets 504 and may retry while the function is still processing the first request."
        mend "Set the function's Timeout no higher than the integration's, or raise the integration's (for a REST API, by a quota increase).";
    READ_RIGHTS = "SB0401" Error
        "The role may not read the event source"
        why "Lambda polls the source with the function's role. Without these permissions no event arrives."
        mend "Allow the role these actions on the source's ARN.";
    SEND_RIGHTS = "SB0402" Error
        "The role may not send to the failure destination"
        why "Failed events are lost although a destination is configured."
        mend "Allow the role this action on the destination's ARN.";
    INVOKE_RIGHTS = "SB0403" Error
        "The source may not invoke the function"
        why "Lambda refuses every invocation, and the events are lost after the source's retries."
        mend "Add an AWS::Lambda::Permission for the service, with the SourceArn of this source.";
    QUEUE_RIGHTS = "SB0404" Error
        "EventBridge may not send to the rule's dead-letter queue"
        why "Undeliverable events are lost although a queue is configured: the queue's own policy must let EventBridge send to it."
        mend "Add an AWS::SQS::QueuePolicy that allows events.amazonaws.com sqs:SendMessage, with the rule's ARN as aws:SourceArn.";
    WIDE_ROLE = "SB0405" Warning
        "The role allows more than a function needs"
        why "An attacker who takes over the function can read, change and delete unrelated resources."
        mend "Allow only the actions that the function calls, on the ARNs it needs.";
    WIDE_PERMISSION = "SB0406" Warning
        "More than one source may invoke the function"
        why "Any resource of that service, in any account, can invoke the function; and after a bucket is deleted, another account can take its name."
        mend "Give the permission a SourceArn, and for a bucket a SourceAccount too.";
    LOG_RETENTION = "SB0501" Note
        "Log events never expire"
        why "Storage costs grow every month, and personal data in the logs is never deleted."
        mend "Declare the log group with RetentionInDays, and name it in the function's LoggingConfig.";
    IDLE_ROUTE = "SB0601" Warning
        "A registered handler has no trigger"
        why "The code that handles these events never runs."
        mend "Add the trigger, or remove the route.";
    UNROUTED_TRIGGER = "SB0602" Error
        "A trigger has no handler"
        why "The function refuses these events as unrouted, and they are lost after the source's retries."
        mend "Register a handler for this source, or remove the trigger.";
}

/// The rules that require the code's routes.
pub(crate) const OF_ROUTES: [&str; 4] = ["SB0101", "SB0301", "SB0601", "SB0602"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_rule_word_by_word() {
        let documentation = include_str!("../../../../../docs/doctor.md");
        for rule in RULES {
            let severity = format!("{:?}", rule.severity).to_lowercase();
            let row = format!(
                "| `{}` | {severity} | {} | {} | {} |\n",
                rule.code, rule.title, rule.why, rule.mend
            );
            assert!(
                documentation.contains(&row),
                "docs/doctor.md lacks this row:\n{row}"
            );
        }
        assert_eq!(documentation.matches("\n| `SB").count(), RULES.len());
    }

    #[test]
    fn codes_stand_in_order_and_once() {
        assert!(RULES.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(
            OF_ROUTES
                .iter()
                .all(|code| RULES.iter().any(|rule| rule.code == *code))
        );
    }
}

//! Every rule: its code, and what is to be known of it. `docs/doctor.md` has the same table.

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Events are lost, repeated or refused.
    Error,
    /// It will hurt some day, or more is allowed than should be.
    Warning,
    /// Worth knowing.
    Note,
}

/// A rule. Its code never changes, and is never used again for another.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) code: &'static str,
    /// The gravest that its findings have.
    pub(crate) severity: Severity,
    /// What is found.
    pub(crate) title: &'static str,
    /// Why it hurts.
    pub(crate) why: &'static str,
    /// How to mend it.
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
        why "The function answers with batchItemFailures, and Lambda takes any answer for success: every failed record of the batch is lost."
        mend "Give the mapping FunctionResponseTypes: [ReportBatchItemFailures].";
    ENDLESS_RETRIES = "SB0102" Error
        "A stream is tried again without end"
        why "One record that always fails holds up its shard until it expires, and what expires behind it is lost without a word."
        mend "Set MaximumRetryAttempts or MaximumRecordAgeInSeconds below the stream's retention.";
    STREAM_FAILURES = "SB0103" Error
        "A stream has no on-failure destination"
        why "What is given up after the last retry or for its age is gone, and nothing tells where in the stream it was."
        mend "Set DestinationConfig.OnFailure to a queue, a topic or a bucket, and let the role write there.";
    VISIBILITY = "SB0104" Error
        "A queue's visibility timeout is too short for the function"
        why "Messages become visible again while the function still has them, so they are handled twice and soon count as received too often."
        mend "Set VisibilityTimeout to at least 6 times the function's timeout, plus the mapping's batching window.";
    FIFO_BATCH = "SB0105" Error
        "A mapping of a FIFO queue has a batch setting that FIFO queues do not take"
        why "Lambda refuses the mapping: batches of a FIFO queue have at most 10 messages and no batching window."
        mend "Set BatchSize to 10 or less and leave out MaximumBatchingWindowInSeconds.";
    POISON_MESSAGES = "SB0106" Warning
        "A queue that wakes the function has no dead-letter queue"
        why "A message that always fails comes back again and again until it expires, and is then deleted."
        mend "Give the queue a RedrivePolicy with a deadLetterTargetArn and a maxReceiveCount of at least 5.";
    ASYNC_FAILURES = "SB0201" Error
        "Asynchronous events that fail for good go nowhere"
        why "Lambda drops an event when its retries are used up or it is too old, and its source will not send it again."
        mend "Set EventInvokeConfig's DestinationConfig.OnFailure (or a DeadLetterQueue), and let the role send there.";
    RULE_FAILURES = "SB0202" Warning
        "A rule or schedule has no dead-letter queue"
        why "What EventBridge cannot hand to Lambda at all, for want of a right or for throttling, it drops after its retries."
        mend "Give the target a DeadLetterConfig with the ARN of a queue that events.amazonaws.com (for a schedule: its role) may send to.";
    RECURSION = "SB0203" Error
        "The function may write to the bucket that wakes it"
        why "Each object it writes wakes it again: a loop that nothing ends but the bill or Lambda's own detection, which drops events."
        mend "Write to another bucket, or give the notification a prefix or suffix that the function's role cannot write below.";
    PAYLOAD_FORMAT = "SB0301" Error
        "An HTTP API sends a payload format that the code does not serve"
        why "The function has a route for the other version only and refuses every request; callers see 500."
        mend "Set PayloadFormatVersion to the version that is served, or register a route that serves both, as Router::http does.";
    API_TIMEOUT = "SB0302" Warning
        "The function may run longer than the API waits"
        why "The caller gets 504 and may try again, while the function goes on with the first request."
        mend "Set the function's Timeout no higher than the integration's, or raise that (a REST API's, by quota).";
    READ_RIGHTS = "SB0401" Error
        "The role may not read what wakes the function"
        why "Lambda polls with the function's role: without these rights no event arrives."
        mend "Allow the role these actions on the source's ARN.";
    SEND_RIGHTS = "SB0402" Error
        "The role may not send to the destination of failures"
        why "What failed for good is lost although a place for it is configured."
        mend "Allow the role this action on the destination's ARN.";
    INVOKE_RIGHTS = "SB0403" Error
        "The source may not invoke the function"
        why "Every invocation is refused, and the events are lost after the source's retries."
        mend "Add an AWS::Lambda::Permission for the service, with the SourceArn of this source.";
    QUEUE_RIGHTS = "SB0404" Error
        "EventBridge may not send to the rule's dead-letter queue"
        why "What could not be delivered is lost although a queue for it is configured: EventBridge sends by the queue's own policy."
        mend "Add an AWS::SQS::QueuePolicy that allows events.amazonaws.com sqs:SendMessage, with the rule's ARN as aws:SourceArn.";
    WIDE_ROLE = "SB0405" Warning
        "The role allows more than a function needs"
        why "Whoever takes over the function may do as much: read, change and delete what it has nothing to do with."
        mend "Name the actions that are called and the ARNs they are called on.";
    WIDE_PERMISSION = "SB0406" Warning
        "More than one source may invoke the function"
        why "Any resource of that service can wake the function, in anybody's account; and a deleted bucket's name can become someone else's."
        mend "Give the permission a SourceArn, and for a bucket a SourceAccount too.";
    LOG_RETENTION = "SB0501" Note
        "Log lines are kept for ever"
        why "What is kept is paid for every month, and personal data in it outlives every promise."
        mend "Declare the log group with RetentionInDays, and name it in the function's LoggingConfig.";
    IDLE_ROUTE = "SB0601" Warning
        "A registered handler has no trigger"
        why "The code that is meant to handle these events is never reached."
        mend "Add the trigger, or remove the route.";
    UNROUTED_TRIGGER = "SB0602" Error
        "A trigger has no handler"
        why "The function refuses every such event as unrouted, and it is lost after the source's retries."
        mend "Register a handler for this source, or remove the trigger.";
}

/// The rules that need to know what the code serves.
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

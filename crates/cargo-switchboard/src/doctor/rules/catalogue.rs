//! Every rule, with its code and description. `docs/doctor/` has a page for each.

use serde::Serialize;

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

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
    /// Its page of the book, in Markdown.
    pub(crate) page: &'static str,
}

impl Rule {
    /// The rule with this code.
    pub(crate) fn of(code: &str) -> Option<&'static Self> {
        let mut rules = RULES.iter();
        rules.find(|rule| rule.code.eq_ignore_ascii_case(code)).copied()
    }

    /// Where its page can be read.
    pub(crate) fn url(&self) -> String {
        format!("{REPOSITORY}/blob/main/docs/doctor/{}.md", self.code)
    }
}

macro_rules! rules {
    ($($name:ident = $code:literal $severity:ident $title:literal why $why:literal mend $mend:literal;)*) => {
        $(pub(super) static $name: Rule = Rule {
            code: $code,
            severity: Severity::$severity,
            title: $title,
            why: $why,
            mend: $mend,
            page: include_str!(concat!("../../../docs/", $code, ".md")),
        };)*
        /// Every rule, by code.
        pub(crate) static RULES: &[&Rule] = &[$(&$name,)*];
    };
}

rules! {
    PARTIAL_ANSWERS = "SB0101" Error
        "A mapping ignores the function's partial answers"
        why "The function answers with batchItemFailures, but Lambda treats every answer as success: the failed records of the batch are lost."
        mend "Give the mapping FunctionResponseTypes: [ReportBatchItemFailures]. A Kafka mapping takes it in provisioned mode only: give it a ProvisionedPollerConfig too.";
    ENDLESS_RETRIES = "SB0102" Error
        "A stream retries forever"
        why "A record that always fails blocks its shard or partition until it expires, and the records behind it that expire meanwhile are silently lost."
        mend "Set MaximumRetryAttempts, or MaximumRecordAgeInSeconds below the stream's retention. A Kafka mapping takes them in provisioned mode only; with an on-failure destination it ends after 10 retries.";
    STREAM_FAILURES = "SB0103" Error
        "A stream has no on-failure destination"
        why "Records that Lambda gives up on are lost, and nothing records their position in the stream."
        mend "Set DestinationConfig.OnFailure to a queue, a topic or a bucket, and let the role write there.";
    VISIBILITY = "SB0104" Error
        "A queue's visibility timeout is too short for the function"
        why "Messages become visible again while the function is still processing them, so they are processed twice and soon exceed the maximum receive count."
        mend "Set VisibilityTimeout to at least 6 times the function's timeout, plus the mapping's batching window.";
    BATCH_SETTINGS = "SB0105" Error
        "A mapping has a batch setting that its queue does not support"
        why "Lambda refuses the mapping: a batch of more than 10 messages needs a batching window, and a FIFO queue takes neither."
        mend "Set BatchSize to 10 or less. For a standard queue you can set MaximumBatchingWindowInSeconds to 1 or more instead; for a FIFO queue leave it out.";
    POISON_MESSAGES = "SB0106" Warning
        "A queue that triggers the function has no dead-letter queue, or moves messages there too early"
        why "Without one, a message that always fails is redelivered until it expires, and is then deleted. With a maxReceiveCount below 5, messages that were only throttled are moved as well."
        mend "Give the queue a RedrivePolicy with a deadLetterTargetArn and a maxReceiveCount of at least 5.";
    SHORT_DEAD_LETTERS = "SB0107" Warning
        "A dead-letter queue keeps messages for a shorter time than its queue"
        why "In standard queues a message's age counts from when it was first sent: one that fails late is deleted as soon as it is moved, before anybody can see it."
        mend "Set the dead-letter queue's MessageRetentionPeriod to at least that of its source; 1209600 (14 days) is the maximum.";
    MAPPING_CONCURRENCY = "SB0108" Error
        "A mapping's maximum concurrency cannot work"
        why "Lambda refuses a MaximumConcurrency below 2, or one beside a ProvisionedPollerConfig. Above the function's reserved concurrency, Lambda fetches messages that it then throttles, until they exceed the maximum receive count."
        mend "Set ScalingConfig.MaximumConcurrency to 2 or more and to at most the function's reserved concurrency, and leave it out in provisioned mode.";
    OWN_DEAD_LETTERS = "SB0109" Error
        "Failed messages go back to the queue they came from"
        why "A message that always fails is processed again and again, at full price, and never put aside."
        mend "Send failed messages to a queue of their own, which does not trigger the function.";
    MAPPING_TIME = "SB0110" Error
        "The function may run longer than its event source allows"
        why "Lambda refuses a mapping of Amazon MQ, Kafka or DocumentDB for a function of more than 14 minutes. A durable function whose executions may take longer than 15 minutes must be invoked asynchronously: no mapping, API or URL waits for it."
        mend "Lower the function's Timeout to 840 or less, or DurableConfig.ExecutionTimeout to 900 or less.";
    POLLERS = "SB0111" Error
        "A mapping's number of pollers cannot work"
        why "Lambda refuses a ProvisionedPollerConfig whose minimum is above its maximum, and one of a queue with fewer than 2 pollers."
        mend "Set MinimumPollers to at most MaximumPollers (200 if it is not set), and for a queue both to 2 or more.";
    ASYNC_FAILURES = "SB0201" Error
        "Failed asynchronous events have no destination"
        why "Lambda drops an event after its last retry or when it is too old, and the source does not send it again."
        mend "Set DestinationConfig.OnFailure of an EventInvokeConfig for the same version or alias, or the function's DeadLetterConfig, and let the role send there. A durable function takes a DeadLetterConfig only.";
    RULE_FAILURES = "SB0202" Warning
        "A rule or schedule has no dead-letter queue"
        why "EventBridge drops events that it cannot deliver to Lambda after its retries, for example because a permission is missing or calls are throttled."
        mend "Give the target a DeadLetterConfig with the ARN of a queue that events.amazonaws.com (for a schedule: its role) may send to.";
    RECURSION = "SB0203" Error
        "The function can write to the bucket that triggers it"
        why "Each object it writes triggers it again, in a loop that only Lambda's recursion detection ends, by dropping events."
        mend "Write to another bucket, or give the notification a prefix or suffix that the function's role cannot write to.";
    FIFO_DESTINATION = "SB0204" Error
        "Failed events are sent to a FIFO queue or topic"
        why "Lambda sends failed events to standard queues and topics only: it refuses this destination."
        mend "Set the destination to a standard queue or topic.";
    OVERLAP = "SB0205" Error
        "Two notifications of a bucket are for the same objects"
        why "S3 refuses the whole notification configuration, so the deployment fails."
        mend "Give the notifications prefixes or suffixes that no object's key has in common, or send one of them to a topic that both subscribe to.";
    PAYLOAD_FORMAT = "SB0301" Error
        "An HTTP API sends a payload format that the code does not support"
        why "The function only has a route for the other version and refuses every request; callers see 500."
        mend "Set PayloadFormatVersion to the supported version, or register a route that supports both, as Router::http does.";
    API_TIMEOUT = "SB0302" Warning
        "The function may run longer than the API waits"
        why "The caller gets 504 and may retry while the function is still processing the first request."
        mend "Set the function's Timeout no higher than the integration's, or raise the integration's (for a REST API, by a quota increase).";
    STREAMED_ANSWER = "SB0303" Error
        "A function and its API or function URL disagree about streaming"
        why "A streamed answer is written differently from one that is sent whole. Where the two disagree, callers get status, headers and body as one text, with status 200 whatever it says."
        mend "For answers in parts, name the front end in SWITCHBOARD_RESPONSE_STREAM (function_url or rest_api) and set InvokeMode to RESPONSE_STREAM (for a REST API: ResponseTransferMode to STREAM). Otherwise set the mode to BUFFERED, or leave it out, and do not name it in the variable.";
    READ_RIGHTS = "SB0401" Error
        "The role may not read the event source"
        why "Lambda polls the source with the function's role, and decrypts what it reads with the same role. Without these permissions no event arrives."
        mend "Allow the role these actions on the source's ARN, and kms:Decrypt on the key that encrypts it. If a statement denies them, narrow it: no other one can allow what it denies.";
    SEND_RIGHTS = "SB0402" Error
        "The role may not send to the failure destination"
        why "Failed events are lost although a destination is configured."
        mend "Allow the role these actions on the destination's ARN, and on the key that encrypts it. If a statement denies them, narrow it: no other one can allow what it denies.";
    INVOKE_RIGHTS = "SB0403" Error
        "The source may not invoke the function"
        why "Lambda refuses every invocation: callers of an API get an error, EventBridge drops its events without a retry, and other sources give up after theirs."
        mend "Add an AWS::Lambda::Permission for the service, with the SourceArn of this source. A permission is for the function, one version or one alias: name the one that the source invokes.";
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
    URL_STATEMENTS = "SB0407" Error
        "A function URL without authentication lacks one of its two statements"
        why "Callers of a URL with AuthType NONE need lambda:InvokeFunctionUrl and lambda:InvokeFunction. With one of them alone every request gets 403."
        mend "Add the AWS::Lambda::Permission that is missing: lambda:InvokeFunctionUrl with FunctionUrlAuthType NONE, and lambda:InvokeFunction with InvokedViaFunctionUrl true.";
    DURABLE_RIGHTS = "SB0408" Error
        "The role may not keep the state of a durable function"
        why "A durable function saves each step through Lambda's API, with its own role. Without these permissions its first step fails, and so does every execution."
        mend "Allow the role lambda:CheckpointDurableExecution and lambda:GetDurableExecutionState, as AWSLambdaBasicDurableExecutionRolePolicy does.";
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
    UNWIRED_NAME = "SB0603" Warning
        "A handler is for a queue, stream, table, topic, bucket or rule that no trigger sends"
        why "The code that handles these events never runs: usually its name is misspelt, or the trigger is missing."
        mend "Correct the name in the handler's condition, or add the trigger.";
    UNTAKEN_TRIGGER = "SB0604" Error
        "A trigger's queue, stream, table, topic, bucket or rule meets no handler's condition"
        why "The function refuses these events as unrouted, and they are lost after the source's retries."
        mend "Correct the name in the handler's condition, register a handler for it, or one without a condition that takes the rest.";
    SNAP_START = "SB0701" Error
        "SnapStart is on for a runtime that does not have it"
        why "Lambda refuses SnapStart for ZIP files on provided.al2023 and other OS-only runtimes, so the deployment fails."
        mend "Leave SnapStart out, or deploy the function as a container image that supports it.";
    MODES = "SB0702" Error
        "Two settings of the function exclude each other"
        why "Lambda refuses the combination, so the deployment fails."
        mend "Choose one of the two.";
    NO_CONCURRENCY = "SB0703" Warning
        "The function's reserved concurrency is 0"
        why "Lambda never runs the function: it refuses synchronous requests, sends asynchronous events straight to where failures go, and leaves streams and queues unread."
        mend "Raise ReservedConcurrentExecutions or leave it out, unless the function is meant to be switched off.";
    UNQUALIFIED = "SB0704" Error
        "A durable function is invoked without a version or an alias"
        why "Lambda refuses to start an execution without one, because the execution stays with the version it began with."
        mend "Publish a version, and let the trigger and its permission name the version or an alias (in SAM: AutoPublishAlias).";
    NO_TENANT = "SB0705" Error
        "A function that isolates tenants is invoked without a tenant"
        why "Lambda refuses an invocation without the id of a tenant, and this source sends none."
        mend "Let another function receive these events, which invokes this one with the id of a tenant, or use a REST API that sets X-Amz-Tenant-Id.";
    DUPLICATE_KEY = "SB0801" Warning
        "A map of the template has the same key twice"
        why "Only the last one counts. CloudFormation silently ignores the others, such as the first of two resources with the same name."
        mend "Rename or remove one of the two.";
    UNKNOWN_EVENT = "SB0802" Error
        "An event of a SAM function has an unknown type"
        why "SAM refuses the template. If the type is misspelt, the trigger is not there."
        mend "Correct the type of the event.";
}

/// The rules that require the code's routes.
pub(crate) const OF_ROUTES: [&str; 6] = ["SB0101", "SB0301", "SB0601", "SB0602", "SB0603", "SB0604"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_page_and_every_page_its_code() {
        for rule in RULES {
            let severity = format!("{:?}", rule.severity).to_lowercase();
            let start = format!(
                "# {}: {}\n\nSeverity: {severity}\n\n{}\n",
                rule.code, rule.title, rule.why
            );
            assert!(
                rule.page.starts_with(&start),
                "{} does not start with:\n{start}",
                rule.code
            );
            let mend = format!("\n## How to fix it\n\n{}\n", rule.mend);
            assert!(rule.page.contains(&mend), "{} lacks:\n{mend}", rule.code);
            for heading in ["What is found", "How it goes wrong", "In AWS's documentation"] {
                assert!(
                    rule.page.contains(&format!("\n## {heading}\n")),
                    "{}: {heading}",
                    rule.code
                );
            }
            assert!(
                rule.page.contains("](https://docs.aws.amazon.com/"),
                "{}",
                rule.code
            );
        }
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/doctor");
        let mut pages: Vec<String> = std::fs::read_dir(pages)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        pages.sort_unstable();
        let codes: Vec<String> = RULES.iter().map(|rule| format!("{}.md", rule.code)).collect();
        assert_eq!(pages, codes);
    }

    #[test]
    fn the_book_lists_every_rule() {
        let (table, summary) = (
            include_str!("../../../../../docs/doctor.md"),
            include_str!("../../../../../docs/SUMMARY.md"),
        );
        for rule in RULES {
            let (code, title) = (rule.code, rule.title);
            let severity = format!("{:?}", rule.severity).to_lowercase();
            let row = format!("| [`{code}`](doctor/{code}.md) | {severity} | {title} |\n");
            assert!(table.contains(&row), "docs/doctor.md lacks this row:\n{row}");
            let line = format!("  - [{code}: {title}](doctor/{code}.md)\n");
            assert!(
                summary.contains(&line),
                "docs/SUMMARY.md lacks this line:\n{line}"
            );
        }
        assert_eq!(table.matches("\n| [`SB").count(), RULES.len());
    }

    #[test]
    fn codes_are_in_order_and_unique() {
        assert!(RULES.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(
            OF_ROUTES
                .iter()
                .all(|code| RULES.iter().any(|rule| rule.code == *code))
        );
    }
}

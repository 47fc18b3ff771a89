//! The help texts of `wire` and `unwire`.

pub(in crate::cli) const WIRE_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire s3 --function thumbnails --bucket photos --prefix incoming/ --dry-run
  cargo switchboard wire kinesis --function clicks:live --stream clicks --batch-size 500 --on-failure failed-clicks --yes
  cargo switchboard wire list --function clicks:live

Each command compares the wanted resources with the account, shows the steps, asks, and applies them. A second run changes
nothing. If a step fails, the steps before it are rolled back. Created resources are marked by name or tag, so that `unwire`
finds them; resources of others are left alone. --function takes a name or an ARN, either with an alias.

Exit codes: 0 success or nothing to do, 1 failed or declined, 2 wrong usage.";

pub(in crate::cli) const UNWIRE_EXAMPLES: &str = "\
Examples:
  cargo switchboard unwire s3 --function thumbnails --bucket photos
  cargo switchboard unwire events --function nightly --dry-run

Removes what `wire` created, and nothing else. If a step fails, completed removals are kept; run the command again to
continue.

Exit codes: 0 success or nothing to do, 1 failed or declined, 2 wrong usage.";

pub(super) const S3_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire s3 --function thumbnails --bucket photos
  cargo switchboard wire s3 --function thumbnails --bucket photos --events ObjectCreated:* --prefix incoming/ --suffix .jpg

Changes: the function's policy gets a statement that lets this bucket of this account invoke it; the bucket's notification
configuration gets a notification, merged with the existing ones. S3 refuses two notifications for the same events and keys;
the error names the one that conflicts. (S3 has no event source mappings.) A bucket of another account is refused, unless
--bucket-owner names that account.";

pub(super) const STREAM_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire dynamodb --function orders --table orders
  cargo switchboard wire kinesis --function clicks --stream clicks --starting-position latest --parallelization-factor 4
  cargo switchboard wire kinesis --function clicks --stream clicks --max-retries 10 --on-failure failed-clicks \\
      --filter '{\"data\":{\"kind\":[\"click\"]}}'

Changes: an event source mapping with ReportBatchItemFailures, and for a table without a stream, the stream (new and old
images). Lambda reads with the function's role; the plan lists the permissions it needs. Without --max-retries or --max-age
a record that always fails blocks its shard until the record expires.";

pub(super) const SQS_EXAMPLES: &str = "\
Example:
  cargo switchboard wire sqs --function mail --queue outgoing-mail --batch-size 100 --batch-window 5

Changes: an event source mapping with ReportBatchItemFailures. Lambda reads with the function's role; the plan lists the
permissions it needs, and says whether the queue's visibility timeout is long enough.";

pub(super) const EVENTS_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire events --function audit --pattern ec2.json --dead-letter-queue undelivered
  cargo switchboard wire events --function nightly --schedule 'cron(0 3 * * ? *)'

Changes: a rule, named after the function and the pattern or schedule unless --rule names it; a statement in the function's
policy that lets this rule invoke it; the function as the rule's target; with --dead-letter-queue, a statement in the policy
of that queue, which must exist.";

pub(super) const HTTP_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire http --function orders                an HTTP API; callers sign their requests
  cargo switchboard wire http --rest --stage v1 --function orders
  cargo switchboard wire http --function hooks --auth none     anyone may call it

Changes: a new API with the function behind every path, a stage, and a statement in the function's policy that lets this API
invoke it. Prints the URL.";

pub(super) const URL_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire url --function orders                 callers sign their requests
  cargo switchboard wire url --function hooks:live --auth none anyone may call it

Changes: a function URL, a tag of the function that marks the URL, and with --auth none the two statements in the function's
policy that let anyone invoke it, through the URL only. Prints the URL.";

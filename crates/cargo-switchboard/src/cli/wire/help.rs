//! The help that teaches `wire` and `unwire`.

pub(in crate::cli) const WIRE_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire s3 --function thumbnails --bucket photos --prefix incoming/ --dry-run
  cargo switchboard wire kinesis --function clicks:live --stream clicks --batch-size 500 --on-failure failed-clicks --yes
  cargo switchboard wire list --function clicks:live

Each command compares what is wanted with what is there, shows the steps, asks, and takes them. A second run changes
nothing. If a step fails, those before it are undone. What is made bears a mark (its name or a tag), by which `unwire` finds
it; what others made is left alone. --function takes a name, an ARN, and an alias behind either.

Exit codes: 0 done or nothing to do, 1 it failed or you said no, 2 wrong usage.";

pub(in crate::cli) const UNWIRE_EXAMPLES: &str = "\
Examples:
  cargo switchboard unwire s3 --function thumbnails --bucket photos
  cargo switchboard unwire events --function nightly --dry-run

Removes what `wire` made, and nothing else. If a step fails, what is off stays off; run it again to go on.

Exit codes: 0 done or nothing to do, 1 it failed or you said no, 2 wrong usage.";

pub(super) const S3_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire s3 --function thumbnails --bucket photos
  cargo switchboard wire s3 --function thumbnails --bucket photos --events ObjectCreated:* --prefix incoming/ --suffix .jpg

Changes: the function's policy gets a statement that lets this bucket of this account invoke it; the bucket's notification
configuration gets a notification, merged with those that are there. S3 takes no two notifications for the same events and
keys; where one is in the way, it is named. (S3 is no source of event source mappings.) A bucket of an account other than the
function's is refused, unless --bucket-owner names that account.";

pub(super) const STREAM_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire dynamodb --function orders --table orders
  cargo switchboard wire kinesis --function clicks --stream clicks --starting-position latest --parallelization-factor 4
  cargo switchboard wire kinesis --function clicks --stream clicks --max-retries 10 --on-failure failed-clicks \\
      --filter '{\"data\":{\"kind\":[\"click\"]}}'

Changes: an event source mapping with ReportBatchItemFailures, and for a table whose stream is off, the stream (new and old
images). Lambda reads with the rights of the function's role; the plan says which it needs. Without --max-retries or --max-age
a record that always fails holds its shard up until the stream forgets it.";

pub(super) const SQS_EXAMPLES: &str = "\
Example:
  cargo switchboard wire sqs --function mail --queue outgoing-mail --batch-size 100 --batch-window 5

Changes: an event source mapping with ReportBatchItemFailures. Lambda reads with the rights of the function's role; the plan
says which it needs, and whether the queue's visibility timeout is long enough.";

pub(super) const EVENTS_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire events --function audit --pattern ec2.json --dead-letter-queue undelivered
  cargo switchboard wire events --function nightly --schedule 'cron(0 3 * * ? *)'

Changes: a rule, named after the function and the pattern or schedule unless --rule names it; a statement in the function's
policy that lets this rule invoke it; the function as the rule's target; with --dead-letter-queue, a statement in the policy
of that queue, which has to be there.";

pub(super) const HTTP_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire http --function orders                an HTTP API; callers sign their requests
  cargo switchboard wire http --rest --stage v1 --function orders
  cargo switchboard wire http --function hooks --auth none     anybody may call it

Changes: a new API with the function behind every path, a stage, and a statement in the function's policy that lets this API
invoke it. Prints the URL.";

pub(super) const URL_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire url --function orders                 callers sign their requests
  cargo switchboard wire url --function hooks:live --auth none anybody may call it

Changes: a function URL, a tag of the function that marks it, and with --auth none the two statements in the function's
policy that let anybody call it, through the URL only. Prints the URL.";

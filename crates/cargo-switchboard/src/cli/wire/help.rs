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
Examples:
  cargo switchboard wire sqs --function mail --queue outgoing-mail --batch-size 100 --batch-window 5
  cargo switchboard wire sqs --function mail --queue outgoing-mail --min-pollers 5 --max-pollers 50

Provisioned mode (--min-pollers, --max-pollers) takes the place of --max-concurrency. Its pollers cost as long as the mapping
exists.

Changes: an event source mapping with ReportBatchItemFailures. Lambda reads with the function's role; the plan lists the
permissions it needs, and says whether the queue's visibility timeout is long enough.";

pub(super) const KAFKA_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire kafka --function orders --topic orders --consumer-group orders \\
      --cluster arn:aws:kafka:eu-west-1:123456789012:cluster/shop/0f9d1a2b-1
  cargo switchboard wire kafka --function orders --topic orders --bootstrap-servers b-1.example.com:9096,b-2.example.com:9096 \\
      --access SASL_SCRAM_512_AUTH=arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka \\
      --subnet subnet-1,subnet-2 --security-group sg-1 --min-pollers 1 --max-pollers 5 --max-retries 10 --on-failure failed-orders

Without provisioned mode (--min-pollers, --max-pollers) Lambda takes no partial answers: it retries a failed batch whole until
it succeeds. --max-retries, --max-age, --no-bisect and --schema-registry require it. Its pollers cost as long as the mapping
exists.

Changes: an event source mapping. Lambda reads with the function's role; the plan lists the permissions it needs.";

pub(super) const SNS_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire sns --function orders --topic order-placed
  cargo switchboard wire sns --function orders --topic order-placed --filter-scope message-body \\
      --filter-policy '{\"status\":[\"paid\"]}' --dead-letter-queue undelivered

Changes: a tag of the function that marks the subscription; a statement in the function's policy that lets this topic invoke it;
with --dead-letter-queue, a statement in the policy of that queue, which must exist; the subscription.";

pub(super) const LOGS_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire logs --function alarms --log-group /ecs/shop
  cargo switchboard wire logs --function alarms --log-group /ecs/shop --filter-pattern '{ $.level = \"ERROR\" }'

Changes: a statement in the function's policy that lets this log group of this account invoke it; a subscription filter of the
log group, which has room for two. A group that the function itself logs to is refused.";

pub(super) const ALB_EXAMPLES: &str = "\
Examples:
  cargo switchboard wire alb --function orders --path '/orders/*' \\
      --listener arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
  cargo switchboard wire alb --function orders                 the target group only, for a listener that a template manages

Changes: a target group with the function in it; a statement in the function's policy that lets this target group invoke it;
with --listener, a rule that forwards requests to it. Prints the URL. Repeated headers and query parameters all arrive, unless
--no-multi-value-headers is given.";

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

//! The pages of the book (`docs/`), so that their examples are compiled and run with the documentation's tests. `make docs` fails
//! if a page with an example is missing here.

macro_rules! pages {
    ($($name:ident: $path:literal,)*) => {
        $(#[doc = include_str!(concat!("../../../", $path))] mod $name {})*
    };
}

pages! {
    readme: "README.md",
    introduction: "docs/introduction.md",
    your_function: "docs/your-function.md",
    handlers: "docs/handlers.md",
    testing: "docs/testing.md",
    s3: "docs/sources/s3.md",
    api_gateway: "docs/sources/api-gateway.md",
    dynamodb: "docs/sources/dynamodb.md",
    kinesis: "docs/sources/kinesis.md",
    cloudwatch_events: "docs/sources/cloudwatch-events.md",
    sqs: "docs/sources/sqs.md",
    sns: "docs/sources/sns.md",
    kafka: "docs/sources/kafka.md",
    firehose: "docs/sources/firehose.md",
    ses: "docs/sources/ses.md",
    cloudwatch_logs: "docs/sources/cloudwatch-logs.md",
    pipes: "docs/sources/pipes.md",
    callers: "docs/sources/callers.md",
    direct: "docs/sources/direct.md",
    other: "docs/sources/other.md",
    routes: "docs/routes.md",
    delivery: "docs/delivery.md",
    batches: "docs/batches.md",
    idempotency: "docs/idempotency.md",
    http: "docs/http.md",
    durable: "docs/durable.md",
    untagged_enum: "docs/migration-untagged-enum.md",
    powertools: "docs/migration-powertools.md",
}

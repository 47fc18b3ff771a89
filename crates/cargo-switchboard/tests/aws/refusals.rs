//! A right that is missing between two steps: what was done before is undone.

use serde_json::{Value, json};

use crate::account::{Account, Limited};

#[test]
fn a_bucket_that_cannot_be_changed_leaves_no_permission() {
    let account = Account::with_function("refused-s3");
    account.call(
        "s3",
        "create_bucket",
        json!({"Bucket": "refused-s3",
        "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    );
    let user = Limited::new(&account);
    let words = ["s3", "--bucket", "refused-s3"];
    user.fails(&words, "lambda:AddPermission", "*", || account.state());
    user.fails(&words, "s3:PutBucketNotification", "*", || account.state());
}

#[test]
fn a_stream_that_was_turned_on_is_turned_off_again() {
    let account = Account::with_function("refused-dynamodb");
    let key = json!([{"AttributeName": "pk", "KeyType": "HASH"}]);
    let attributes = json!([{"AttributeName": "pk", "AttributeType": "S"}]);
    account.call(
        "dynamodb",
        "create_table",
        json!({"TableName": "refused-dynamodb", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": key, "AttributeDefinitions": attributes}),
    );
    let user = Limited::new(&account);
    let state = || {
        let table = account.call(
            "dynamodb",
            "describe_table",
            json!({"TableName": "refused-dynamodb"}),
        );
        let on = table["Table"]["StreamSpecification"]["StreamEnabled"]
            .as_bool()
            .unwrap_or(false);
        json!([account.state(), on])
    };
    let words = ["dynamodb", "--table", "refused-dynamodb"];
    user.fails(&words, "dynamodb:UpdateTable", "*", state);
    user.fails(&words, "lambda:CreateEventSourceMapping", "*", state);
}

#[test]
fn a_rule_is_made_whole_or_not_at_all() {
    let account = Account::with_function("refused-events");
    let queue =
        account.call("sqs", "create_queue", json!({"QueueName": "refused-events"}))["QueueUrl"].clone();
    let user = Limited::new(&account);
    let state = || {
        let asked = json!({"QueueUrl": queue, "AttributeNames": ["Policy"]});
        let policy = account.call("sqs", "get_queue_attributes", asked)["Attributes"]["Policy"].clone();
        let policy = policy.as_str().unwrap_or_default().to_owned();
        json!([account.state(), policy])
    };
    let words = [
        "events",
        "--schedule",
        "rate(1 day)",
        "--dead-letter-queue",
        "refused-events",
    ];
    for right in [
        "events:PutRule",
        "lambda:AddPermission",
        "sqs:SetQueueAttributes",
        "events:PutTargets",
    ] {
        user.fails(&words, right, "*", state);
    }
}

#[test]
fn an_api_is_made_whole_or_not_at_all() {
    let account = Account::with_function("refused-http");
    let user = Limited::new(&account);
    let part = |path: &str| format!("arn:aws:apigateway:*::/{path}");
    for (words, right, resource) in [
        (&["http"][..], "lambda:AddPermission", "*".to_owned()),
        (&["http"], "apigateway:POST", part("apis/*/stages")),
        (&["http", "--rest"], "apigateway:PUT", part("restapis/*")),
        (
            &["http", "--rest"],
            "apigateway:POST",
            part("restapis/*/deployments"),
        ),
    ] {
        user.fails(words, right, &resource, || account.state());
    }
}

#[test]
fn a_url_is_made_whole_or_not_at_all() {
    let account = Account::with_function("refused-url");
    let user = Limited::new(&account);
    let state = || -> Value { account.state() };
    for right in ["lambda:CreateFunctionUrlConfig", "lambda:AddPermission"] {
        user.fails(&["url", "--auth", "none"], right, "*", state);
    }
}

//! The rights that the documentation lists are enough for `wire` and `unwire`.

use serde_json::json;

use crate::account::{Account, Limited};

/// The actions that the row of the table names.
fn documented(trigger: &str) -> Vec<String> {
    let page = include_str!("../../../../docs/triggers.md");
    let row = format!("| `{trigger}` |");
    let row = page.lines().find_map(|line| line.strip_prefix(&row));
    let row = row.unwrap_or_else(|| panic!("docs/triggers.md has no rights of {trigger}"));
    let words = row.split('`').filter(|word| word.contains(':'));
    words.map(str::to_owned).collect()
}

#[test]
fn nothing_more_is_needed_than_the_documented_rights() {
    let account = Account::with_function("rights");
    account.call("sns", "create_topic", json!({"Name": "rights"}));
    account.call("logs", "create_log_group", json!({"logGroupName": "/rights"}));
    account.call(
        "kinesis",
        "create_stream",
        json!({"StreamName": "rights", "ShardCount": 1}),
    );
    let queue = json!({"QueueName": "rights", "Attributes": {"VisibilityTimeout": "60"}});
    account.call("sqs", "create_queue", queue);
    account.call("sqs", "create_queue", json!({"QueueName": "rights-lost"}));
    let bucket =
        json!({"Bucket": "rights", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
    account.call("s3", "create_bucket", bucket);
    let balancer = account.call("elbv2", "create_load_balancer", json!({"Name": "rights"}));
    let listener = account.call(
        "elbv2",
        "create_listener",
        json!({"LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80,
            "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]}),
    );
    let listener = listener["Listeners"][0]["ListenerArn"].as_str().unwrap();
    let before = account.state();
    let user = Limited::new(&account);
    let lost = ["--dead-letter-queue", "rights-lost"];
    for (words, options) in [
        (&["s3", "--bucket", "rights"][..], &[][..]),
        (&["kinesis", "--stream", "rights"], &[]),
        (&["sqs", "--queue", "rights"], &[]),
        (&["events", "--schedule", "rate(1 day)"], &lost),
        (&["sns", "--topic", "rights"], &lost),
        (&["logs", "--log-group", "/rights"], &[]),
        (&["http"], &[]),
        (&["http", "--rest"], &[]),
        (&["alb", "--listener", listener], &["--priority", "5"]),
        (&["url"], &["--auth", "none"]),
    ] {
        let mut rights = [documented("every trigger"), documented(words[0])].concat();
        if ["dynamodb", "kinesis", "sqs", "kafka"].contains(&words[0]) {
            rights.extend(documented("mappings"));
        }
        user.succeeds(&[&["wire"], words, options, &["--yes"]].concat(), &rights);
        user.succeeds(&[&["unwire"], words, &["--yes"]].concat(), &rights);
        assert_eq!(account.state(), before, "{words:?}");
    }
    let rights = [documented("every trigger"), documented("list")].concat();
    user.succeeds(&["wire", "list"], &rights);
}

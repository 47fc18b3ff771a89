//! Each source wired, an event of it at the function, wired once more, unwired, and what is others' left as it was.

use serde_json::{Value, json};

use crate::account::{Account, get};

/// The last line that is printed.
fn url(said: &str) -> &str {
    said.lines().last().unwrap()
}

fn wired(account: &Account, kind: &str) -> Value {
    let triggers = account.triggers();
    let mut of_kind = triggers.iter().filter(|trigger| trigger["kind"] == kind);
    let trigger = of_kind
        .next()
        .unwrap_or_else(|| panic!("no {kind}: {triggers:?}"))
        .clone();
    assert_eq!(
        (&trigger["wired"], &trigger["state"]),
        (&json!(true), &json!("Enabled")),
        "{trigger}"
    );
    trigger
}

#[test]
fn a_bucket_keeps_its_other_notifications() {
    let account = Account::with_function("wire-s3");
    account.call(
        "s3",
        "create_bucket",
        json!({"Bucket": "wire-s3",
        "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    );
    let s3_may_send = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage",
        "Principal": {"Service": "s3.amazonaws.com"}, "Resource": "*"}]});
    let attributes = json!({"Policy": s3_may_send.to_string()});
    account.call(
        "sqs",
        "create_queue",
        json!({"QueueName": "wire-s3-others", "Attributes": attributes}),
    );
    let queue = "arn:aws:sqs:eu-west-1:000000000000:wire-s3-others";
    let rules = json!([{"Name": "prefix", "Value": "others/"}]);
    let others = json!({"Bucket": "wire-s3", "NotificationConfiguration": {"EventBridgeConfiguration": {},
        "QueueConfigurations": [{"Id": "theirs", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": rules}}}]}});
    account.call("s3", "put_bucket_notification_configuration", others);
    let configuration = || {
        account.call(
            "s3",
            "get_bucket_notification_configuration",
            json!({"Bucket": "wire-s3"}),
        )
    };
    let before = configuration();

    let (code, said) = account.run(&["wire", "s3", "--bucket", "wire-s3", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("already has notification theirs to arn:aws:sqs"),
        "{said}"
    );
    assert_eq!(configuration(), before);

    let words = ["s3", "--bucket", "wire-s3", "--prefix", "mine/"];
    let dry = account.succeed(&[&["wire"], &words[..], &["--dry-run"]].concat());
    assert!(dry.contains("nothing was done"), "{dry}");
    assert_eq!(configuration(), before);
    account.wire(&words);
    account.call(
        "s3",
        "put_object",
        json!({"Bucket": "wire-s3", "Key": "mine/a.txt", "Body": "a"}),
    );
    account.journalled("com.amazonaws.s3.ObjectCreated:Put");
    assert_eq!(wired(&account, "s3")["source"], "arn:aws:s3:::wire-s3");
    let changed =
        account.succeed(&[&["wire"], &words[..], &["--events", "ObjectRemoved:*", "--yes"]].concat());
    assert!(
        changed.contains("events: s3:ObjectCreated:*, s3:ObjectRemoved:* → s3:ObjectRemoved:*"),
        "{changed}"
    );
    account.unwire(&["s3", "--bucket", "wire-s3"]);
    assert_eq!(configuration(), before);
    assert!(account.triggers().is_empty());
}

#[test]
fn a_tables_stream_is_turned_on_and_stays() {
    let account = Account::with_function("wire-dynamodb");
    let key = json!([{"AttributeName": "pk", "KeyType": "HASH"}]);
    let attributes = json!([{"AttributeName": "pk", "AttributeType": "S"}]);
    account.call(
        "dynamodb",
        "create_table",
        json!({"TableName": "wire-dynamodb", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": key, "AttributeDefinitions": attributes}),
    );
    account.wire(&["dynamodb", "--table", "wire-dynamodb"]);
    let item = json!({"pk": {"S": "order"}});
    account.call(
        "dynamodb",
        "put_item",
        json!({"TableName": "wire-dynamodb", "Item": item}),
    );
    account.journalled("com.amazonaws.dynamodb.INSERT");
    wired(&account, "dynamodb");
    account.unwire(&["dynamodb", "--table", "wire-dynamodb"]);
    let table = account.call(
        "dynamodb",
        "describe_table",
        json!({"TableName": "wire-dynamodb"}),
    );
    assert_eq!(table["Table"]["StreamSpecification"]["StreamEnabled"], true);
    assert!(account.triggers().is_empty());
}

#[test]
fn a_streams_mapping_is_changed_as_the_options_say() {
    let account = Account::with_function("wire-kinesis");
    account.call(
        "kinesis",
        "create_stream",
        json!({"StreamName": "wire-kinesis", "ShardCount": 1}),
    );
    account.call("sqs", "create_queue", json!({"QueueName": "wire-kinesis-failed"}));
    let words = ["kinesis", "--stream", "wire-kinesis"];
    account.wire(
        &[
            &words[..],
            &["--max-retries", "3", "--on-failure", "wire-kinesis-failed"],
        ]
        .concat(),
    );
    account.call(
        "kinesis",
        "put_record",
        json!({"StreamName": "wire-kinesis", "PartitionKey": "k", "Data": "text"}),
    );
    account.journalled("com.amazonaws.kinesis.record");
    wired(&account, "kinesis");
    let changed = account.succeed(&[&["wire"], &words[..], &["--batch-size", "7", "--yes"]].concat());
    assert!(
        changed.contains("batch size: 100 → 7") && changed.contains("maximum retries: 3 → unlimited"),
        "{changed}"
    );
    let mapping = &account.state()["mappings"]["EventSourceMappings"][0];
    assert_eq!(mapping["BatchSize"], 7);
    assert_eq!(
        mapping["FunctionResponseTypes"],
        json!(["ReportBatchItemFailures"])
    );
    account.unwire(&words);
}

#[test]
fn a_mapping_that_wire_did_not_create_is_left_alone() {
    let account = Account::with_function("wire-foreign");
    account.call(
        "kinesis",
        "create_stream",
        json!({"StreamName": "wire-foreign", "ShardCount": 1}),
    );
    let stream = "arn:aws:kinesis:eu-west-1:000000000000:stream/wire-foreign";
    account.call(
        "lambda",
        "create_event_source_mapping",
        json!({"FunctionName": "wire-foreign",
        "EventSourceArn": stream, "StartingPosition": "LATEST"}),
    );
    let words = ["kinesis", "--stream", "wire-foreign", "--yes"];
    let (code, said) = account.run(&[&["wire"], &words[..]].concat());
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("response types: nothing → ReportBatchItemFailures"),
        "{said}"
    );
    let said = account.succeed(&[&["unwire"], &words[..]].concat());
    assert!(
        said.contains("created by someone else") && said.contains("nothing to do"),
        "{said}"
    );
    assert_eq!(account.triggers()[0]["wired"], false);
}

#[test]
fn a_queues_messages_reach_the_function() {
    let account = Account::with_function("wire-sqs");
    let attributes = |seconds: &str| json!({"VisibilityTimeout": seconds});
    let queue = json!({"QueueName": "wire-sqs", "Attributes": attributes("5")});
    let queue = account.call("sqs", "create_queue", queue)["QueueUrl"].clone();
    let (code, said) = account.run(&["wire", "sqs", "--queue", "wire-sqs", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("visibility timeout of 5 s is shorter than function wire-sqs's timeout of 10 s"),
        "{said}"
    );
    account.call(
        "sqs",
        "set_queue_attributes",
        json!({"QueueUrl": queue, "Attributes": attributes("60")}),
    );
    account.wire(&["sqs", "--queue", "wire-sqs", "--batch-size", "1"]);
    account.call(
        "sqs",
        "send_message",
        json!({"QueueUrl": queue, "MessageBody": "text"}),
    );
    // The stock function has no handler for queues, and says so.
    account.logged("no handler for sqs");
    wired(&account, "sqs");
    account.unwire(&["sqs", "--queue", "wire-sqs"]);
}

#[test]
fn a_rule_has_its_target_its_permission_and_its_dead_letter_queue() {
    let account = Account::with_function("wire-events");
    let queue =
        account.call("sqs", "create_queue", json!({"QueueName": "wire-events-lost"}))["QueueUrl"].clone();
    let policy = || {
        account.call(
            "sqs",
            "get_queue_attributes",
            json!({"QueueUrl": queue, "AttributeNames": ["Policy"]}),
        )
    };
    let theirs = json!({"Version": "2012-10-17", "Statement": [{"Sid": "theirs", "Effect": "Allow", "Principal": "*",
        "Action": "sqs:SendMessage", "Resource": "*"}]});
    account.call(
        "sqs",
        "set_queue_attributes",
        json!({"QueueUrl": queue, "Attributes": {"Policy": theirs.to_string()}}),
    );
    let parsed =
        || -> Value { serde_json::from_str(policy()["Attributes"]["Policy"].as_str().unwrap()).unwrap() };
    let directory = tempfile::tempdir().unwrap();
    let pattern = directory.path().join("pattern.json");
    std::fs::write(&pattern, r#"{ "source": ["shop"] }"#).unwrap();
    let pattern = ["--pattern", pattern.to_str().unwrap()];
    account.wire(
        &[
            &["events"],
            &pattern[..],
            &["--dead-letter-queue", "wire-events-lost"],
        ]
        .concat(),
    );
    assert_eq!(parsed()["Statement"].as_array().unwrap().len(), 2);
    let entries = json!([{"Source": "shop", "DetailType": "Order placed", "Detail": "{}"}]);
    account.call("events", "put_events", json!({"Entries": entries}));
    account.journalled("Order-placed");
    wired(&account, "events");
    account.call("sqs", "create_queue", json!({"QueueName": "wire-events-lost-2"}));
    let other = ["--dead-letter-queue", "wire-events-lost-2", "--yes"];
    let changed = account.succeed(&[&["wire", "events"], &pattern[..], &other].concat());
    assert!(changed.contains("\nremoved statement "), "{changed}");
    assert_eq!(parsed(), theirs);
    account.wire(
        &[
            &["events"],
            &pattern[..],
            &["--dead-letter-queue", "wire-events-lost"],
        ]
        .concat(),
    );
    assert_eq!(parsed()["Statement"].as_array().unwrap().len(), 2);
    account.wire(&[
        "events",
        "--schedule",
        "rate(1 day)",
        "--rule",
        "wire-events-shared",
    ]);
    let theirs_too = json!([{"Id": "theirs", "Arn": "arn:aws:sqs:eu-west-1:000000000000:wire-events-lost"}]);
    account.call(
        "events",
        "put_targets",
        json!({"Rule": "wire-events-shared", "Targets": theirs_too}),
    );
    account.unwire(&[&["events"], &pattern[..]].concat());
    assert_eq!(parsed(), theirs);
    assert_eq!(wired(&account, "events")["details"], "schedule rate(1 day)");
    account.unwire(&["events"]);
    assert!(account.triggers().is_empty());
    let left = account.call(
        "events",
        "list_targets_by_rule",
        json!({"Rule": "wire-events-shared"}),
    );
    assert_eq!(left["Targets"][0]["Id"], "theirs");
}

#[test]
fn a_topics_subscription_has_its_filter_its_permission_and_its_dead_letter_queue() {
    let account = Account::with_function("wire-sns");
    let topic = account.call("sns", "create_topic", json!({"Name": "wire-sns"}))["TopicArn"].clone();
    account.call("sqs", "create_queue", json!({"QueueName": "wire-sns-lost"}));
    let before = account.state();
    let words = ["sns", "--topic", "wire-sns"];
    let dry = account.succeed(&[&["wire"], &words[..], &["--dry-run"]].concat());
    assert!(dry.contains("nothing was done"), "{dry}");
    assert_eq!(account.state(), before);
    account.wire(&[&words[..], &["--dead-letter-queue", "wire-sns-lost"]].concat());
    account.call("sns", "publish", json!({"TopicArn": topic, "Message": "text"}));
    // The stock function has no handler for topics, and says so.
    account.logged("no handler for sns");
    assert_eq!(wired(&account, "sns")["details"], "every message");
    let policy = r#"{"order": {"status": ["paid"]}}"#;
    let filter = [
        "--filter-policy",
        policy,
        "--filter-scope",
        "message-body",
        "--yes",
    ];
    let changed = account.succeed(&[&["wire"], &words[..], &filter].concat());
    for said in [
        r#"filter policy: nothing → {"order":{"status":["paid"]}}"#,
        "filter scope: nothing → MessageBody",
        "dead-letter queue: arn:aws:sqs:eu-west-1:000000000000:wire-sns-lost → nothing",
    ] {
        assert!(changed.contains(said), "{changed}");
    }
    let queue =
        account.call("sqs", "get_queue_url", json!({"QueueName": "wire-sns-lost"}))["QueueUrl"].clone();
    let attributes = || {
        let asked = json!({"QueueUrl": queue, "AttributeNames": ["All"]});
        account.call("sqs", "get_queue_attributes", asked).to_string()
    };
    assert!(!attributes().contains("switchboard-sns"), "{}", attributes());
    let again = account.succeed(&[&["wire"], &words[..], &filter].concat());
    assert!(again.contains("nothing to do"), "{again}");
    account.wire_again(&[&words[..], &["--dead-letter-queue", "wire-sns-lost"]].concat());
    account.unwire(&words);
    assert_eq!(account.state(), before);
    assert!(account.triggers().is_empty());
    assert!(!attributes().contains("switchboard-sns"), "{}", attributes());
}

#[test]
fn a_subscription_that_wire_did_not_create_is_left_alone() {
    let account = Account::with_function("wire-theirs");
    let topic = account.call("sns", "create_topic", json!({"Name": "wire-theirs"}))["TopicArn"].clone();
    let function = "arn:aws:lambda:eu-west-1:000000000000:function:wire-theirs";
    let theirs = json!({"TopicArn": topic, "Protocol": "lambda", "Endpoint": function});
    account.call("sns", "subscribe", theirs);
    let words = ["sns", "--topic", "wire-theirs", "--yes"];
    let filtered = [&["wire"], &words[..], &["--filter-policy", r#"{"kind": ["a"]}"#]].concat();
    let (code, said) = account.run(&filtered);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("was not created by this command and differs"),
        "{said}"
    );
    // Only the permission is missing, and only that is taken back.
    account.succeed(&[&["wire"], &words[..]].concat());
    let said = account.succeed(&[&["unwire"], &words[..]].concat());
    assert!(said.contains("created by someone else"), "{said}");
    let left = account.call("sns", "list_subscriptions_by_topic", json!({"TopicArn": topic}));
    assert_eq!(left["Subscriptions"][0]["Endpoint"], function);
    assert_eq!(account.state()["policy"], Value::Null);
}

#[test]
fn a_fifo_topic_is_refused_with_a_way_out() {
    let account = Account::with_function("wire-fifo");
    let (code, said) = account.run(&["wire", "sns", "--topic", "orders.fifo", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("subscribe a FIFO queue"), "{said}");
    let (code, said) = account.run(&["wire", "sns", "--topic", "missing", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("aws sns create-topic --name missing"), "{said}");
}

#[test]
fn a_log_groups_events_reach_the_function_until_unwired() {
    let account = Account::with_function("wire-logs");
    let group = json!({"logGroupName": "/wire/logs"});
    account.call("logs", "create_log_group", group.clone());
    let stream = json!({"logGroupName": "/wire/logs", "logStreamName": "one"});
    account.call("logs", "create_log_stream", stream);
    let before = account.state();
    let words = ["logs", "--log-group", "/wire/logs"];
    account.wire(&words);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let now = u64::try_from(now.as_millis()).unwrap();
    let events = json!({"logGroupName": "/wire/logs", "logStreamName": "one",
        "logEvents": [{"timestamp": now, "message": "ERROR"}]});
    account.call("logs", "put_log_events", events);
    // The stock function has no handler for log groups, and says so.
    account.logged("no handler for cloudwatch_logs");
    assert_eq!(wired(&account, "logs")["source"], "/wire/logs");
    let filtered = [&["wire"], &words[..], &["--filter-pattern", "ERROR", "--yes"]].concat();
    let changed = account.succeed(&filtered);
    assert!(changed.contains("filter pattern: nothing → ERROR"), "{changed}");
    assert_eq!(wired(&account, "logs")["details"], "filter pattern ERROR");
    // The account keeps log groups of the same name in other accounts out.
    let policy = account.state()["policy"].to_string();
    assert!(
        policy.contains("log-group:/wire/logs:*") && policy.contains("SourceAccount"),
        "{policy}"
    );
    account.unwire(&words);
    assert_eq!(account.state(), before);
    let left = account.call("logs", "describe_subscription_filters", group);
    assert_eq!(left["subscriptionFilters"], json!([]));
}

#[test]
fn a_log_group_that_would_loop_or_has_no_room_is_refused() {
    let account = Account::with_function("wire-full");
    let own = account.run(&["wire", "logs", "--log-group", "/aws/lambda/wire-full", "--yes"]);
    assert_eq!(own.0, 1, "{}", own.1);
    assert!(
        own.1
            .contains("each invocation would write logs that invoke it again"),
        "{}",
        own.1
    );
    account.call("logs", "create_log_group", json!({"logGroupName": "/wire/full"}));
    for name in ["first", "second"] {
        let filter = json!({"logGroupName": "/wire/full", "filterName": name, "filterPattern": "",
            "destinationArn": "arn:aws:kinesis:eu-west-1:000000000000:stream/theirs"});
        account.call("logs", "put_subscription_filter", filter);
    }
    let before = account.state();
    let (code, said) = account.run(&["wire", "logs", "--log-group", "/wire/full", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("first to arn:aws:kinesis") && said.contains("second to"),
        "{said}"
    );
    assert_eq!(account.state(), before);
}

/// A listener of a new load balancer.
fn listener(account: &Account, name: &str) -> String {
    let balancer = account.call("elbv2", "create_load_balancer", json!({"Name": name}));
    let balancer = &balancer["LoadBalancers"][0]["LoadBalancerArn"];
    let refuse = json!([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]);
    let listener =
        json!({"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": refuse});
    let made = account.call("elbv2", "create_listener", listener);
    made["Listeners"][0]["ListenerArn"].as_str().unwrap().to_owned()
}

#[test]
fn a_load_balancers_rule_forwards_to_the_function_until_unwired() {
    let account = Account::with_function("wire-alb");
    let listener = listener(&account, "wire-alb");
    let rules = || account.call("elbv2", "describe_rules", json!({"ListenerArn": listener}));
    let (before, state) = (rules(), account.state());
    let words = ["alb", "--listener", &listener, "--path", "/events"];
    let said = account.wire(&words);
    assert!(url(&said).ends_with(".elb.amazonaws.com/"), "{said}");
    let (status, body) = get(&format!("{}events", url(&said)));
    assert_eq!(status, 200, "{said}: {body}");
    assert_eq!(get(&format!("{}other", url(&said))).0, 404);
    let group = wired(&account, "alb")["source"].clone();
    let attributes = account.call(
        "elbv2",
        "describe_target_group_attributes",
        json!({"TargetGroupArn": group}),
    );
    assert!(
        attributes
            .to_string()
            .contains("lambda.multi_value_headers.enabled"),
        "{attributes}"
    );
    let options = [
        "--path",
        "/other",
        "--priority",
        "7",
        "--no-multi-value-headers",
        "--yes",
    ];
    let changed = account.succeed(&[&["wire"], &words[..], &options].concat());
    for said in [
        "paths: /events → /events, /other",
        "priority: 1 → 7",
        "multi-value headers: true → false",
    ] {
        assert!(changed.contains(said), "{changed}");
    }
    let again = account.succeed(&[&["wire"], &words[..], &options].concat());
    assert!(again.contains("nothing to do"), "{again}");
    account.unwire(&["alb", "--listener", &listener]);
    assert_eq!((rules(), account.state()), (before, state));
    let left = account.call("elbv2", "describe_target_groups", json!({}));
    assert!(!left.to_string().contains(group.as_str().unwrap()), "{left}");
}

#[test]
fn a_target_group_that_a_rule_of_others_needs_stays() {
    let account = Account::with_function("wire-alb-group");
    let listener = listener(&account, "wire-alb-group");
    let said = account.wire(&["alb"]);
    assert!(
        said.contains("no rule forwards requests to the target group yet"),
        "{said}"
    );
    let group = wired(&account, "alb")["source"].clone();
    let rule = json!({"ListenerArn": listener, "Priority": 3,
        "Conditions": [{"Field": "path-pattern", "Values": ["/theirs"]}],
        "Actions": [{"Type": "forward", "TargetGroupArn": group}]});
    account.call("elbv2", "create_rule", rule);
    let said = account.succeed(&["unwire", "alb", "--listener", &listener, "--yes"]);
    assert!(
        said.contains("forwards to the target group") && said.contains("nothing to do"),
        "{said}"
    );
    assert_eq!(wired(&account, "alb")["source"], group);
}

#[test]
fn an_api_takes_signed_requests_unless_it_is_for_anybody() {
    for (name, kind, list) in [
        ("wire-http", &["http"][..], "http"),
        ("wire-rest", &["http", "--rest"], "rest"),
    ] {
        let account = Account::with_function(name);
        let said = account.wire(kind);
        let events = format!("{}events", url(&said));
        let (status, body) = get(&events);
        assert_eq!(status, 403, "{events}: {body}");
        let opened = account.succeed(&[&["wire"], kind, &["--auth", "none", "--yes"]].concat());
        assert!(opened.contains("authorization: AWS_IAM → NONE"), "{opened}");
        let (status, body) = get(&events);
        assert_eq!(status, 200, "{events}: {body}");
        wired(&account, list);
        account.unwire(kind);
        assert!(account.triggers().is_empty());
    }
}

#[test]
fn a_function_url_for_anybody_is_closed_again() {
    let account = Account::with_function("wire-url");
    let said = account.wire(&["url", "--auth", "none"]);
    let (status, body) = get(&format!("{}events", url(&said)));
    assert_eq!(status, 200, "{said}: {body}");
    wired(&account, "url");
    let closed = account.succeed(&["wire", "url", "--yes"]);
    assert!(closed.contains("authorization: NONE → AWS_IAM"), "{closed}");
    assert_eq!(account.state()["policy"], Value::Null);
    account.unwire(&["url"]);
    assert!(account.triggers().is_empty());
}

#[test]
fn an_alias_has_triggers_of_its_own() {
    let mut account = Account::with_function("wire-alias");
    account.publish();
    let directory = tempfile::tempdir().unwrap();
    let pattern = directory.path().join("pattern.json");
    std::fs::write(&pattern, r#"{"source": ["alias"]}"#).unwrap();
    account.wire(&["events", "--pattern", pattern.to_str().unwrap()]);
    let entries = json!([{"Source": "alias", "DetailType": "Alias called", "Detail": "{}"}]);
    account.call("events", "put_events", json!({"Entries": entries}));
    account.journalled("Alias-called");
    assert_eq!(wired(&account, "events")["kind"], "events");
    account.function = "wire-alias".to_owned();
    assert!(account.triggers().is_empty());
    account.function.push_str(":live");
    account.unwire(&["events"]);
    assert!(account.triggers().is_empty());
}

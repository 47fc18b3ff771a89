//! Kafka topics and provisioned mode, by a double of Lambda's event source mappings that follows botocore's model.

use serde_json::{Value, json};

use crate::account::Account;

const CLUSTER: &str =
    "arn:aws:kafka:eu-west-1:000000000000:cluster/shop/0f9d1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b-1";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:kafka";

/// The only trigger, which `wire` created.
fn only(account: &Account) -> Value {
    let triggers = account.triggers();
    assert_eq!(triggers.len(), 1, "{triggers:?}");
    assert_eq!(triggers[0]["wired"], true, "{triggers:?}");
    triggers[0].clone()
}

fn changed(account: &Account, words: &[&str], expected: &[&str]) {
    let words = [&["wire"], words, &["--yes"]].concat();
    let said = account.succeed(&words);
    for line in expected {
        assert!(said.contains(line), "{line}: {said}");
    }
    let again = account.succeed(&words);
    assert!(again.contains("nothing to do"), "{again}");
}

#[test]
fn a_topic_of_msk_gets_provisioned_mode_and_a_registry_and_loses_them() {
    let account = Account::with_function("wire-msk").with_modelled_mappings();
    let words = ["kafka", "--cluster", CLUSTER, "--topic", "orders"];
    let said = account.wire(&words);
    for line in [
        "+ event source mapping of topic orders of MSK cluster shop to function wire-msk",
        "a record that always fails blocks its partition",
        "kafka:DescribeClusterV2, kafka:GetBootstrapBrokers on arn:aws:kafka",
        "kafka-cluster:DescribeTopic, kafka-cluster:ReadData on arn:aws:kafka:eu-west-1:000000000000:topic/shop/",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let trigger = only(&account);
    assert_eq!(
        (&trigger["kind"], &trigger["source"]),
        (&json!("kafka"), &json!(CLUSTER))
    );
    let registry = "arn:aws:glue:eu-west-1:000000000000:registry/shop";
    let provisioned = [
        &words[..],
        &[
            "--max-pollers",
            "5",
            "--max-retries",
            "3",
            "--schema-registry",
            registry,
        ],
    ]
    .concat();
    changed(
        &account,
        &provisioned,
        &[
            "provisioned pollers: nothing → 1 to 5",
            "response types: nothing → ReportBatchItemFailures",
            "maximum retries: unlimited → 3",
            "bisect on error: false → true",
            "registry/shop, value as JSON",
            "glue:GetRegistry, glue:GetSchemaVersion on arn:aws:glue",
        ],
    );
    changed(
        &account,
        &words,
        &[
            "provisioned pollers: 1 to 5 → nothing",
            "response types: ReportBatchItemFailures → nothing",
        ],
    );
    account.unwire(&words);
    assert!(account.triggers().is_empty());
}

#[test]
fn topics_of_a_self_managed_cluster_have_mappings_of_their_own() {
    let account = Account::with_function("wire-kafka").with_modelled_mappings();
    let access = format!("SASL_SCRAM_512_AUTH={SECRET}");
    let words = |topic: &'static str| {
        [
            "kafka",
            "--bootstrap-servers",
            "b-1.example.com:9096,b-2.example.com:9096",
            "--topic",
            topic,
            "--consumer-group",
            "shop",
            "--starting-position",
            "latest",
            "--access",
            access.as_str(),
            "--subnet",
            "subnet-1,subnet-2",
            "--security-group",
            "sg-1",
        ]
        .map(str::to_owned)
    };
    let (orders, returns) = (words("orders"), words("returns"));
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let returns: Vec<&str> = returns.iter().map(String::as_str).collect();
    let said = account.wire(&orders);
    assert!(
        said.contains(&format!("secretsmanager:GetSecretValue on {SECRET}")),
        "{said}"
    );
    assert!(
        said.contains("VPC_SECURITY_GROUP=security_group:sg-1, VPC_SUBNET=subnet:subnet-1"),
        "{said}"
    );
    assert_eq!(
        only(&account)["source"],
        "b-1.example.com:9096,b-2.example.com:9096"
    );
    account.wire(&returns);
    assert_eq!(account.triggers().len(), 2);
    // The servers in another order are the same cluster.
    let turned = [
        "unwire",
        "kafka",
        "--bootstrap-servers",
        "b-2.example.com:9096,b-1.example.com:9096",
    ];
    account.succeed(&[&turned[..], &["--topic", "returns", "--yes"]].concat());
    assert!(
        only(&account)["details"]
            .as_str()
            .unwrap()
            .contains("topic orders")
    );

    let mut other = orders.clone();
    other[6] = "another";
    let (code, said) = account.run(&[&["wire"], &other[..], &["--yes"]].concat());
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("has consumer group shop, and Lambda cannot change it to another"),
        "{said}"
    );
}

#[test]
fn a_queue_changes_from_maximum_concurrency_to_pollers_and_back() {
    let account = Account::with_function("wire-pollers").with_modelled_mappings();
    let queue = json!({"QueueName": "wire-pollers", "Attributes": {"VisibilityTimeout": "60"}});
    account.call("sqs", "create_queue", queue);
    let words = ["sqs", "--queue", "wire-pollers"];
    account.wire(&[&words[..], &["--max-concurrency", "7"]].concat());
    changed(
        &account,
        &[&words[..], &["--min-pollers", "3"]].concat(),
        &[
            "maximum concurrency: 7 → nothing",
            "provisioned pollers: nothing → 3 to 200",
        ],
    );
    changed(
        &account,
        &[&words[..], &["--min-pollers", "3", "--max-pollers", "9"]].concat(),
        &["provisioned pollers: 3 to 200 → 3 to 9"],
    );
    changed(&account, &words, &["provisioned pollers: 3 to 9 → nothing"]);
    account.unwire(&words);
}

#[test]
fn options_that_exclude_or_require_each_other_are_wrong_usage() {
    let account = Account::with_function("wire-options").with_modelled_mappings();
    let msk = [
        "wire",
        "kafka",
        "--cluster",
        CLUSTER,
        "--topic",
        "orders",
        "--yes",
    ];
    for (words, code, expected) in [
        (&["--subnet", "subnet-1"][..], 2, "--subnet"),
        (
            &["--bootstrap-servers", "b-1.example.com:9096"],
            2,
            "--bootstrap-servers",
        ),
        (&["--max-pollers", "3000"], 2, "3000 is not in 1..=2000"),
        (&["--schema-format", "json"], 2, "--schema-registry"),
        (
            &["--max-retries", "3"],
            1,
            "--max-retries requires provisioned mode",
        ),
        (
            &["--min-pollers", "9", "--max-pollers", "3"],
            1,
            "--min-pollers 9 is more than --max-pollers 3",
        ),
    ] {
        let (got, said) = account.run(&[&msk[..], words].concat());
        assert_eq!(got, code, "{words:?}: {said}");
        assert!(said.contains(expected), "{words:?}: {said}");
    }
    let pollers = ["--max-concurrency", "3", "--min-pollers", "3", "--yes"];
    assert_eq!(
        account
            .run(&[&["wire", "sqs", "--queue", "q"], &pollers[..]].concat())
            .0,
        2
    );
    let (code, said) = account.run(&["wire", "kafka", "--cluster", "shop", "--topic", "orders", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("aws kafka list-clusters-v2"), "{said}");
    assert!(account.triggers().is_empty());
}

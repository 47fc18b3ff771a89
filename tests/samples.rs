//! Every file in `events/`, through the built function.

use crate::support::{ROUTED, Stock, events, samples};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn samples_of_streams_and_notifications_succeed() {
    let stock = Stock::start().await;
    for (name, payload) in samples(&["s3", "cloudwatch_events"]) {
        assert_eq!(stock.reply(payload).await, Value::Null, "{name}");
    }
    for (name, payload) in samples(&["dynamodb", "kinesis"]) {
        assert_eq!(
            stock.reply(payload).await,
            json!({"batchItemFailures": []}),
            "{name}"
        );
    }
    assert!(!stock.entries().await.is_empty());
}

/// The keys each source takes; API Gateway and ALB answer 502 to a reply with others.
fn keys(name: &str) -> BTreeSet<&'static str> {
    let kind: &[&str] = match name.trim_start_matches("api_gateway/") {
        name if name.starts_with("alb_multi_value") => &["statusDescription", "multiValueHeaders"],
        name if name.starts_with("alb") => &["statusDescription", "headers"],
        name if name.starts_with("rest") || name.starts_with("websocket") => &["multiValueHeaders"],
        name if name.starts_with("http") || name.starts_with("function_url") => &["headers", "cookies"],
        name => panic!("{name} is of no known kind"),
    };
    let common = ["statusCode", "isBase64Encoded", "body"];
    common.into_iter().chain(kind.iter().copied()).collect()
}

#[tokio::test]
async fn samples_of_requests_are_answered_in_their_source_s_shape() {
    let stock = Stock::start().await;
    for (name, payload) in samples(&["api_gateway"]) {
        let reply = stock.reply(payload).await;
        let status = reply["statusCode"].as_u64().unwrap();
        // The stock function has no WebSocket routes, and some samples ask for what no other has put there.
        assert!((200..300).contains(&status) || status == 404, "{name}: {reply}");
        let there: BTreeSet<&str> = reply.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(there, keys(&name), "{name}");
        assert!(
            reply["body"].is_string() && reply["isBase64Encoded"] == false,
            "{name}: {reply}"
        );
        if let Some(headers) = reply["multiValueHeaders"].as_object() {
            assert!(headers.values().all(Value::is_array), "{name}: {reply}");
        }
    }
}

#[tokio::test]
async fn samples_without_a_handler_are_refused_by_name() {
    let stock = Stock::start().await;
    let pid = stock.function.pid();
    for (name, payload) in samples(&["unrouted"]) {
        let stem = name.trim_start_matches("unrouted/").trim_end_matches(".json");
        let (error_type, message) = match stem {
            // What is inside is refused, and ends its execution.
            "durable" => {
                let reply = stock.reply(payload).await;
                assert_eq!(reply["Status"], "FAILED");
                let part = |name: &str| reply["Error"][name].as_str().unwrap().to_owned();
                (part("ErrorType"), part("ErrorMessage"))
            }
            _ => {
                let error = stock.error(payload).await;
                (error.error_type, error.message)
            }
        };
        assert_eq!(error_type, "UnroutedEvent", "{name}: {message}");
        let source = match stem {
            "durable" => "unknown",
            unknown if unknown.starts_with("unknown_") => "unknown",
            source => source,
        };
        let start = format!("no handler for {source} ");
        assert!(message.starts_with(&start), "{name}: {message}");
    }
    assert_eq!(stock.function.pid(), pid);
    assert!(stock.entries().await.is_empty());
}

#[test]
fn the_table_names_every_sample_and_no_other() {
    let table = std::fs::read_to_string(events().join("README.md")).unwrap();
    let links = table.lines().filter_map(|line| {
        let (_, link) = line.strip_prefix("| [`")?.split_once("](")?;
        Some(link.split_once(')')?.0.to_owned())
    });
    let mut links = Vec::from_iter(links);
    links.sort();
    let there = samples(&[ROUTED, &["unrouted"]].concat());
    assert_eq!(links, there.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
    assert!(links.len() >= 40);
    let count = format!("\n{} payloads ", links.len());
    assert!(
        table.contains(&count),
        "the text tells another number than {}",
        links.len()
    );
    for folder in std::fs::read_dir(events()).unwrap().map(Result::unwrap) {
        let name = folder.file_name().into_string().unwrap();
        let known = ROUTED.contains(&name.as_str()) || ["unrouted", "README.md"].contains(&name.as_str());
        assert!(known, "events/{name} is in no test");
    }
}

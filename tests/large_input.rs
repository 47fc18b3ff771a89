//! Input that is deep or large: it is read, or refused with a clear answer, and the process goes on.

use crate::support::{Sturdy, batch, dynamodb, event, http_api, kinesis, s3};
use serde_json::{Value, json};

fn nested(depth: usize) -> String {
    format!("{}\"x\"{}", "{\"a\":".repeat(depth), "}".repeat(depth))
}

/// The text of a payload with `deep` in the place of the string `"DEEP"`.
fn with(payload: &Value, deep: &str) -> String {
    let text = payload.to_string();
    assert!(text.contains("\"DEEP\""));
    text.replace("\"DEEP\"", deep)
}

#[tokio::test]
async fn a_deep_detail_comes_back_out_of_the_journal_as_it_was() {
    let sturdy = Sturdy::start().await;
    for depth in [200, 100_000] {
        let mut payload = event(&json!("DEEP"));
        payload["id"] = json!(format!("deep-{depth}"));
        payload["source"] = json!(format!("shop{depth}"));
        assert_eq!(
            sturdy.answer(with(&payload, &nested(depth))).await,
            Ok(Value::Null),
            "{depth}"
        );
        let reply = sturdy
            .stock
            .get(&format!("/events/shop{depth}/deep-{depth}"))
            .await;
        assert_eq!(reply["statusCode"], 200, "{depth}");
        assert!(
            reply["body"].as_str().unwrap().contains(&nested(depth)),
            "{depth}"
        );
        let list = sturdy.stock.get(&format!("/events?source=shop{depth}")).await;
        assert!(list["body"].as_str().unwrap().contains(&nested(depth)), "{depth}");
        sturdy.works().await;
    }
}

#[tokio::test]
async fn nesting_beside_the_data_is_accepted() {
    let sturdy = Sturdy::start().await;
    for depth in [200, 100_000] {
        let whole = Ok(json!({"batchItemFailures": []}));
        // As data, in the record, and beside the records.
        let data = kinesis(1, nested(depth).as_bytes());
        assert_eq!(sturdy.answer(batch([data])).await, whole, "{depth}");
        let mut envelope = kinesis(2, b"x");
        envelope["new"] = json!("DEEP");
        envelope["kinesis"]["new"] = json!("DEEP");
        let envelope = json!({"new": "DEEP", "Records": [envelope]});
        assert_eq!(
            sturdy.answer(with(&envelope, &nested(depth))).await,
            whole,
            "{depth}"
        );
        let mut object = s3("k");
        object["s3"]["new"] = json!("DEEP");
        assert_eq!(
            sturdy
                .answer(with(&json!({"Records": [object]}), &nested(depth)))
                .await,
            Ok(Value::Null)
        );
        let mut request = http_api("GET", "/health");
        request["new"] = json!("DEEP");
        let reply = sturdy.answer(with(&request, &nested(depth))).await.unwrap();
        assert_eq!(reply["statusCode"], 200, "{depth}");
        sturdy.works().await;
    }
}

#[tokio::test]
async fn depth_that_no_source_sends_is_that_record_s_failure() {
    let sturdy = Sturdy::start().await;
    for depth in [200, 100_000] {
        let good = dynamodb(1, json!({}));
        let bad = dynamodb(2, json!({"a": "DEEP"}));
        let number = bad["dynamodb"]["SequenceNumber"].clone();
        let image = format!(
            "{}{{\"S\":\"x\"}}{}",
            "{\"L\":[".repeat(depth),
            "]}".repeat(depth)
        );
        let reply = sturdy
            .answer(with(&json!({"Records": [good, bad]}), &image))
            .await;
        assert_eq!(
            reply,
            Ok(json!({"batchItemFailures": [{"itemIdentifier": number}]})),
            "{depth}"
        );
        let unknown = format!("{{\"a\":{}}}", nested(depth));
        sturdy.refuses(unknown, "UnroutedEvent", &["unknown"]).await;
        // Never closed.
        sturdy
            .refuses("[".repeat(depth), "UnroutedEvent", &["unknown"])
            .await;
    }
}

const MEGABYTE: usize = 1 << 20;

#[tokio::test]
async fn six_megabytes_of_any_source_are_taken() {
    let sturdy = Sturdy::start().await;
    let whole = Ok(json!({"batchItemFailures": []}));
    let data = vec![b'x'; 720 * 1024];
    let large = batch((0..6).map(|number| kinesis(number, &data)));
    assert!((5 * MEGABYTE..6 * MEGABYTE).contains(&large.len()));
    assert_eq!(sturdy.answer(large).await, whole);
    let text = "x".repeat(390_000);
    let large = batch((0..15).map(|number| dynamodb(number, json!({"a": {"S": text}}))));
    assert!((5 * MEGABYTE..6 * MEGABYTE).contains(&large.len()));
    assert_eq!(sturdy.answer(large).await, whole);
    let mut large = event(&json!({"text": "x".repeat(5_900_000)}));
    large["id"] = json!("large");
    assert_eq!(sturdy.answer(large.to_string()).await, Ok(Value::Null));
    assert_eq!(sturdy.stock.count(), 6 + 15 + 1);
    let mut large = http_api("POST", "/events");
    large["body"] = json!("x".repeat(5_900_000));
    assert_eq!(sturdy.answer(large.to_string()).await.unwrap()["statusCode"], 413);
    sturdy
        .refuses(
            json!({"a": "x".repeat(5_900_000)}).to_string(),
            "UnroutedEvent",
            &["unknown"],
        )
        .await;
    sturdy
        .refuses("x".repeat(6 * MEGABYTE), "UnroutedEvent", &["not JSON at byte 0"])
        .await;
}

#[tokio::test]
async fn an_answer_that_lambda_would_not_take_is_a_problem() {
    let sturdy = Sturdy::start().await;
    // Every quote is escaped in the reply, which makes it half as long again.
    let mut large = event(&json!(vec!["x"; 1_300_000]));
    large["id"] = json!("quotes");
    assert_eq!(sturdy.answer(large.to_string()).await, Ok(Value::Null));
    for url in ["/events/shop/quotes", "/events"] {
        let reply = sturdy.answer(http_api("GET", url).to_string()).await.unwrap();
        assert_eq!(reply["statusCode"], 500);
        assert!(reply["body"].as_str().unwrap().contains("too large"), "{reply}");
    }
    // A load balancer takes no more than 1 MB.
    let mut large = event(&json!("x".repeat(1_100_000)));
    large["id"] = json!("x");
    assert_eq!(sturdy.answer(large.to_string()).await, Ok(Value::Null));
    let alb =
        json!({"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/events/shop/x", "headers": {}});
    assert_eq!(sturdy.answer(alb.to_string()).await.unwrap()["statusCode"], 500);
    let reply = sturdy
        .answer(http_api("GET", "/events/shop/x").to_string())
        .await
        .unwrap();
    assert_eq!(reply["statusCode"], 200);
    sturdy.works().await;
}

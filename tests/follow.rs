//! The stock function's journal followed over HTTP while events come.

use crate::support::{Stock, batch, http_api, kinesis, next_page};
use serde_json::Value;
use std::collections::BTreeSet;

/// How often a follower asks at most: many times as often as it takes.
const MOST: usize = 20_000;

/// Follows from the beginning until so many entries have come, by server-sent events: their sequence numbers, as they came.
async fn stream(stock: &Stock, count: usize) -> Vec<String> {
    let (mut last, mut seen, mut asked) = (None::<String>, Vec::new(), 0);
    while seen.len() < count {
        asked += 1;
        assert!(asked < MOST, "only {} of {count} have come", seen.len());
        let mut request = http_api("GET", "/events");
        request["headers"]["accept"] = "text/event-stream".into();
        request["headers"]["last-event-id"] = last.clone().unwrap_or_default().into();
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(reply["statusCode"], 200, "{reply}");
        assert_eq!(reply["headers"]["content-type"], "text/event-stream");
        for line in reply["body"].as_str().unwrap().lines() {
            if let Some(id) = line.strip_prefix("id: ") {
                last = Some(id.to_owned());
            }
            if let Some(data) = line.strip_prefix("data: ") {
                let event: Value = serde_json::from_str(data).unwrap();
                seen.push(event["id"].as_str().unwrap().to_owned());
            }
        }
    }
    seen
}

/// The same by pages.
async fn pages(stock: &Stock, count: usize) -> Vec<String> {
    let (mut url, mut seen, mut asked) = ("/events?after=0&limit=7".to_owned(), Vec::new(), 0);
    while seen.len() < count {
        asked += 1;
        assert!(asked < MOST, "only {} of {count} have come", seen.len());
        let page = stock.get(&url).await;
        assert_eq!(page["statusCode"], 200, "{page}");
        let events: Vec<Value> = serde_json::from_str(page["body"].as_str().unwrap()).unwrap();
        seen.extend(
            events
                .iter()
                .map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        url = next_page(page["headers"]["link"].as_str().unwrap()).to_owned();
    }
    seen
}

#[tokio::test]
async fn followers_get_each_entry_once_while_two_processes_append() {
    const BATCHES: usize = 20;
    let stock = Stock::start().await;
    let sibling = stock.sibling().await;
    // Each process has records of its own, in no order, and every other batch is delivered to both.
    let batches = |own: usize| {
        (0..BATCHES).map(move |n| {
            let process = if n % 2 == 0 { 0 } else { own };
            let first = (n * 7 % BATCHES + process * BATCHES) * 5;
            batch(
                (first..first + 5)
                    .map(|n| kinesis(n, b"x"))
                    .collect::<Vec<Value>>(),
            )
        })
    };
    let count = 5 * (BATCHES / 2 * 3);
    let ours = async {
        for payload in batches(1) {
            stock.reply(payload).await;
        }
    };
    let theirs = async {
        for payload in batches(2) {
            sibling
                .invoke(payload.into_bytes())
                .await
                .unwrap()
                .result
                .unwrap();
        }
    };
    let ((), (), streamed, paged) = tokio::join!(ours, theirs, stream(&stock, count), pages(&stock, count));
    assert_eq!(streamed, paged);
    let distinct: BTreeSet<&String> = streamed.iter().collect();
    assert_eq!(
        (streamed.len(), distinct.len(), stock.count()),
        (count, count, count)
    );
    sibling.shutdown().await;
}

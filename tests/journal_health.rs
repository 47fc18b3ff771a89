//! What the stock function says of its journal when that cannot be written: `/health` has the reason, and what was
//! acknowledged is there.

use crate::support::{Stock, http_api};
use lambda_sandbox::Function;
use serde_json::{Value, json};
use std::path::Path;

fn post(id: &str, bytes: usize) -> String {
    let mut post = http_api("POST", "/events");
    post["headers"]["content-type"] = "application/cloudevents+json".into();
    let event =
        json!({"specversion": "1.0", "id": id, "source": "/s", "type": "t", "data": "x".repeat(bytes)});
    post["body"] = event.to_string().into();
    post.to_string()
}

async fn ask(function: &Function, payload: String) -> (u64, Value) {
    let outcome = function.invoke(payload.into_bytes()).await.unwrap();
    let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    let body = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    (reply["statusCode"].as_u64().unwrap(), body)
}

async fn get(function: &Function, path: &str) -> (u64, Value) {
    ask(function, http_api("GET", path).to_string()).await
}

fn kept(path: &Path) -> i64 {
    let count = "SELECT count(*) FROM entry";
    rusqlite::Connection::open(path)
        .unwrap()
        .query_row(count, [], |row| row.get(0))
        .unwrap()
}

/// A function that may write files of 600 blocks of 512 bytes: on what is behind them, its disk fails.
#[tokio::test]
async fn a_disk_without_room_is_an_unhealthy_journal() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    // The signal that the system sends besides would end it.
    let function = Function::builder("/bin/sh")
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 600; exec \"$0\"")
        .arg(env!("CARGO_BIN_EXE_switchboard"))
        .env("SWITCHBOARD_STORE", format!("sqlite:{}", path.display()))
        .env("AWS_LAMBDA_LOG_LEVEL", "ERROR")
        .start()
        .await
        .unwrap();
    assert_eq!(get(&function, "/health").await, (200, json!({"status": "ok"})));
    let mut acknowledged = 0;
    let (status, problem) = loop {
        let (status, body) = ask(&function, post(&acknowledged.to_string(), 20_000)).await;
        if status != 201 {
            break (status, body);
        }
        acknowledged += 1;
        assert!(acknowledged < 100);
    };
    assert_eq!(status, 500);
    assert!(
        ["io", "full"].contains(&problem["reason"].as_str().unwrap()),
        "{problem}"
    );
    let (status, health) = get(&function, "/health").await;
    assert_eq!((status, &health["reason"]), (503, &problem["reason"]));
    assert!(!health.to_string().contains("journal.sqlite"), "{health}");
    // What is there can be read, and is all that was acknowledged.
    let (status, _) = get(&function, "/events?limit=1").await;
    assert_eq!(status, 200);
    function.shutdown().await;
    assert_eq!(kept(&path), acknowledged);
}

#[tokio::test]
async fn a_journal_deleted_under_the_function_is_unhealthy() {
    let stock = Stock::start().await;
    assert_eq!(ask(&stock.function, post("1", 10)).await.0, 201);
    let path = stock.journal_file();
    std::fs::remove_file(&path).unwrap();
    let (status, problem) = ask(&stock.function, post("2", 10)).await;
    assert_eq!((status, &problem["reason"]), (500, &json!("moved")));
    let (status, problem) = get(&stock.function, "/health").await;
    assert_eq!((status, &problem["reason"]), (503, &json!("moved")));
    assert!(!path.exists());
}

#[tokio::test]
async fn a_damaged_entry_is_named_in_the_page_and_in_the_log() {
    let stock = Stock::start().await;
    for id in ["1", "2", "3"] {
        assert_eq!(ask(&stock.function, post(id, 10)).await.0, 201);
    }
    let damage = "UPDATE entry SET document = '{' WHERE id = '2'";
    rusqlite::Connection::open(stock.journal_file())
        .unwrap()
        .execute(damage, [])
        .unwrap();
    let outcome = stock.invoke(http_api("GET", "/events").to_string()).await;
    let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    assert_eq!(reply["headers"]["switchboard-damaged"], "/events/%2Fs/2");
    let list: Vec<Value> = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    assert_eq!(list.len(), 2);
    let logs = outcome.logs.join("\n");
    assert!(
        logs.contains("ERROR") && logs.contains("damaged") && logs.contains("/s"),
        "{logs}"
    );
}

//! What an application makes of records' bodies.

#![expect(dead_code, reason = "they are read, which is what is measured")]

use serde::Deserialize;

/// One click, in a Kinesis record.
#[derive(Deserialize)]
pub(crate) struct Click {
    page: String,
    visitor: String,
    at: u64,
    duration: f64,
    tags: Vec<String>,
}

/// One line of an order, in a DynamoDB table.
#[derive(Deserialize)]
pub(crate) struct Line {
    order: String,
    line: u32,
    state: State,
    amount: f64,
    tags: Vec<String>,
    address: Address,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Open,
    Paid,
}

#[derive(Deserialize)]
struct Address {
    city: String,
    verified: bool,
}

/// One order, in an SQS message.
#[derive(Deserialize)]
pub(crate) struct Order {
    id: u64,
    customer: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    count: u32,
    price: f64,
}

//! Every source with events as AWS sends them, delivered to the function's own router.

use crate::app::{App, Order};
use crate::clicks::Click;
use crate::events::{Parcel, Stock};
use crate::queues::Refund;
use crate::router;
use serde_json::{Value, json};
use switchboard::Failure;
use switchboard::testing::{
    AppSync, Cognito, Delivered, DirectPayload, DynamodbStream, EventBridge, Http, Kafka, Kinesis,
    RecordOutcome, S3, Sqs, context,
};

fn order(id: &str, cents: u64) -> Order {
    Order {
        id: id.to_owned(),
        customer: "jane".to_owned(),
        cents,
    }
}

/// A shop that knows these orders.
fn shop(orders: &[(&str, u64)]) -> App {
    let app = App::default();
    app.with(|shop| {
        shop.orders = orders
            .iter()
            .map(|(id, cents)| ((*id).to_owned(), order(id, *cents)))
            .collect();
    });
    app
}

async fn deliver(app: &App, event: impl Into<switchboard::Payload>) -> Delivered {
    router(app.clone()).deliver(event).await
}

fn log(app: &App) -> Vec<String> {
    app.with(|shop| std::mem::take(&mut shop.log))
}

#[tokio::test]
async fn orders_and_refunds_come_from_queues_of_their_own() {
    let app = App::default();
    let orders = Sqs::batch([
        Sqs::message(&order("1001", 24_900)).fifo("jane"),
        Sqs::message(&order("1002", 0)).fifo("jane").id("free"),
        Sqs::message(&order("1003", 500)).fifo("jane").id("behind"),
        Sqs::text("not an order").fifo("joe"),
    ])
    .queue("orders.fifo");
    let delivered = deliver(&app, orders).await;
    let failed = json!([{"itemIdentifier": "free"}, {"itemIdentifier": "behind"}]);
    assert_eq!(delivered.reply()["batchItemFailures"], failed);
    assert_eq!(delivered.dead_letters().len(), 1);
    assert_eq!(app.order("1001"), Some(order("1001", 24_900)));

    let refund = |id: &str| Sqs::message(&Refund { order: id.to_owned() }).fifo(id);
    let refunds = Sqs::batch([refund("1001"), refund("1002")]).queue("refunds.fifo");
    let outcomes = deliver(&app, refunds).await.outcomes();
    assert_eq!(
        outcomes,
        [
            RecordOutcome::Done,
            RecordOutcome::Failed("no such order yet".to_owned())
        ]
    );
    assert_eq!(log(&app), ["refunded 24900 cents"]);
}

#[tokio::test]
async fn an_invoice_is_found_in_two_envelopes() {
    let app = App::default();
    let invoice = |bytes| {
        S3::put("shop", "invoices/1001 a.pdf")
            .size(bytes)
            .in_sns()
            .in_sqs()
            .queue("files")
    };
    deliver(&app, invoice(7)).await.assert_done();
    assert_eq!(log(&app), ["invoice invoices/1001 a.pdf"]);
    let outcomes = deliver(&app, invoice(0)).await.outcomes();
    assert!(
        matches!(&outcomes[..], [RecordOutcome::Failed(why)] if why.contains("empty")),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn a_change_in_the_table_has_both_images() {
    let app = App::default();
    let keys = json!({"id": "1001"});
    let changes = DynamodbStream::batch([
        DynamodbStream::insert("orders", &keys, &order("1001", 5)),
        DynamodbStream::modify("orders", &keys, &order("1001", 5), &order("1001", 7)),
        DynamodbStream::remove("orders", &keys, &order("1001", 7)),
    ]);
    deliver(&app, changes).await.assert_done();
    assert_eq!(log(&app), ["1001 costs 7 instead of 5", "1001 is gone"]);
}

#[tokio::test]
async fn the_clicks_of_a_visitor_stay_in_order() {
    let app = App::default();
    let pages: Vec<String> = (0..40).map(|page| page.to_string()).collect();
    let click = |(at, page): (usize, &String)| {
        Kinesis::record(&format!("v{}", at % 8), &Click { page: page.clone() })
    };
    deliver(&app, Kinesis::batch(pages.iter().enumerate().map(click)))
        .await
        .assert_done();
    let log = log(&app);
    for visitor in 0..8 {
        let expected: Vec<String> = pages
            .iter()
            .skip(visitor)
            .step_by(8)
            .map(|page| format!("v{visitor} saw {page}"))
            .collect();
        let seen: Vec<&String> = log
            .iter()
            .filter(|line| line.starts_with(&format!("v{visitor} ")))
            .collect();
        assert_eq!(seen, expected.iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_price_is_read_and_a_tombstone_ends_it() {
    let app = App::default();
    // The header of a schema registry with the schema's id, 7, and then the record: 250 as Avro writes a long.
    let price = [0, 0, 0, 0, 7, 0xf4, 0x03];
    let prices = Kafka::batch([
        Kafka::bytes("prices", 0, price).key("DESK-140"),
        Kafka::tombstone("prices", 0).key("DESK-140"),
    ]);
    deliver(&app, prices).await.assert_done();
    assert_eq!(log(&app), ["DESK-140 costs 250", "DESK-140 is no longer sold"]);
}

#[tokio::test]
async fn each_type_of_event_has_its_handler() {
    let app = App::default();
    let parcel = Parcel {
        order: "1001".to_owned(),
    };
    let stock = Stock {
        article: "DESK-140".to_owned(),
        pieces: 0,
    };
    for event in [
        EventBridge::event("warehouse", "ParcelShipped", &parcel),
        EventBridge::event("warehouse", "ParcelReturned", &parcel),
        EventBridge::event("warehouse", "StockChanged", &stock),
    ] {
        deliver(&app, event).await.assert_done();
    }
    assert_eq!(
        log(&app),
        ["1001 was shipped", "1001 came back", "DESK-140 is sold out"]
    );

    let other = EventBridge::event("warehouse", "LightsOut", &json!({}));
    deliver(&app, other).await.assert_done();
    assert!(log(&app).is_empty());
}

#[tokio::test]
async fn the_api_describes_itself() {
    let document = deliver(&App::default(), Http::get("/openapi.json")).await;
    let document: serde_json::Value = serde_json::from_slice(&document.body()).unwrap();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/orders", "/orders/{id}"]);
    let order = &document["components"]["schemas"]["Order"]["properties"];
    assert_eq!(order["cents"]["type"], "integer", "{document}");
    let page = deliver(&App::default(), Http::get("/docs")).await;
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn a_customer_sees_and_places_their_own_orders() {
    let app = shop(&[("1001", 5)]);
    let as_customer = |request: Http, name: &str| request.jwt(&json!({"sub": name}));
    let body = |delivered: &Delivered| serde_json::from_slice::<Value>(&delivered.body()).ok();

    let show = || Http::get("/orders/1001");
    let shown = deliver(&app, as_customer(show(), "jane")).await;
    assert_eq!(
        (shown.status(), body(&shown)),
        (200, Some(json!(order("1001", 5))))
    );
    assert_eq!(deliver(&app, as_customer(show(), "joe")).await.status(), 404);
    assert_eq!(deliver(&app, show()).await.status(), 401);

    let place = || Http::post("/orders").json(&order("1002", 7));
    assert_eq!(deliver(&app, as_customer(place(), "joe")).await.status(), 403);
    assert_eq!(deliver(&app, as_customer(place(), "jane")).await.status(), 201);
    let all = deliver(&app, as_customer(Http::get("/orders"), "jane")).await;
    assert_eq!(body(&all), Some(json!([order("1001", 5), order("1002", 7)])));
}

#[tokio::test]
async fn colleagues_are_confirmed_at_once() {
    let app = App::default();
    let sign_up = |email: &str| Cognito::trigger("PreSignUp_SignUp").attribute("email", email);
    for (email, confirmed) in [("jo@shop.example", true), ("jane@example.com", false)] {
        let delivered = deliver(&app, sign_up(email)).await;
        assert_eq!(
            delivered.reply()["response"]["autoConfirmUser"],
            confirmed,
            "{email}"
        );
        assert_eq!(delivered.reply()["triggerSource"], "PreSignUp_SignUp");
    }
    let without = sign_up("?").without("/request/userAttributes/email");
    let error = deliver(&app, without).await.error().map(ToString::to_string);
    assert_eq!(error.as_deref(), Some("an address is needed"));

    let confirmation = Cognito::trigger("PostConfirmation_ConfirmSignUp").user("jane");
    deliver(&app, confirmation).await.assert_done();
    assert_eq!(log(&app), ["welcome, jane"]);
}

#[tokio::test]
async fn a_field_is_resolved_alone_and_in_a_batch() {
    let app = shop(&[("1001", 20_001), ("1002", 5)]);
    let query = AppSync::field("Query", "order").arguments(&json!({"id": "1001"}));
    assert_eq!(deliver(&app, query).await.reply(), &json!(order("1001", 20_001)));

    let parcels = |id: &str| AppSync::field("Order", "parcels").source(&json!({"id": id}));
    let batch = AppSync::batch([parcels("1001"), parcels("none"), parcels("1002")]);
    assert_eq!(
        deliver(&app, batch).await.reply(),
        &json!([
            ["1001-1", "1001-2", "1001-3"],
            {"data": null, "errorMessage": "NoSuchOrder", "errorType": "NoSuchOrder"},
            ["1002-1"],
        ])
    );
}

#[tokio::test]
async fn a_state_machine_gets_a_receipt_or_an_error_that_it_can_catch() {
    let app = shop(&[("1001", 5), ("1002", 100_001)]);
    let charge = |id: &str| DirectPayload::of(&json!({"task": "charge", "order": id}));
    let receipt = deliver(&app, charge("1001")).await;
    assert_eq!(receipt.reply(), &json!({"order": "1001", "cents": 5}));
    for (id, name) in [("1002", "CardDeclined"), ("none", "NoSuchOrder")] {
        let delivered = deliver(&app, charge(id)).await;
        assert_eq!(delivered.error().map(|error| error.error_type()), Some(name));
    }
}

#[tokio::test]
async fn a_handler_is_called_alone() -> Result<(), Failure> {
    let app = App::default();
    let cx = context().state(app.clone()).build();
    crate::queues::on_order(switchboard::Json(order("1001", 5)), cx).await?;
    assert_eq!(app.order("1001"), Some(order("1001", 5)));
    Ok(())
}

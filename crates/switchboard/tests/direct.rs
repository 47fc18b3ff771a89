//! Payloads of the application's own, and handlers that take some events of their source only: through the router, and through
//! the Runtime API with the example `tasks`.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use lambda_runtime::{LambdaEvent, Service};
use lambda_sandbox::{Function, InvokeEvent};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard::when::{field, tool};
use switchboard::{Context, Error, Failure, Handler, Payload, Router, block_on, run};
use switchboard_test_support::example;

async fn answer(mut router: Router<()>, payload: &Value) -> Result<Value, Error> {
    let event = LambdaEvent::new(
        Payload::new(payload.to_string()),
        lambda_runtime::Context::default(),
    );
    let reply = router.call(event).await?;
    Ok(serde_json::to_value(&reply).unwrap())
}

#[derive(Deserialize)]
struct Order {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    count: u32,
}

async fn sum(order: Order, _cx: Context<()>) -> Result<u32, Failure> {
    Ok(order.items.iter().map(|item| item.count).sum())
}

async fn length(payload: Payload, _cx: Context<()>) -> Result<usize, Failure> {
    Ok(payload.into_bytes().len())
}

#[tokio::test]
async fn a_payload_is_read_as_the_handlers_type_and_its_reply_is_the_answer() {
    let router = Router::new(()).direct::<Order>(sum);
    let payload = json!({"items": [{"count": 2}, {"count": 3}]});
    assert_eq!(answer(router, &payload).await.unwrap(), 5);
}

#[tokio::test]
async fn what_does_not_fit_is_named_by_its_path_and_not_quoted() {
    let router = Router::new(()).direct::<Order>(sum);
    let payload = json!({"items": [{"count": 2}, {"count": "secret"}]});
    let error = answer(router, &payload).await.unwrap_err();
    assert_eq!(error.error_type(), "HandlerFailed");
    let message = error.to_string();
    assert!(
        message.starts_with("unreadable at `items[1].count`: invalid type"),
        "{message}"
    );
    assert!(!message.contains("secret"), "{message}");
}

#[tokio::test]
async fn an_event_of_a_known_source_is_never_a_payload_of_ones_own() {
    let router = Router::new(()).direct::<Value>(json_of).fallback(length);
    // It starts only without the fallback, which never gets anything; the router itself is asked here.
    let event = json!({"source": "shop.orders", "detail-type": "OrderPlaced", "detail": {}});
    let error = answer(router, &event).await.unwrap_err();
    assert!(error.is_unrouted(), "{error}");
}

async fn json_of(value: Value, _cx: Context<()>) -> Result<Value, Failure> {
    Ok(value)
}

#[tokio::test]
async fn a_name_of_the_applications_own_is_the_error_type() {
    async fn declined(_: Value, _cx: Context<()>) -> Result<(), Failure> {
        Err(Failure::named("CardDeclined").because("the limit is exceeded"))
    }
    let error = answer(Router::new(()).direct::<Value>(declined), &json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.error_type(), &*error.to_string()),
        ("CardDeclined", "the limit is exceeded")
    );

    async fn on_event(_: CloudWatchEvent, _cx: Context<()>) -> Result<(), Failure> {
        Err(Failure::named("NoSuchOrder"))
    }
    let event = json!({"source": "shop", "detail-type": "OrderPlaced", "detail": {}, "id": "e-1"});
    let error = answer(Router::new(()).cloudwatch_events(on_event), &event)
        .await
        .unwrap_err();
    assert_eq!(error.error_type(), "NoSuchOrder");
    assert!(error.to_string().contains("NoSuchOrder"), "{error}");
}

#[tokio::test]
async fn a_panic_fails_the_invocation() {
    async fn panics(_: Value, _cx: Context<()>) -> Result<(), Failure> {
        panic!("told to panic")
    }
    let error = answer(Router::new(()).direct::<Value>(panics), &json!({}))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("the handler panicked: told to panic"),
        "{error}"
    );
}

async fn placed(_: CloudWatchEvent<Value>, _cx: Context<()>) -> Result<(), Failure> {
    Err(Failure::named("Placed"))
}

async fn cancelled(_: CloudWatchEvent<Value>, _cx: Context<()>) -> Result<(), Failure> {
    Err(Failure::named("Cancelled"))
}

async fn other(_: CloudWatchEvent<Value>, _cx: Context<()>) -> Result<(), Failure> {
    Err(Failure::named("Other"))
}

#[tokio::test]
async fn events_of_a_source_go_to_the_first_handler_that_takes_them() {
    let router = || {
        Router::new(())
            .cloudwatch_events(
                placed.when(
                    field("source")
                        .is("shop")
                        .and(field("detail-type").is("OrderPlaced")),
                ),
            )
            .cloudwatch_events(cancelled.when(field("detail.order.state").starts_with("cancel")))
    };
    let event = |source: &str, kind: &str, state: Value| json!({"id": "e", "source": source, "detail-type": kind, "detail": {"order": {"state": state}}});
    for (event, handler) in [
        (event("shop", "OrderPlaced", json!("cancelled")), "Placed"),
        (event("shop", "OrderChanged", json!("cancelled")), "Cancelled"),
        (
            event("shop", "OrderChanged", json!("\u{63}ancelling")),
            "Cancelled",
        ),
        (event("mail", "OrderPlaced", json!("new")), "Other"),
        (event("shop", "OrderChanged", json!(null)), "Other"),
        (event("shop", "OrderChanged", json!({"cancel": 1})), "Other"),
    ] {
        let all = router().cloudwatch_events(other);
        assert_eq!(
            answer(all, &event).await.unwrap_err().error_type(),
            handler,
            "{event}"
        );
        let error = answer(router(), &event).await.unwrap_err();
        if handler == "Other" {
            assert!(error.is_unrouted(), "{error}");
            assert!(
                error.to_string().contains("none of the 2 handlers of its source"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_number_or_a_flag_is_compared_as_it_is_written() {
    let router = || {
        Router::new(()).direct::<Value>(json_of.when(field("version").is("2").and(field("dry").is("true"))))
    };
    assert!(
        answer(router(), &json!({"version": 2, "dry": true}))
            .await
            .is_ok()
    );
    assert!(
        answer(router(), &json!({"version": "2", "dry": "true"}))
            .await
            .is_ok()
    );
    for other in [
        json!({"version": 2}),
        json!({"version": 2.0, "dry": true}),
        json!([2]),
        json!("2"),
    ] {
        assert!(
            answer(router(), &other).await.unwrap_err().is_unrouted(),
            "{other}"
        );
    }
}

/// Why a function does not start.
fn refused(router: Router<()>) -> Error {
    // Neither is there an API to poll: the routes are checked before.
    block_on(run(router)).unwrap_err()
}

#[test]
fn a_handler_that_never_gets_an_event_is_an_error_at_start() {
    let order = || field("task").is("order");
    for (router, kind, names) in [
        (
            Router::new(()).direct::<Order>(sum).direct::<Value>(json_of),
            "DuplicateRoute",
            "unknown",
        ),
        (
            Router::new(()).fallback(length).fallback(length),
            "DuplicateRoute",
            "unknown",
        ),
        (
            Router::new(()).direct::<Order>(sum).fallback(length),
            "InvalidRoute",
            "length of unknown",
        ),
        (
            Router::new(()).fallback(length).direct::<Order>(sum),
            "InvalidRoute",
            "length of unknown",
        ),
        (
            Router::new(())
                .direct::<Order>(sum)
                .direct::<Value>(json_of.when(order())),
            "InvalidRoute",
            "json_of of unknown",
        ),
        (
            Router::new(())
                .direct::<Order>(sum.when(field("task").starts_with("or")))
                .direct::<Value>(json_of.when(order().and(field("version").is("2")))),
            "InvalidRoute",
            "json_of of unknown",
        ),
        (
            Router::new(())
                .direct::<Order>(sum.when(tool("a")))
                .direct::<Value>(json_of.when(tool("a"))),
            "InvalidRoute",
            "json_of of unknown",
        ),
    ] {
        let error = refused(router);
        assert_eq!(error.error_type(), kind, "{error}");
        assert!(error.to_string().contains(names), "{error}");
    }
}

fn called(tool: &str) -> String {
    json!({"custom": {"bedrockAgentCoreToolName": tool, "bedrockAgentCoreTargetId": "t"}}).to_string()
}

#[tokio::test]
async fn a_process_answers_its_callers_by_type_tool_and_name() {
    let function = Function::builder(example("tasks")).start().await.unwrap();
    let invoke = async |payload: &str, context: Option<String>| {
        let event = InvokeEvent::from(payload.to_owned());
        let event = match context {
            Some(context) => event.client_context(context),
            None => event,
        };
        let result = function.invoke(event).await.unwrap().result;
        result.map(|answer| serde_json::from_slice::<Value>(&answer).unwrap())
    };
    let charge = |cents: u32| json!({"task": "charge", "payment": "p", "cents": cents}).to_string();
    assert_eq!(
        invoke(&charge(5), None).await.unwrap(),
        json!({"payment": "p", "cents": 5})
    );
    let error = invoke(&charge(100_001), None).await.unwrap_err();
    assert_eq!(error.error_type, "CardDeclined");
    assert_eq!(error.message, "the card's limit is exceeded");
    assert_eq!(
        invoke(r#"{"task":"void","payment":"q"}"#, None).await.unwrap(),
        "q"
    );
    for target in [
        "payments___lookup_payment",
        "payments__lookup_payment",
        "lookup_payment",
    ] {
        // Arguments that look like an event are the tool's arguments.
        let arguments = r#"{"payment":"p-1","source":"shop","detail-type":"x","detail":{}}"#;
        let answer = invoke(arguments, Some(called(target))).await.unwrap();
        assert_eq!(answer, json!({"payment": "p-1", "state": "settled"}), "{target}");
    }
    let unknown = r#"{"payment":"p"}"#;
    assert_eq!(
        invoke(unknown, Some(called("payments___other_lookup")))
            .await
            .unwrap(),
        unknown.len()
    );
    for odd in ["[1,2]", "7", "\"text\"", "null", "not JSON"] {
        assert_eq!(invoke(odd, None).await.unwrap(), odd.len(), "{odd}");
    }
}

/// What an agent reads of a failed tool.
fn told(answer: &Value) -> &str {
    assert_eq!(answer["isError"], true, "{answer}");
    assert_eq!(answer["content"][0]["type"], "text");
    answer["content"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn an_agent_reads_why_its_tool_has_failed() {
    let function = Function::builder(example("tasks"))
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .start()
        .await
        .unwrap();
    for (arguments, text) in [
        (
            r#"{"payment":"x"}"#,
            "NoSuchPayment: ids of payments begin with p-",
        ),
        (r#"{"payment":7}"#, "unreadable at `payment`: invalid type"),
        ("{}", "missing field `payment`"),
    ] {
        let event = InvokeEvent::from(arguments).client_context(called("payments___lookup_payment"));
        let outcome = function.invoke(event).await.unwrap();
        let answer: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
        assert!(told(&answer).contains(text), "{answer}");
        let lines = outcome.logs.iter().filter(|line| line.contains("record failed"));
        assert_eq!(lines.count(), 1, "{:?}", outcome.logs);
    }
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    seconds: Option<u64>,
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_panics_or_takes_too_long_has_failed_for_its_agent_too() {
    async fn odd(arguments: Arguments, _cx: Context<()>) -> Result<(), Failure> {
        match arguments.seconds {
            Some(seconds) => tokio::time::sleep(std::time::Duration::from_secs(seconds)).await,
            None => panic!("as told"),
        }
        Ok(())
    }
    let router = Router::new(()).tool::<Arguments, ()>("odd", "Does odd things.", odd);
    let lambda = switchboard::testing::context()
        .client_context(&serde_json::from_str::<Value>(&called("t___odd")).unwrap());
    let panicked = lambda.deliver(&router, Payload::new("{}")).await;
    assert!(
        told(panicked.reply()).contains("the handler panicked: as told"),
        "{panicked}"
    );
    let late = lambda.deliver(&router, Payload::new(r#"{"seconds":4000}"#)).await;
    assert!(told(late.reply()).contains("time ran out"), "{late}");
    assert!(
        router.clone().tool_definitions().unwrap()[0]
            .get("outputSchema")
            .is_none()
    );
}

#[test]
fn a_function_prints_its_tools_as_a_gateways_target_takes_them() {
    let output = std::process::Command::new(example("tasks"))
        .env("SWITCHBOARD_DESCRIBE", "1")
        .output()
        .unwrap();
    let described: Value = serde_json::from_slice(&output.stdout).unwrap();
    let payment = json!({"type": "string", "description": "The payment's id, such as `p-17`."});
    let state = json!({"type": "string", "description": "`pending`. Or `settled`: The money has arrived."});
    let tools = json!([{
        "name": "lookup_payment",
        "description": "Looks up the state of a payment.",
        "inputSchema": {"type": "object", "properties": {"payment": payment}, "required": ["payment"]},
        "outputSchema": {
            "type": "object",
            "properties": {"payment": {"type": "string"}, "state": state},
            "required": ["payment", "state"],
        },
    }]);
    assert_eq!(described["tools"], tools);
    let routes = described["routes"].as_array().unwrap();
    let when = json!([{"what": "tool", "is": ["lookup_payment"]}]);
    assert!(routes.iter().any(|route| route["when"] == when), "{routes:?}");
}

#[tokio::test]
async fn a_reply_that_is_not_json_fails_the_invocation() {
    async fn odd(_: Value, _cx: Context<()>) -> Result<std::collections::HashMap<Vec<u8>, u8>, Failure> {
        Ok([(vec![1], 1)].into())
    }
    let error = answer(Router::new(()).direct::<Value>(odd), &json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.error_type(), "ReplyFailed");
}

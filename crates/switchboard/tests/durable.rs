//! Plain handlers in a durable function: whatever an event is, it is handled in the envelope of a durable execution as it
//! is alone.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::routing::get;
use futures_util::{Stream, stream};
use lambda_sandbox::{Function, Outcome};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::event::{Delivery, Event};
use switchboard::idempotency::{Idempotency, Memory};
use switchboard::source::Source;
use switchboard::testing::{
    self, Delivered, Durable, EventBridge, Http, Kinesis, RecordOutcome, S3, Sqs, generate, sources,
};
use switchboard::{
    Context, Error, Execution, ExecutionClient, Failure, Handler as _, LargeResult, Payload, Router,
    StatePage, StreamingFronts,
};
use switchboard_test_support::{faulty, samples};

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// Some records fail and some panic, whatever delivers them.
fn decide(raw: &[u8]) -> Result<(), Failure> {
    match raw.iter().map(|byte| usize::from(*byte)).sum::<usize>() % 5 {
        0 => Err(Failure::msg("told to fail")),
        1 => Err(Failure::named("CardDeclined")),
        2 => panic!("told to panic"),
        _ => Ok(()),
    }
}

async fn on_record<T: Send>(_: T, cx: Context<()>) -> Result<(), Failure> {
    decide(cx.raw())
}

async fn on_payload(payload: Payload, _: Context<()>) -> Result<Value, Failure> {
    let payload = payload.into_bytes();
    decide(&payload)?;
    Ok(json!({"got": payload.len(), "text": "\"é\"\u{1}"}))
}

fn router() -> Router<()> {
    let api = axum::Router::new().fallback(axum::routing::any(|uri: http::Uri| async move {
        format!("\"{uri}\" é")
    }));
    Router::new(())
        .s3(on_record::<S3EventRecord>)
        .kinesis(on_record::<KinesisEventRecord>)
        .dynamodb(on_record::<EventRecord>)
        .cloudwatch_events(on_record::<CloudWatchEvent>)
        .on::<SqsEvent>(on_record::<SqsMessage>)
        .on::<SnsEvent>(on_record::<SnsRecord>)
        .on::<KafkaEvent>(on_record::<KafkaRecord>)
        .http(api)
        .fallback(on_payload)
}

/// What the event's source is told: by the answer of an invocation, or by that of an execution.
#[derive(Debug, PartialEq)]
enum Told {
    Answer(Vec<u8>),
    Failure(String, String),
}

fn alone(delivered: &Delivered) -> Told {
    match delivered.answer() {
        Ok(answer) => Told::Answer(answer.to_vec()),
        Err(error) => Told::Failure(error.error_type().to_owned(), error.to_string()),
    }
}

fn in_envelope(delivered: &Delivered) -> Told {
    let mut answer = delivered.reply().clone();
    let members = answer.as_object_mut().unwrap();
    let mut text = |name: &str| members.remove(name).unwrap();
    let status = text("Status");
    let told = match status.as_str().unwrap() {
        "SUCCEEDED" => Told::Answer(text("Result").as_str().unwrap().as_bytes().to_vec()),
        "FAILED" => {
            let mut error = text("Error");
            let mut part = |name: &str| error[name].take().as_str().unwrap().to_owned();
            Told::Failure(part("ErrorType"), part("ErrorMessage"))
        }
        other => panic!("{other}"),
    };
    assert!(members.is_empty(), "{members:?}");
    told
}

fn same_in_an_envelope(event: &str, envelope: impl Into<Payload>) {
    let (plain, durable) =
        block_on(async { (router().deliver(event).await, router().deliver(envelope).await) });
    assert_eq!(in_envelope(&durable), alone(&plain), "{event}");
    assert_eq!(durable.outcomes(), plain.outcomes(), "{event}");
    assert_eq!(durable.is_done(), plain.is_done(), "{event}");
    assert_eq!(durable.source(), Source::Durable);
}

#[test]
fn every_sample_is_answered_as_it_is_alone() {
    let folders = [
        "api_gateway",
        "cloudwatch_events",
        "dynamodb",
        "kinesis",
        "s3",
        "unrouted",
    ];
    for (name, event) in samples(&folders) {
        let event = String::from_utf8(event).unwrap();
        if name != "unrouted/durable.json" {
            same_in_an_envelope(&event, Durable::execution(event.clone()));
        }
    }
}

/// The envelope in another order, written as others write it, and with what it may have besides.
fn rewritten(event: &str, order: usize, escapes: bool, page: bool) -> String {
    let text = match escapes {
        false => json!(event).to_string(),
        true => {
            let escaped = event.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            format!("\"{}\"", escaped.collect::<String>())
        }
    };
    let execution = [
        r#""Type":"EXECUTION""#.to_owned(),
        format!(r#""ExecutionDetails":{{"InputPayload":{text}}}"#),
        r#""Id":"5e2f""#.to_owned(),
    ];
    let marker = if page { r#""41:27""# } else { r#""""# };
    let step = r#"{"Id":"1","Type":"STEP","StepDetails":{"Result":"{\"Type\":\"EXECUTION\"}"}}"#;
    let mut state = [
        format!(
            r#""Operations":[{{{}}},{step}]"#,
            turned(execution, order).join(",")
        ),
        format!(r#""NextMarker":{marker}"#),
    ];
    state.rotate_left(order % 2);
    let members = [
        r#""CheckpointToken":"t""#.to_owned(),
        r#""DurableExecutionArn":"a/b""#.to_owned(),
        format!(r#""InitialExecutionState":{{{}}}"#, state.join(" , ")),
        r#""UpdatedOperationIds":[]"#.to_owned(),
    ];
    format!("{{{}}}", turned(members, order).join(","))
}

fn turned<const N: usize>(mut members: [String; N], by: usize) -> [String; N] {
    members.rotate_left(by % N);
    members
}

proptest! {
    #[test]
    fn any_event_is_answered_in_any_envelope_as_it_is_alone(
        source in select(sources().filter(|source| *source != Source::Durable).collect::<Vec<_>>()),
        count in 1..4usize,
        body in prop_oneof![Just(None), ".{0,12}".prop_map(Some), r#"\{"a":[0-9]{1,3}\}"#.prop_map(Some)],
        (order, escapes, page) in (0..12usize, any::<bool>(), any::<bool>()),
    ) {
        let made = generate(source, body.as_deref(), count).or_else(|_| generate(source, None, 1));
        let event = made.unwrap().to_json();
        same_in_an_envelope(&event, rewritten(&event, order, escapes, page));
    }

    #[test]
    fn any_text_is_answered_in_an_envelope_as_it_is_alone(event in "\\PC{1,40}", order in 0..12usize) {
        prop_assume!(!event.trim().is_empty());
        same_in_an_envelope(&event, rewritten(&event, order, false, false));
    }
}

fn failed(delivered: &Delivered, error_type: &str) -> String {
    match in_envelope(delivered) {
        Told::Failure(found, message) if found == error_type => message,
        told => panic!("{told:?}"),
    }
}

fn logged<'d>(delivered: &'d Delivered, level: &'d str) -> impl Iterator<Item = &'d Value> {
    delivered.logs().iter().filter(move |line| line["level"] == level)
}

#[test]
fn log_lines_and_metrics_name_the_execution() {
    async fn told(_: SqsMessage, cx: Context<()>) -> Result<(), Failure> {
        let execution = cx.execution().unwrap();
        tracing::info!(own = execution.name(), "a message");
        Err(Failure::msg("told to fail"))
    }
    let event = Durable::execution(Sqs::text("x").id("m-1")).name("order-17");
    let arn = Value::from(event.clone())["DurableExecutionArn"].clone();
    let delivered = block_on(Router::new(()).on::<SqsEvent>(told).deliver(event));
    assert_eq!(
        delivered.result(),
        json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]})
    );
    assert_eq!(
        delivered.outcomes(),
        [RecordOutcome::Failed("told to fail".to_owned())]
    );
    for line in delivered.logs().iter().chain(delivered.metrics()) {
        assert_eq!(line["executionArn"], arn, "{line}");
        assert_eq!(line["executionName"], "order-17", "{line}");
        assert_eq!(line["source"], "sqs", "{line}");
    }
    assert_eq!(delivered.logs()[0]["own"], "order-17");
    assert!(!delivered.metrics().is_empty());
    let alone = block_on(router().deliver(Sqs::text("x")));
    assert!(alone.logs().iter().all(|line| line.get("executionArn").is_none()));
}

#[test]
fn a_failed_execution_is_logged_once() {
    let event = Durable::execution(testing::sample(Source::Config).to_json());
    let delivered = block_on(Router::new(()).s3(on_record::<S3EventRecord>).deliver(event));
    let message = failed(&delivered, "UnroutedEvent");
    assert!(message.starts_with("no handler for config ("), "{message}");
    let lines: Vec<_> = logged(&delivered, "ERROR").collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["message"], *message);
}

#[test]
fn a_failure_that_its_caller_catches_has_its_name() {
    async fn charge(_: Value, _: Context<()>) -> Result<(), Failure> {
        Err(Failure::named("CardDeclined").because("no cover"))
    }
    let router = Router::new(()).direct::<Value>(charge);
    let delivered = block_on(router.deliver(Durable::execution(r#"{"cents":5}"#)));
    let message = failed(&delivered, "CardDeclined");
    assert!(!message.contains("unknown:"), "{message}");
}

/// What is sent piece by piece elsewhere is the result as a whole here.
#[test]
fn a_stream_is_the_result_of_its_execution() {
    async fn rows(
        ends_well: bool,
        _: Context<()>,
    ) -> Result<impl Stream<Item = Result<&'static str, Failure>>, Failure> {
        let end = match ends_well {
            true => Ok("second"),
            false => Err(Failure::named("Declined")),
        };
        Ok(stream::iter([Ok("first "), end]))
    }
    let router = Router::new(()).direct_stream::<bool>(rows);
    let delivered = block_on(router.deliver(Durable::execution("true")));
    let result = json!({"Status": "SUCCEEDED", "Result": "first second"});
    assert_eq!(*delivered.reply(), result, "{delivered}");
    let delivered = block_on(router.deliver(Durable::execution("false")));
    failed(&delivered, "Declined");
}

/// A service takes at most 32 KiB of an error.
#[test]
fn a_long_message_is_cut() {
    async fn long(_: Value, _: Context<()>) -> Result<(), Failure> {
        Err(Failure::msg("\u{1}é".repeat(40_000)))
    }
    let router = Router::new(()).direct::<Value>(long);
    let delivered = block_on(router.deliver(Durable::execution("{}")));
    failed(&delivered, "HandlerFailed");
    assert!(delivered.answer().unwrap().len() < 32 * 1024);
}

#[test]
fn an_envelope_without_its_event_fails_and_says_why() {
    let envelope = |state: Value| json!({"DurableExecutionArn": "a/b", "CheckpointToken": "t", "InitialExecutionState": state});
    let deliver = |state| block_on(router().deliver(envelope(state)));
    let delivered = deliver(json!({"Operations": [], "NextMarker": "m"}));
    let message = failed(&delivered, "DisplacedInput");
    assert!(message.contains("InitialExecutionState.NextMarker"), "{message}");
    assert_eq!(logged(&delivered, "ERROR").count(), 1);
    assert_eq!(delivered.logs()[0]["executionArn"], "a/b");
    assert_eq!(delivered.logs()[0]["source"], "durable");
    for state in [json!({}), json!({"Operations": [{"Type": "STEP"}]})] {
        let message = failed(&deliver(state), "InvalidEnvelope");
        assert!(message.contains("InitialExecutionState.Operations"), "{message}");
    }
}

#[test]
fn an_execution_in_an_execution_is_refused() {
    let inner = Durable::execution(S3::put("uploads", "a"));
    let delivered = block_on(router().deliver(Durable::execution(inner.clone())));
    let message = failed(&delivered, "InvalidEnvelope");
    assert!(message.contains("another one"), "{message}");
    // Nor is one opened that came in a record.
    async fn dispatching(message: SqsMessage, cx: Context<()>) -> Result<(), Failure> {
        cx.dispatch(message.body.unwrap_or_default()).await
    }
    let router = Router::new(())
        .on::<SqsEvent>(dispatching)
        .s3(on_record::<S3EventRecord>);
    let delivered = block_on(router.deliver(Sqs::text(inner.to_json()).id("m-1")));
    assert_eq!(delivered.reply()["batchItemFailures"][0]["itemIdentifier"], "m-1");
}

/// An answer of a handler to a whole batch.
struct WholeBatch;

impl Event for WholeBatch {
    const SOURCES: &'static [Source] = &[Source::Sqs];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &[];
    type Item = Value;
    type Reply = Value;
}

#[test]
fn the_answer_inside_is_checked_against_its_source_s_contract() {
    async fn invented(_: Value, _: Context<()>) -> Result<Value, Failure> {
        Ok(json!({"batchItemFailures": [{"itemIdentifier": "invented"}]}))
    }
    let router = Router::new(()).on::<WholeBatch>(invented);
    let delivered = block_on(router.deliver(Durable::execution(Sqs::text("x"))));
    let message = failed(&delivered, "InvalidReply");
    assert!(message.contains("invented"), "{message}");
}

/// Quotes take two bytes inside the envelope's text.
#[test]
fn an_answer_that_is_too_large_in_its_envelope_fails_the_execution() {
    async fn quotes(count: usize, _: Context<()>) -> Result<String, Failure> {
        Ok("\"".repeat(count))
    }
    let deliver = |count: usize| {
        let router = Router::new(()).direct::<usize>(quotes);
        block_on(router.deliver(Durable::execution(count.to_string())))
    };
    // A quote is `\"` in the answer, and `\\\"` in the text of that.
    let fits = (6 * 1024 * 1024 - r#"{"Status":"SUCCEEDED","Result":"\"\""}"#.len()) / 4;
    assert_eq!(deliver(fits).result().as_str().unwrap().len(), fits);
    let delivered = deliver(fits + 1);
    let message = failed(&delivered, "ReplyTooLarge");
    assert!(message.contains("bytes"), "{message}");
    assert_eq!(logged(&delivered, "ERROR").count(), 1);
}

#[test]
fn a_streamed_response_cannot_be_durable() {
    let called = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&called);
    let counting = move |execution: Option<axum::Extension<Execution>>| async move {
        seen.fetch_add(1, Ordering::Relaxed);
        execution
            .and_then(|execution| execution.name().map(str::to_owned))
            .unwrap_or_default()
    };
    let api = axum::Router::new().route("/", get(counting));
    let streaming = Router::new(()).http_stream(api.clone(), StreamingFronts::FUNCTION_URL);
    let event = || Durable::execution(Http::get("/").function_url()).name("n");
    let message = failed(&block_on(streaming.deliver(event())), "InvalidRoute");
    assert!(message.contains("`Router::http`"), "{message}");
    assert_eq!(called.load(Ordering::Relaxed), 0);
    // A front end that does not stream gets the whole response.
    let whole = block_on(streaming.deliver(Durable::execution(Http::get("/")).name("n")));
    assert_eq!(
        (&whole.result()["statusCode"], &whole.result()["body"]),
        (&json!(200), &json!("n"))
    );
}

#[test]
fn an_effect_that_one_execution_had_is_not_repeated_by_another() {
    static EFFECTS: AtomicUsize = AtomicUsize::new(0);
    async fn once(_: CloudWatchEvent, _: Context<()>) -> Result<(), Failure> {
        EFFECTS.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    let idempotency = Idempotency::new(Memory::new());
    let router = Router::new(()).cloudwatch_events(once.idempotent(idempotency));
    let event = EventBridge::event("shop", "Order Placed", &json!({"id": 17}));
    block_on(async {
        for delivery in [
            Durable::execution(event.clone()).into_payload(),
            Durable::execution(event.clone()).into_payload(),
            event.clone().into_payload(),
        ] {
            router.deliver(delivery).await.assert_done();
        }
    });
    assert_eq!(EFFECTS.load(Ordering::Relaxed), 1);
}

/// Who has a handler for the envelope itself gets it.
#[test]
fn a_handler_for_the_envelope_gets_it_as_it_is() {
    struct Envelopes;
    impl Event for Envelopes {
        const SOURCES: &'static [Source] = &[Source::Durable];
        const DELIVERY: Delivery = Delivery::Whole;
        const ID: &'static [&'static str] = &["DurableExecutionArn"];
        type Item = Value;
        type Reply = Value;
    }
    async fn on_envelope(envelope: Value, cx: Context<()>) -> Result<Value, Failure> {
        assert!(cx.execution().is_none());
        Ok(json!({"Status": "PENDING", "of": envelope["DurableExecutionArn"]}))
    }
    let event = Durable::execution("{}").name("n");
    let arn = Value::from(event.clone())["DurableExecutionArn"].clone();
    let router = router().on::<Envelopes>(on_envelope);
    let delivered = block_on(router.deliver(event));
    assert_eq!(delivered.reply(), &json!({"Status": "PENDING", "of": arn}));
}

/// What Lambda answers, and what it was asked.
#[derive(Clone, Default)]
struct FakeLambda {
    input: Option<String>,
    is_down: bool,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl FakeLambda {
    fn answer<T>(&self, asked: Value, answer: T) -> Result<T, std::io::Error> {
        self.asked.lock().unwrap().push(asked);
        match self.is_down {
            true => Err(std::io::Error::other("throttled")),
            false => Ok(answer),
        }
    }

    fn deliver(&self, router: Router<()>, event: impl Into<Payload>) -> Delivered {
        block_on(router.execution_client(self.clone()).deliver(event))
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

impl ExecutionClient for FakeLambda {
    type Error = std::io::Error;

    async fn input(&self, page: StatePage) -> Result<Option<String>, Self::Error> {
        assert!(!format!("{page:?}").contains("t-0"), "{page:?}");
        let asked = json!([page.execution_arn, page.checkpoint_token, page.marker]);
        self.answer(asked, self.input.clone())
    }

    async fn succeed(&self, result: LargeResult) -> Result<(), Self::Error> {
        let shown = format!("{result:?}");
        assert!(shown.len() < 400 && !shown.contains("t-0"), "{shown}");
        let asked = json!([
            result.execution_arn,
            result.checkpoint_token,
            result.payload.len()
        ]);
        assert!(result.payload.starts_with(r#"""#), "the handler's own JSON");
        self.answer(asked, ())
    }
}

fn displaced() -> Value {
    json!({"DurableExecutionArn": "a/b", "CheckpointToken": "t-0", "InitialExecutionState": {"NextMarker": "m"}})
}

#[test]
fn an_event_that_did_not_fit_is_asked_for() {
    let event = Sqs::batch(["x", "y", "z"].map(Sqs::text)).to_json();
    let lambda = FakeLambda {
        input: Some(event.clone()),
        ..FakeLambda::default()
    };
    let delivered = lambda.deliver(router(), displaced());
    assert_eq!(
        in_envelope(&delivered),
        alone(&block_on(router().deliver(&*event)))
    );
    assert_eq!(lambda.asked(), [json!(["a/b", "t-0", "m"])]);
    let lines = delivered.logs().iter().chain(delivered.metrics());
    assert!(lines.clone().count() > 0 && lines.clone().all(|line| line["executionArn"] == "a/b"));
    // An event that is there is not asked for.
    let _ = lambda.deliver(router(), Durable::execution(event));
    assert_eq!(lambda.asked().len(), 1);
}

#[test]
fn an_event_that_nobody_has_fails_the_execution_and_a_lambda_that_is_down_the_invocation() {
    failed(
        &FakeLambda::default().deliver(router(), displaced()),
        "DisplacedInput",
    );
    let nested = FakeLambda {
        input: Some(Durable::execution("{}").to_json()),
        ..FakeLambda::default()
    };
    failed(&nested.deliver(router(), displaced()), "InvalidEnvelope");
    let down = FakeLambda {
        is_down: true,
        ..FakeLambda::default()
    };
    // Lambda invokes the function again then.
    let delivered = down.deliver(router(), displaced());
    let error = delivered.error().unwrap();
    assert_eq!(error.error_type(), "ExecutionClientFailed");
    assert_eq!(error.to_string(), "GetDurableExecutionState failed: throttled");
}

#[test]
fn an_answer_that_does_not_fit_is_saved() {
    async fn quotes(count: usize, _: Context<()>) -> Result<String, Failure> {
        Ok("\"".repeat(count))
    }
    let router = || Router::new(()).direct::<usize>(quotes);
    let event = |count: usize| Durable::execution(count.to_string()).set("/CheckpointToken", "t-0");
    let (large, too_large) = (2 * 1024 * 1024, 4 * 1024 * 1024);
    let lambda = FakeLambda::default();
    let delivered = lambda.deliver(router(), event(large));
    assert_eq!(delivered.reply(), &json!({"Status": "SUCCEEDED", "Result": ""}));
    let asked = lambda.asked();
    assert_eq!(
        (asked.len(), &asked[0][1], &asked[0][2]),
        (1, &json!("t-0"), &json!(2 * large + 2))
    );
    // A checkpoint takes 6 MiB as well, and so does an answer without an envelope.
    failed(&lambda.deliver(router(), event(too_large)), "InvalidReply");
    lambda.deliver(router(), event(1)).assert_done();
    assert_eq!(lambda.asked().len(), 1);
    let down = FakeLambda {
        is_down: true,
        ..FakeLambda::default()
    };
    let delivered = down.deliver(router(), event(large));
    assert_eq!(delivered.error().unwrap().error_type(), "ExecutionClientFailed");
}

struct Running {
    function: Function,
    _directory: tempfile::TempDir,
}

impl Running {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let builder = faulty()
            .env("FAULTY_LEDGER", directory.path().join("ledger"))
            .env("RUST_BACKTRACE", "0")
            .timeout(Duration::from_secs(10));
        Self {
            function: builder.start().await.unwrap(),
            _directory: directory,
        }
    }

    async fn invoke(&self, event: impl Into<String>) -> Outcome {
        let envelope = Durable::execution(event).name("n-1").to_json();
        self.function.invoke(envelope).await.unwrap()
    }

    async fn answer(&self, event: impl Into<String>) -> Value {
        serde_json::from_slice(&self.invoke(event).await.result.unwrap()).unwrap()
    }
}

fn told(what: &str) -> String {
    json!({"do": what, "id": what}).to_string()
}

#[tokio::test]
async fn through_the_runtime_api_each_source_is_told_what_it_understands() {
    let running = Running::start().await;
    let messages = ["ok", "fail", "panic", "reject"].map(|what| Sqs::text(told(what)).id(what));
    let answer = running.answer(Sqs::batch(messages)).await;
    let partial = r#"{"batchItemFailures":[{"itemIdentifier":"fail"},{"itemIdentifier":"panic"}]}"#;
    assert_eq!(answer, json!({"Status": "SUCCEEDED", "Result": partial}));

    let records = ["ok", "fail", "ok"].map(|what| Kinesis::bytes("k", told(what)));
    let answer = running.answer(Kinesis::batch(records)).await;
    let partial: Value = serde_json::from_str(answer["Result"].as_str().unwrap()).unwrap();
    assert_eq!(partial["batchItemFailures"].as_array().unwrap().len(), 1);

    let answer = running.answer(S3::put("uploads", "ok/0/a")).await;
    assert_eq!(answer, json!({"Status": "SUCCEEDED", "Result": "null"}));
    for what in ["fail", "panic"] {
        // Both succeed as invocations: Lambda would repeat a failed one.
        let answer = running.answer(S3::put("uploads", &format!("{what}/0/a"))).await;
        assert_eq!(answer["Status"], "FAILED", "{answer}");
        assert_eq!(answer["Error"]["ErrorType"], "HandlerFailed", "{answer}");
        assert!(answer.get("Result").is_none(), "{answer}");
    }
    // A process that dies is what Lambda repeats.
    let died = running.invoke(Sqs::text(told("exit"))).await;
    assert!(died.result.is_err());
    let answer = running.answer(Sqs::text(told("ok"))).await;
    assert_eq!(answer["Result"], r#"{"batchItemFailures":[]}"#);
}

/// The handler is dropped before Lambda ends the process, so that the source learns of it from this invocation.
#[tokio::test]
async fn time_that_runs_out_ends_the_execution_and_not_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let builder = faulty()
        .env("FAULTY_LEDGER", directory.path().join("ledger"))
        .timeout(Duration::from_secs(1));
    let function = builder.start().await.unwrap();
    let pid = function.pid();
    let event = |key| Durable::execution(S3::put("uploads", key)).to_json();
    let outcome = function.invoke(event("sleep/60000/a")).await.unwrap();
    let answer: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    assert_eq!(answer["Status"], "FAILED", "{answer}");
    assert!(function.invoke(event("ok/0/b")).await.unwrap().result.is_ok());
    assert_eq!(function.pid(), pid);
}

/// It is a service of `lambda_runtime`, too, which writes the reply itself.
#[tokio::test]
async fn a_service_of_lambda_runtime_answers_in_the_envelope() {
    use lambda_runtime::Service as _;
    let payload = Payload::from(Durable::execution(Sqs::text("x")));
    let event = lambda_runtime::LambdaEvent::new(payload, lambda_runtime::Context::default());
    async fn done(_: SqsMessage, _: Context<()>) -> Result<(), Failure> {
        Ok(())
    }
    let reply: Result<_, Error> = Router::new(()).on::<SqsEvent>(done).call(event).await;
    let written = serde_json::to_value(reply.unwrap()).unwrap();
    assert_eq!(
        written,
        json!({"Status": "SUCCEEDED", "Result": r#"{"batchItemFailures":[]}"#})
    );
}

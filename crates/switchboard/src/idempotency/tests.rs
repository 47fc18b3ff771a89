//! The layer around handlers, alone and in batches, on a clock that is set by hand.

use super::clock::WallClock;
use super::once::{EffectKey, EffectOutcome};
use super::store::{Store, StoreFuture};
use super::{Claim, Claimed, Done, Idempotency, Idempotent, Lease, Memory, MissingKey, SourceIdentity};
use crate::event::{Delivery, Event, StableFields, identify, read};
use crate::handler::{ContextRecord, Invocation};
use crate::source::Source;
use crate::{Context, Failure, Handler, Payload, Router};
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use chrono::Utc;
use lambda_runtime::{LambdaEvent, Service};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// A clock that starts now and moves by hand.
#[derive(Clone)]
struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Self(Arc::new(AtomicU64::new(u64::try_from(now.as_millis()).unwrap())))
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn pass(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

const MINUTE: Duration = Duration::from_secs(60);

/// A store that others may read, too.
#[derive(Debug)]
struct Public(Arc<Memory>);

impl Store for Public {
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed> {
        self.0.claim(claim)
    }

    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool> {
        self.0.finish(lease, done)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool> {
        self.0.release(lease)
    }

    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>> {
        self.0.recall(id, now)
    }

    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()> {
        self.0.remember(id, done)
    }
}

/// A function with its clock, its store and its count of effects.
#[derive(Clone)]
struct App {
    hand: ManualClock,
    store: Arc<Memory>,
    effects: Arc<AtomicUsize>,
    fails: Arc<Mutex<Vec<&'static str>>>,
}

impl App {
    fn new() -> Self {
        Self {
            hand: ManualClock::new(),
            store: Arc::new(Memory::new()),
            effects: Arc::default(),
            fails: Arc::default(),
        }
    }

    fn layer(&self) -> Idempotency<Arc<Memory>> {
        self.layer_on(Arc::clone(&self.store))
    }

    fn layer_on<St: Store>(&self, store: St) -> Idempotency<St> {
        let hand = self.hand.clone();
        let mut layer = Idempotency::new(store).prefix("p");
        layer.once.clock = WallClock::Of(Arc::new(move || hand.now()));
        layer
    }

    fn effects(&self) -> usize {
        self.effects.load(Ordering::SeqCst)
    }

    fn context<E: Event>(&self, raw: &str) -> Context<App> {
        self.context_of::<E>(raw, lambda_runtime::Config::default())
    }

    fn context_of<E: Event>(&self, raw: &str, function: lambda_runtime::Config) -> Context<App> {
        let mut lambda = lambda_runtime::Context::default();
        lambda.env_config = Arc::new(function);
        let deadline = (self.hand.now() + MINUTE).duration_since(SystemTime::UNIX_EPOCH);
        lambda.deadline = u64::try_from(deadline.unwrap().as_millis()).unwrap();
        let invocation = Invocation {
            source: E::SOURCES.first().copied().unwrap_or(Source::Unknown),
            lambda,
            received: Utc::now(),
            ends: None,
            state: self.clone(),
            router: Arc::new(crate::router::RouteTable::default()),
            metrics: crate::telemetry::Metrics::of(crate::source::Source::Unknown),
            depth: 0,
            unpacked: 0,
            failures_logged: Arc::default(),
            sent: None,
            execution: None,
            #[cfg(feature = "durable")]
            durable: None,
        };
        let record = ContextRecord {
            raw: raw.as_bytes().to_vec().into(),
            identify: identify::<E>,
            stable_fields: const { &StableFields::of::<E>() },
            filled: Vec::new(),
            place: None,
            #[cfg(feature = "durable")]
            durable: None,
        };
        Context::new(Arc::new(invocation), record)
    }

    /// Hands one item to a handler.
    async fn deliver<E: Event, H: Handler<E::Item, App>>(
        &self,
        handler: &H,
        raw: &Value,
    ) -> Result<H::Reply, Failure> {
        let raw = raw.to_string();
        let item = read::<E>(raw.as_bytes(), Utc::now()).unwrap().item;
        handler.call(*item, self.context::<E>(&raw)).await
    }

    /// The answer to a batch, on a handler of Kinesis records.
    async fn batch<H>(&self, handler: H, records: &[Value]) -> Value
    where
        H: Handler<KinesisEventRecord, App, Reply = ()>,
    {
        let mut router = Router::new(self.clone()).kinesis(handler);
        let payload = Payload::new(json!({"Records": records}).to_string());
        let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
        serde_json::to_value(router.call(event).await.unwrap()).unwrap()
    }
}

async fn effect(_record: KinesisEventRecord, cx: Context<App>) -> Result<(), Failure> {
    // Lets other lanes in.
    tokio::task::yield_now().await;
    let told = cx.state().fails.lock().unwrap().pop();
    match told {
        Some("panic") => panic!("told to panic"),
        Some("slow") => cx.state().hand.pass(2 * MINUTE),
        Some(told) => return Err(Failure::msg(told)),
        None => {}
    }
    cx.state().effects.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

/// Sequence numbers have 56 digits.
fn kinesis(number: usize) -> Value {
    let number = format!("495903382714902566085596925383615710959215759891{number:08}");
    json!({"eventSource": "aws:kinesis", "eventID": format!("shardId-000000000006:{number}"), "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", "eventVersion": "1.0",
        "kinesis": {"partitionKey": format!("p{}", number.len()), "sequenceNumber": number, "data": "eA==",
            "approximateArrivalTimestamp": 1_700_000_000.25, "kinesisSchemaVersion": "1.0"}})
}

fn none_failed() -> Value {
    json!({"batchItemFailures": []})
}

#[tokio::test]
async fn a_record_delivered_again_has_its_effect_once_until_its_result_expires() {
    let app = App::new();
    let handler = effect.idempotent(app.layer().expires_after(MINUTE));
    for _ in 0..3 {
        app.deliver::<KinesisEvent, _>(&handler, &kinesis(1))
            .await
            .unwrap();
    }
    assert_eq!(app.effects(), 1);
    app.hand.pass(MINUTE);
    app.deliver::<KinesisEvent, _>(&handler, &kinesis(1))
        .await
        .unwrap();
    assert_eq!(app.effects(), 1);
    app.hand.pass(Duration::from_secs(2));
    app.deliver::<KinesisEvent, _>(&handler, &kinesis(1))
        .await
        .unwrap();
    assert_eq!(app.effects(), 2);
}

#[tokio::test]
async fn tenants_have_keys_of_their_own() {
    let app = App::new();
    let handler = effect.idempotent(app.layer());
    let deliver = async |tenant: Option<&str>| {
        let raw = kinesis(1).to_string();
        let item = read::<KinesisEvent>(raw.as_bytes(), Utc::now()).unwrap().item;
        let mut cx = app.context::<KinesisEvent>(&raw);
        let invocation = Arc::get_mut(&mut cx.invocation).unwrap();
        invocation.lambda.tenant_id = tenant.map(str::to_owned);
        handler.call(*item, cx).await.unwrap();
        app.effects()
    };
    assert_eq!((deliver(None).await, deliver(None).await), (1, 1));
    assert_eq!(
        (deliver(Some("north")).await, deliver(Some("north")).await),
        (2, 2)
    );
    assert_eq!(
        (deliver(Some("south")).await, deliver(Some("north")).await),
        (3, 3)
    );
    // One cannot be chosen so that it looks like another's key.
    assert_eq!(deliver(Some("north#495")).await, 4);
}

#[tokio::test]
async fn equal_records_of_a_batch_have_one_effect_on_one_lane_and_on_many() {
    let mut records = vec![kinesis(7); 20];
    // On lanes of their own.
    for (lane, record) in records.iter_mut().enumerate() {
        record["kinesis"]["partitionKey"] = format!("lane {lane}").into();
    }
    let app = App::new();
    assert_eq!(
        app.batch(effect.idempotent(app.layer()), &records).await,
        none_failed()
    );
    assert_eq!(app.effects(), 1);
    let app = App::new();
    let inside = effect.concurrency(8).idempotent(app.layer());
    assert_eq!(app.batch(inside, &records).await, none_failed());
    assert_eq!(app.effects(), 1);
    let app = App::new();
    let outside = effect.idempotent(app.layer()).concurrency(8).margin(MINUTE);
    assert_eq!(app.batch(outside, &records).await, none_failed());
    assert_eq!(app.effects(), 1);
}

#[tokio::test]
async fn an_idempotent_handler_keeps_the_options_of_the_one_it_wraps() {
    let layer = App::new().layer();
    let handler = effect.concurrency(5).margin(MINUTE).idempotent(layer);
    let options = Handler::<KinesisEventRecord, App>::options(&handler);
    assert_eq!((options.concurrency, options.margin), (5, Some(MINUTE)));
}

#[tokio::test]
async fn a_failure_and_a_panic_free_the_key() {
    let app = App::new();
    app.fails.lock().unwrap().extend(["panic", "told to fail"]);
    let handler = effect.idempotent(app.layer());
    let failure = app
        .deliver::<KinesisEvent, _>(&handler, &kinesis(1))
        .await
        .unwrap_err();
    assert_eq!(failure.to_string(), "told to fail");
    let answer = app.batch(effect.idempotent(app.layer()), &[kinesis(1)]).await;
    assert_ne!(answer, none_failed());
    assert_eq!(app.effects(), 0);
    app.deliver::<KinesisEvent, _>(&handler, &kinesis(1))
        .await
        .unwrap();
    assert_eq!(app.effects(), 1);
}

fn claim_of<'c>(app: &App, id: &'c str) -> Claim<'c> {
    Claim {
        id,
        validation: None,
        now: app.hand.now(),
        lease_until: app.hand.now() + MINUTE,
        expiration: app.hand.now() + MINUTE,
    }
}

#[tokio::test]
async fn a_key_in_progress_elsewhere_fails_for_as_long_as_its_lease() {
    let app = App::new();
    let id = format!("p#{}", super::hash(&kinesis(1)["eventID"]).unwrap());
    assert!(matches!(
        app.store.claim(&claim_of(&app, &id)).await,
        Ok(Claimed::Owned(_))
    ));
    app.hand.pass(Duration::from_millis(59_990));
    let handler = effect.idempotent(app.layer());
    let failure = app
        .deliver::<KinesisEvent, _>(&handler, &kinesis(1))
        .await
        .unwrap_err();
    assert_eq!(failure.delay(), Some(Duration::from_millis(10)));
    app.hand.pass(Duration::from_millis(11));
    app.deliver::<KinesisEvent, _>(&handler, &kinesis(1))
        .await
        .unwrap();
    assert_eq!(app.effects(), 1);
}

#[tokio::test]
async fn a_handler_that_outlives_its_lease_fails_if_another_owner_came() {
    let app = App::new();
    app.fails.lock().unwrap().push("slow");
    let id = format!("p#{}", super::hash(&kinesis(1)["eventID"]).unwrap());
    let (handler, record) = (effect.idempotent(app.layer()), kinesis(1));
    let mut late = Box::pin(app.deliver::<KinesisEvent, _>(&handler, &record));
    // It has claimed the key, and waits.
    assert!(futures_util::poll!(&mut late).is_pending());
    app.hand.pass(2 * MINUTE);
    let Ok(Claimed::Owned(successor)) = app.store.claim(&claim_of(&app, &id)).await else {
        panic!("the lease has passed");
    };
    let failure = late.await.unwrap_err();
    let expected = format!(
        "the lease of idempotency key `{id}` expired and another owner took it: the result is not stored"
    );
    assert_eq!(failure.to_string(), expected);
    let done = Done {
        data: "null".to_owned(),
        expiration: app.hand.now() + MINUTE,
    };
    assert!(app.store.finish(&successor, &done).await.unwrap());
}

#[tokio::test]
async fn an_invocation_without_a_deadline_has_its_key_for_as_long_as_any_could_run() {
    let app = App::new();
    let once = app.layer().once;
    let key = EffectKey {
        id: "k",
        validation: None,
        deadline: SystemTime::UNIX_EPOCH,
    };
    let mut first = Box::pin(once.run(key, std::future::pending::<Result<((), String), ()>>()));
    assert!(futures_util::poll!(&mut first).is_pending());
    app.hand.pass(14 * MINUTE);
    let effect = std::future::ready(Err::<((), String), ()>(()));
    let second = once.run(key, effect).await.unwrap();
    assert!(matches!(second, EffectOutcome::InProgress(MINUTE)), "{second:?}");
}

#[tokio::test]
async fn a_dropped_call_leaves_its_lease_to_run_out() {
    let app = App::new();
    let (handler, record) = (effect.idempotent(app.layer()), kinesis(1));
    let mut dropped = Box::pin(app.deliver::<KinesisEvent, _>(&handler, &record));
    assert!(futures_util::poll!(&mut dropped).is_pending());
    drop(dropped);
    let failure = app
        .deliver::<KinesisEvent, _>(&handler, &record)
        .await
        .unwrap_err();
    assert_eq!(failure.delay(), Some(MINUTE));
    app.hand.pass(MINUTE + Duration::from_millis(1));
    app.deliver::<KinesisEvent, _>(&handler, &record).await.unwrap();
    assert_eq!(app.effects(), 1);
}

#[tokio::test]
async fn another_payload_under_the_same_key_is_an_error_that_keeps_it_to_itself() {
    let app = App::new();
    let key = |record: &KinesisEventRecord, _cx: &Context<App>| Some(record.kinesis.partition_key.clone());
    let handler = effect.idempotent(app.layer().key(key));
    let mut other = kinesis(2);
    other["kinesis"]["data"] = "c2VjcmV0".into();
    app.deliver::<KinesisEvent, _>(&handler, &kinesis(1))
        .await
        .unwrap();
    app.deliver::<KinesisEvent, _>(&handler, &kinesis(3))
        .await
        .unwrap();
    let failure = app
        .deliver::<KinesisEvent, _>(&handler, &other)
        .await
        .unwrap_err();
    assert!(failure.is_rejection());
    assert_eq!(
        failure.to_string(),
        "idempotency key `p#p56` was used before with another payload: if the sender gives one id to different events, \
         make the key of more than that (`Idempotency::key`)"
    );
    assert_eq!(app.effects(), 1);
    let lenient = effect.idempotent(app.layer().key(key).validation(false));
    app.deliver::<KinesisEvent, _>(&lenient, &other).await.unwrap();
    assert_eq!(app.effects(), 1);
}

/// Emulators give one sequencer to all changes of an object, and one id to all events.
#[tokio::test]
async fn a_duplicate_id_is_made_distinct_or_reported() {
    async fn count<I: Send>(_item: I, cx: Context<App>) -> Result<(), Failure> {
        cx.state().effects.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    let app = App::new();
    let put = |time: &str| {
        json!({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": time, "s3": {
            "bucket": {"name": "b"}, "object": {"key": "k", "size": 1, "eTag": "e", "sequencer": "0055AED6DCD90281E5"}}})
    };
    let on_object = count::<S3EventRecord>.idempotent(app.layer());
    for time in [
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T00:00:07.000Z",
        "2026-01-01T00:00:00.000Z",
    ] {
        app.deliver::<S3Event, _>(&on_object, &put(time)).await.unwrap();
    }
    assert_eq!(app.effects(), 2);

    let event = json!({"version": "0", "id": "one", "source": "aws.events", "detail-type": "Scheduled Event",
        "time": "2026-01-01T00:00:00Z", "resources": [], "detail": {}});
    let record = kinesis(1);
    for (first, pointer, value) in [
        (&event, "/time", json!("2026-01-01T00:01:00Z")),
        (&event, "/detail-type", json!("Another")),
        (&event, "/detail", json!({"a": 1})),
        (&record, "/kinesis/data", json!("eHk=")),
        (
            &record,
            "/kinesis/approximateArrivalTimestamp",
            json!(1900000000.5),
        ),
    ] {
        let app = App::new();
        let mut other = first.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        let on_event = count::<CloudWatchEvent>.idempotent(app.layer());
        let on_record = count::<KinesisEventRecord>.idempotent(app.layer());
        let mut outcomes = Vec::new();
        for it in [first, first, &other] {
            outcomes.push(match first == &event {
                true => app.deliver::<CloudWatchEvent, _>(&on_event, it).await,
                false => app.deliver::<KinesisEvent, _>(&on_record, it).await,
            });
        }
        assert_eq!(app.effects(), 1, "{pointer}");
        assert!(outcomes[1].is_ok(), "{pointer}");
        let told = outcomes.pop().unwrap().unwrap_err();
        assert!(
            told.is_rejection() && told.to_string().contains("used before"),
            "{pointer}: {told}"
        );
    }
}

#[tokio::test]
async fn no_key_is_an_error_unless_said_otherwise() {
    let app = App::new();
    let mut record = kinesis(1);
    record.as_object_mut().unwrap().remove("eventID");
    let deliver = async |layer: Idempotency<Arc<Memory>>| {
        app.deliver::<KinesisEvent, _>(&effect.idempotent(layer), &record)
            .await
    };
    let failure = deliver(app.layer()).await.unwrap_err();
    assert!(
        failure.to_string().starts_with("no idempotency key: "),
        "{failure}"
    );
    assert!(!failure.is_rejection());
    let failure = deliver(app.layer().missing_key(MissingKey::Reject))
        .await
        .unwrap_err();
    assert!(failure.is_rejection());
    assert_eq!(app.effects(), 0);
    deliver(app.layer().missing_key(MissingKey::Handle))
        .await
        .unwrap();
    deliver(app.layer().missing_key(MissingKey::Handle))
        .await
        .unwrap();
    assert_eq!(app.effects(), 2);
    let empty = app
        .layer()
        .key(|_: &KinesisEventRecord, _: &Context<App>| Some(String::new()));
    let failure = app
        .deliver::<KinesisEvent, _>(&effect.idempotent(empty), &kinesis(1))
        .await;
    assert!(
        failure
            .unwrap_err()
            .to_string()
            .starts_with("no idempotency key: ")
    );
}

#[tokio::test]
async fn ids_are_the_prefix_and_the_hash_that_powertools_makes() {
    async fn on_object(_record: S3EventRecord, cx: Context<App>) -> Result<(), Failure> {
        assert_eq!(
            cx.identity().as_deref(),
            Some("b/a+k//0A/ObjectCreated:Put/2026-01-01T00:00:00Z")
        );
        Ok(())
    }
    let app = App::new();
    let record = json!({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": "2026-01-01T00:00:00Z",
        "s3": {"bucket": {"name": "b"}, "object": {"key": "a+k", "sequencer": "0A"}}});
    let time = "2026-01-01T00:00:00Z";
    let key = super::hash(&["b", "a+k", "@", "0A", "ObjectCreated:Put", time]).unwrap();
    let list = json!(["b", "a+k", null, "0A", "ObjectCreated:Put", time]);
    assert_ne!(super::hash(&list).unwrap(), key);
    let id = format!("p#{}", super::hash(&list).unwrap());
    // A store behind an `Arc` is what it is without.
    let layer = app.layer_on(Arc::new(Public(Arc::clone(&app.store))));
    app.deliver::<S3Event, _>(&on_object.idempotent(layer), &record)
        .await
        .unwrap();
    let kept = app.store.recall(&id, app.hand.now()).await.unwrap();
    assert_eq!(kept.as_deref(), Some("null"));
    let validation = super::hash(&record["s3"]["object"]).unwrap();
    let claim = Claim {
        validation: Some(&validation),
        ..claim_of(&app, &id)
    };
    assert_eq!(
        app.store.claim(&claim).await.unwrap(),
        Claimed::Done("null".to_owned())
    );

    let mut layer = app.layer();
    layer.prefix = None;
    let bare = app.context::<S3Event>("{}");
    assert_eq!(layer.id(&bare, "k"), "s3#k");
    let function = lambda_runtime::Config {
        function_name: "orders".to_owned(),
        ..Default::default()
    };
    let named = app.context_of::<S3Event>("{}", function);
    assert_eq!(layer.id(&named, "k"), "orders.s3#k");
}

/// An event that is answered.
struct Questions;

#[derive(Deserialize)]
struct Question {
    text: String,
}

#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Answer {
    text: String,
    length: usize,
}

impl Event for Questions {
    const SOURCES: &'static [Source] = &[Source::CloudwatchAlarm];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &["number"];
    type Item = Question;
    type Reply = Answer;
}

async fn answer(question: Question, _cx: Context<App>) -> Result<Answer, Failure> {
    Ok(Answer {
        length: question.text.len(),
        text: question.text,
    })
}

#[tokio::test]
async fn a_done_key_answers_the_result_that_was_kept() {
    let app = App::new();
    let handler: Idempotent<_, Idempotency<_, SourceIdentity>> = answer.idempotent(app.layer());
    let first = json!({"number": 1, "text": "first"});
    let given = app.deliver::<Questions, _>(&handler, &first).await.unwrap();
    // Numbers identify, too; and without content any payload is the same.
    let again = app
        .deliver::<Questions, _>(&handler, &json!({"number": 1, "text": "again"}))
        .await
        .unwrap();
    assert_eq!((&given, given.length), (&again, 5));

    let id = format!("p#{}", super::hash(&2).unwrap());
    let done = Done {
        data: r#"{"text":"secret"}"#.to_owned(),
        expiration: app.hand.now() + MINUTE,
    };
    app.store.remember(&id, &done).await.unwrap();
    let foreign = app
        .deliver::<Questions, _>(&handler, &json!({"number": 2, "text": "x"}))
        .await
        .unwrap_err();
    let expected = format!(
        "the result kept under idempotency key `{id}` is no answer of this handler (line 1, column 17 of it): \
         another function or release has kept it; give this handler another prefix, or delete the record"
    );
    assert_eq!(foreign.to_string(), expected);
}

/// Whatever a function in another language has answered: what is done is done.
#[tokio::test]
async fn a_handler_that_answers_nothing_takes_any_result_for_done() {
    for data in [r#"{"ok": true}"#, r#""done""#, "true", "null", "17", "[]", "done"] {
        let app = App::new();
        let id = format!("p#{}", super::hash(&kinesis(1)["eventID"]).unwrap());
        let done = Done {
            data: data.to_owned(),
            expiration: app.hand.now() + MINUTE,
        };
        app.store.remember(&id, &done).await.unwrap();
        let answer = app.batch(effect.idempotent(app.layer()), &[kinesis(1)]).await;
        assert_eq!(answer, none_failed(), "{data}");
        assert_eq!(app.effects(), 0, "{data}");
    }
}

#[test]
fn only_what_holds_nothing_is_made_of_nothing() {
    use super::handler::replay;
    #[derive(Debug, Deserialize, PartialEq)]
    struct Unit;
    assert_eq!(replay::<Unit>("k", "17").unwrap(), Unit);
    assert_eq!(replay::<Option<Unit>>("k", "null").unwrap(), None);
    assert!(replay::<Option<u8>>("k", "{}").is_err());
    assert!(replay::<Vec<u8>>("k", "{}").is_err());
    assert!(replay::<Answer>("k", "null").is_err());
}

#[tokio::test]
async fn every_rule_holds_in_batches_with_records_that_cannot_be_read_or_have_no_number() {
    let app = App::new();
    let mut records: Vec<_> = (0..6).map(kinesis).collect();
    records[3] = kinesis(1);
    records[4]["kinesis"]["data"] = 17.into();
    let answer = app.batch(effect.idempotent(app.layer()), &records).await;
    assert_eq!(
        answer["batchItemFailures"][0]["itemIdentifier"],
        records[4]["kinesis"]["sequenceNumber"]
    );
    assert_eq!(app.effects(), 3);
    records[4] = kinesis(4);
    assert_eq!(
        app.batch(effect.idempotent(app.layer()), &records).await,
        none_failed()
    );
    assert_eq!(app.effects(), 5);

    let mut unnumbered = kinesis(9);
    unnumbered["kinesis"]
        .as_object_mut()
        .unwrap()
        .remove("sequenceNumber");
    let payload = json!({"Records": [unnumbered]}).to_string();
    let mut router = Router::new(app.clone()).kinesis(effect.idempotent(app.layer()));
    let mut deliver = async || {
        let payload = Payload::new(payload.clone());
        router
            .call(LambdaEvent::new(payload, lambda_runtime::Context::default()))
            .await
    };
    app.fails.lock().unwrap().push("told to fail");
    assert_eq!(deliver().await.unwrap_err().error_type(), "HandlerFailed");
    for _ in 0..2 {
        assert!(deliver().await.is_ok());
        assert_eq!(app.effects(), 6);
    }
}

#[tokio::test]
async fn ten_thousand_records() {
    let app = App::new();
    let records: Vec<_> = (0..10_000).map(kinesis).collect();
    for _ in 0..2 {
        assert_eq!(
            app.batch(effect.idempotent(app.layer()).concurrency(64), &records)
                .await,
            none_failed()
        );
        assert_eq!(app.effects(), 10_000);
    }
}

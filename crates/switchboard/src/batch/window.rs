//! Tumbling windows: the records of a stream are folded into a state, one after another.

use super::answer::checkpoint;
use super::clock::Pace;
use super::item::{ItemReader, called, handle};
use super::outcomes::{BatchOutcomes, Blocks};
use super::pass::Pass;
use crate::error::Error;
use crate::event::{Asked, Event, Mend, Mended, Object, read_json, read_with};
use crate::handler::{Call, Failure, Handler, Ids, Options, Reply};
use crate::panics;
use crate::source::parts;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::pin::pin;

/// A tumbling window.
///
/// If its sender leaves out a time, the time of receipt replaces it, and [`Context::filled`](crate::Context::filled)
/// has `window.start` or `window.end`.
///
/// Lambda Developer Guide, “Implementing stateful Kinesis Data Streams processing”.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Window {
    /// When the window starts.
    pub start: DateTime<Utc>,
    /// When the window ends (exclusive).
    pub end: DateTime<Utc>,
    /// The shard: every shard has its own windows.
    pub shard_id: Option<String>,
    /// The ARN of the stream.
    pub event_source_arn: Option<String>,
}

/// What a window's handler gets, one call after another: each record with the state so far, then the window's end. It
/// returns the next state.
///
/// Lambda carries the state from one invocation to the next as JSON, at most 1 MB per shard. Its documents only show
/// objects, so a state that is a number, a string or a list is wrapped in one.
///
/// # Example
///
/// ```
/// use aws_lambda_events::kinesis::KinesisEventRecord;
/// use switchboard::{Context, Failure, Router, Windowed};
///
/// async fn count(step: Windowed<KinesisEventRecord, u64>, _cx: Context<()>) -> Result<u64, Failure> {
///     match step {
///         Windowed::Record { state, .. } => Ok(state + 1),
///         Windowed::End { state, window, early } => {
///             tracing::info!(records = state, start = %window.start, early, "a window has ended");
///             Ok(state)
///         }
///     }
/// }
///
/// let router = Router::new(()).kinesis_window(count);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Windowed<I, T> {
    /// The next record of the window.
    Record {
        /// The record.
        record: I,
        /// What the previous call returned, possibly in an earlier invocation; `T::default()` at the window's start.
        state: T,
        /// The window.
        window: Window,
    },
    /// The end of the window: there are no more records.
    End {
        /// The state after all its records.
        state: T,
        /// The window.
        window: Window,
        /// Lambda ended the window early, because the state had grown beyond 1 MB.
        early: bool,
    },
}

/// The members around a window's records.
struct WindowFrame<T> {
    state: T,
    shown: WindowContext,
    last: bool,
    early: bool,
}

/// What the handler sees of the window with each record.
struct WindowContext {
    window: Window,
    /// JSON paths of the payload that have a default.
    filled: Vec<&'static str>,
}

/// Folds a window's records and its end, and composes the answer.
pub(crate) async fn deliver<A, H, S, T>(call: Call<S>, options: &Options, handler: &H) -> Result<Reply, Error>
where
    A: Asked,
    H: Handler<Windowed<A::Item, T>, S, Reply = T>,
    S: Clone + Send + Sync + 'static,
    T: Clone + Default + DeserializeOwned + Serialize + Send,
{
    let Call { payload, invocation } = call;
    let items = ItemReader::new(invocation, options);
    let source = items.source();
    let received = items.invocation.received;
    let frame = panics::catch(|| WindowFrame::<T>::read(&payload, received)).unwrap_or_else(|panic| {
        let place = panic.location().unwrap_or("a place that is not known");
        Err(format!(
            "reading the window's state panicked, inside the type that reads it, at {place}"
        ))
    });
    let frame = frame.map_err(|problem| {
        tracing::error!(%source, problem, "the window cannot be read");
        Error::failed(source, vec![problem], 1, 1)
    })?;
    let mut state = frame.state.clone();
    #[cfg_attr(
        not(feature = "testing"),
        expect(unused_mut, reason = "only a test looks at it once more")
    )]
    let mut outcomes = fold::<A, H, S, T>(&items, &payload, &frame.shown, &mut state, handler).await;
    #[cfg(feature = "testing")]
    items.note_ended::<A::Event>(&payload, &mut outcomes.open);
    if !outcomes.open.is_empty() {
        let Some(id) = checkpoint::<A::Event>(&payload, &outcomes.open) else {
            return Err(outcomes.error(source));
        };
        return reply(&state, Ids::one(&id));
    }
    if frame.last || frame.early {
        let step = Windowed::End {
            state: state.clone(),
            window: frame.shown.window,
            early: frame.early,
        };
        let cx = items.nameless_context(payload.clone(), frame.shown.filled);
        let ending = pin!(called(handler, || step, cx));
        match items.guard("the handler", ending).await {
            Ok(last) => state = last,
            Err(failure) => end_failed::<A::Event, S>(&items, &payload, outcomes.count, failure).await?,
        }
    }
    reply(&state, Ids::default())
}

/// The end of the window cannot be named in a partial answer, so the whole invocation is delivered again.
async fn end_failed<E, S>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    count: usize,
    failure: Failure,
) -> Result<(), Error>
where
    E: Event,
    S: Send + Sync,
{
    let failed = items.failed::<E>(payload.clone(), count, failure);
    let settled = items.settle(failed).await;
    settled.map(drop).map_err(|failed| {
        Error::failed(
            items.source(),
            vec![format!("the window's end: {failed}")],
            1,
            count + 1,
        )
    })
}

fn reply(state: &impl Serialize, failures: Ids) -> Result<Reply, Error> {
    let state = carried(state).map_err(Error::reply)?;
    Ok(Reply::window(state, failures))
}

/// Passes the records to the handler one after another. The state is that before the first failure.
async fn fold<A, H, S, T>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    shown: &WindowContext,
    state: &mut T,
    handler: &H,
) -> BatchOutcomes<<A::Event as Event>::Reply>
where
    A: Asked,
    H: Handler<Windowed<A::Item, T>, S, Reply = T>,
    S: Clone + Send + Sync + 'static,
    T: Clone,
{
    let mut outcomes = BatchOutcomes::new(Blocks::Batch, false);
    let mut pass = Pass::<A, S>::new(items, payload, &mut outcomes, Pace::OneByOne);
    while let Some((mut item, turn)) = pass.turn().await {
        item.mended.filled.extend(&shown.filled);
        let (before, window) = (state.clone(), shown.window.clone());
        let step = |record: Box<A::Item>| Windowed::Record {
            record: *record,
            state: before,
            window,
        };
        let ended = handle::<A::Event, _, _, H, S>(items, item, step, handler).await;
        let noted = ended.map(|(raw, next)| {
            // A rejected record leaves the state as it was.
            if let Some(next) = next {
                *state = next;
            }
            (raw, None)
        });
        pass.ended(&turn, noted);
    }
    pass.finish();
    outcomes.open.sort();
    outcomes
}

impl<T: Default + DeserializeOwned> WindowFrame<T> {
    /// # Errors
    /// What is unreadable, and where.
    fn read(payload: &[u8], received: DateTime<Utc>) -> Result<Self, String> {
        // A record with invalid UTF-8 fails by itself.
        let text = String::from_utf8_lossy(payload);
        let Mended { item, filled } = read_with::<WindowMembers>(&text, MENDS, received)
            .map_err(|unreadable| unreadable.to_string())?;
        Ok(Self {
            state: state(&text)?,
            shown: WindowContext {
                window: Window {
                    start: item.window.start,
                    end: item.window.end,
                    shard_id: item.shard_id,
                    event_source_arn: item.event_source_arn,
                },
                filled,
            },
            last: item.is_final_invoke_for_window,
            early: item.is_window_terminated_early,
        })
    }
}

/// The members around the records of a window, except for the state.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WindowMembers {
    window: WindowBounds,
    shard_id: Option<String>,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: Option<String>,
    is_final_invoke_for_window: bool,
    is_window_terminated_early: bool,
}

#[derive(Deserialize)]
struct WindowBounds {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// As for the records of any source: a missing or differently spelled member does not block a shard.
const MENDS: &[(&str, Mend)] = &[
    ("window", Mend::Empty),
    ("window.start", Mend::Received),
    ("window.end", Mend::Received),
    ("isFinalInvokeForWindow", Mend::Empty),
    ("isWindowTerminatedEarly", Mend::Empty),
];

/// At a window's start Lambda sends `{}`, and emulators other empty values, which are not the default of every type.
fn state<T: Default + DeserializeOwned>(text: &str) -> Result<T, String> {
    let [raw] = parts(text.as_bytes(), [Some("state")]);
    let raw = raw.and_then(|raw| std::str::from_utf8(raw).ok());
    let Some(raw) = raw.filter(|raw| *raw != "null") else {
        return Ok(T::default());
    };
    let wrapped = wrapped(raw);
    let text = wrapped.as_deref().map_or(raw, RawValue::get);
    match read_json::<T>(text.as_bytes()) {
        Ok(state) => Ok(state),
        Err(_) if wrapped.is_none() && is_empty(raw) => Ok(T::default()),
        Err(unreadable) => Err(format!("the window's `state` is {unreadable}")),
    }
}

fn is_empty(text: &str) -> bool {
    let inside = |open, close| text.strip_prefix(open)?.strip_suffix(close);
    [('{', '}'), ('[', ']'), ('"', '"')]
        .into_iter()
        .any(|(open, close)| inside(open, close).is_some_and(|inside: &str| inside.trim_ascii().is_empty()))
}

/// The key of the object that wraps a state.
const WRAPPED: &str = "switchboardState";

/// The state in its wrapper, if it has one.
fn wrapped(text: &str) -> Option<Box<RawValue>> {
    let key = text.strip_prefix('{')?.trim_ascii_start().strip_prefix('"')?;
    // Checks the first key only: most states are objects, of up to a megabyte.
    key.strip_prefix(WRAPPED)?.strip_prefix('"')?;
    Object::parse(text.as_bytes())?.only(WRAPPED)
}

/// A state as an object, as Lambda's documents show it: a number, a string, a list or `null` is wrapped. So is an
/// object that looks like a wrapper, so that unwrapping is right for every state.
fn carried(state: &impl Serialize) -> serde_json::Result<Box<RawValue>> {
    let state = to_raw_value(state)?;
    if state.get().starts_with('{') && wrapped(state.get()).is_none() {
        return Ok(state);
    }
    RawValue::from_string(format!("{{\"{WRAPPED}\":{state}}}"))
}

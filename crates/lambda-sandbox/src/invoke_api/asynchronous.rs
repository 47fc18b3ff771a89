//! Asynchronous invocations: queued, retried, and reported when they are given up.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{SecondsFormat, Utc};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use uuid::Uuid;

use super::refusal::Refusal;
use super::response::head;
use crate::report::{GatewayEvent, OnEvent};
use crate::{Function, FunctionError, InvokeEvent};

/// How many asynchronous invocations may be queued.
const QUEUE: usize = 1000;

/// Called with the record of each event that is given up.
type OnFailure = Arc<dyn Fn(&Value) + Send + Sync>;

/// What happens to events that the function is invoked with asynchronously (`InvocationType=Event`).
///
/// As in Lambda a failed event is tried twice more by default, with the same request id, and its record then goes to the
/// destination for failures. Lambda waits a minute before the second attempt and two before the third; the default here is one
/// and two seconds.
///
/// ```
/// use lambda_sandbox::AsyncInvocations;
/// use std::time::Duration;
///
/// let once = AsyncInvocations::new()
///     .retries(0)
///     .on_failure(|record| eprintln!("given up: {}", record["requestContext"]["requestId"]));
/// # let _ = once.first_delay(Duration::from_secs(60));
/// ```
#[derive(Clone)]
pub struct AsyncInvocations {
    retries: u32,
    first_delay: Duration,
    on_failure: Option<OnFailure>,
}

impl Default for AsyncInvocations {
    fn default() -> Self {
        Self {
            retries: 2,
            first_delay: Duration::from_secs(1),
            on_failure: None,
        }
    }
}

impl AsyncInvocations {
    /// The defaults: two retries, the first one after a second.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how often a failed event is tried again. Lambda allows 0 to 2.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how long to wait before the first retry. The second one waits twice as long.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// Calls `sink` with the record of each event that is given up, as Lambda sends it to a destination for failures. See
    /// “Capturing records of Lambda asynchronous invocations” in the AWS Lambda Developer Guide.
    #[must_use]
    pub fn on_failure(mut self, sink: impl Fn(&Value) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Arc::new(sink));
        self
    }
}

/// The queue of asynchronous invocations of one function.
pub(super) struct Queue {
    places: Arc<Semaphore>,
    pub(super) settings: AsyncInvocations,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(QUEUE)),
            settings: AsyncInvocations::default(),
        }
    }
}

impl Queue {
    /// Queues an event, and answers the call.
    ///
    /// # Errors
    /// If too many events are queued.
    pub(super) fn push(
        &self,
        function: &Arc<Function>,
        event: InvokeEvent,
        report: &OnEvent,
    ) -> Result<Response<Bytes>, Refusal> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Refusal {
                status: StatusCode::TOO_MANY_REQUESTS,
                error_type: "TooManyRequestsException",
                message: format!("{QUEUE} asynchronous invocations are already queued"),
            })?;
        // The response names the id of the queued invocation.
        let request_id = Uuid::new_v4().to_string();
        let queued = Queued {
            function: Arc::clone(function),
            event: event.request_id(&request_id),
            settings: self.settings.clone(),
            report: Arc::clone(report),
        };
        tokio::spawn(async move {
            queued.run().await;
            drop(place);
        });
        Ok(head(StatusCode::ACCEPTED, &request_id))
    }
}

/// A queued event.
struct Queued {
    function: Arc<Function>,
    event: InvokeEvent,
    settings: AsyncInvocations,
    report: OnEvent,
}

impl Queued {
    /// Invokes the function until it succeeds or the event is given up.
    async fn run(self) {
        let mut delay = self.settings.first_delay;
        for attempt in 1..=self.settings.retries + 1 {
            if attempt > 1 {
                sleep(delay).await;
                delay *= 2;
            }
            let error = match self.function.invoke(self.event.clone()).await {
                Ok(outcome) => match outcome.result {
                    Ok(_) => return,
                    Err(error) => error,
                },
                // The sandbox itself fails in the same way again.
                Err(error) => return (self.report)(&GatewayEvent::Error(&error)),
            };
            (self.report)(&GatewayEvent::FunctionError(&error));
            if attempt > self.settings.retries {
                self.give_up(attempt, &error);
            }
        }
    }

    fn give_up(&self, attempts: u32, error: &FunctionError) {
        if let Some(on_failure) = &self.settings.on_failure {
            on_failure(&self.record(attempts, error));
        }
    }

    /// The event's record as it goes to a destination for failures.
    fn record(&self, attempts: u32, error: &FunctionError) -> Value {
        let json = |bytes: &Bytes| serde_json::from_slice(bytes).unwrap_or(Value::Null);
        json!({
            "version": "1.0",
            "timestamp": Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            "requestContext": {
                "requestId": self.event.request_id,
                "functionArn": format!("{}:$LATEST", self.function.arn()),
                "condition": "RetriesExhausted",
                "approximateInvokeCount": attempts,
            },
            "requestPayload": json(&self.event.payload),
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
            "responsePayload": json(&error.payload),
        })
    }
}

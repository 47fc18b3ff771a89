//! Durable handlers: an invocation of their execution goes through the SDK, which calls the route with its context.

use super::route::{ReplyFuture, Route};
use crate::deadlines::{hard_deadline, within};
use crate::error::Error;
use crate::handler::{
    Call, DurableWork, Engine, ExecutionAnswer, ExecutionInvocation, Invocation, Options, Reply, WorkFailure,
};
use crate::source::Source;
use crate::telemetry;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What a route's handler runs in, if it is durable, or why it cannot.
#[derive(Clone, Default)]
pub(super) struct DurableRoute {
    pub(super) engine: Option<Engine>,
    problem: Option<&'static str>,
}

impl DurableRoute {
    /// The handler of single records or of whole events.
    pub(super) fn of(options: &Options, replies_to_records: bool) -> Self {
        let engine = options.durable.clone();
        let problem = match replies_to_records {
            true => Some("is durable, but its source waits for an answer to each record"),
            false => behind_store(options),
        };
        Self {
            problem: problem.filter(|_| engine.is_some()),
            engine,
        }
    }

    /// Any other handler.
    pub(super) fn refused(options: &Options) -> Self {
        let problem = "is durable, but it does not get single records or whole events: it gets all records at once, a window's \
                       or a pipe's, or streams its answer, or is the fallback";
        Self {
            engine: None,
            problem: options.durable.as_ref().map(|_| problem),
        }
    }

    pub(super) fn check(&self, source: Source, handler: &str) -> Result<(), Error> {
        match self.problem {
            Some(problem) => Err(Error::invalid_route(source, handler, problem)),
            None => Ok(()),
        }
    }
}

/// A store that decides what is handled would decide otherwise on replay.
#[cfg(feature = "idempotency")]
fn behind_store(options: &Options) -> Option<&'static str> {
    match (options.idempotent, &options.memo) {
        (true, _) => Some(
            "is durable and idempotent: a replay would find the key taken by its own execution. Its steps are recorded; use \
             `start` so that a record starts one execution",
        ),
        (_, Some(_)) => Some("is durable and has a memo: what is recorded of the execution takes its place"),
        _ => None,
    }
}

#[cfg(not(feature = "idempotency"))]
fn behind_store(_: &Options) -> Option<&'static str> {
    None
}

/// What a durable route is called with, once there is a context.
pub(super) struct DurableCall<S> {
    pub(super) envelope: Bytes,
    pub(super) payload: Bytes,
    pub(super) invocation: Invocation<S>,
}

/// Runs an invocation of a durable execution.
pub(super) fn run<S>(engine: &Engine, route: Route<S>, call: DurableCall<S>) -> ReplyFuture
where
    S: Clone + Send + Sync + 'static,
{
    let DurableCall {
        envelope,
        payload,
        invocation,
    } = call;
    let ends = invocation.ends;
    let asked = ExecutionInvocation::new(envelope, invocation.lambda.clone());
    let ended: Arc<Mutex<Option<Result<Reply, Error>>>> = Arc::default();
    let note = Arc::clone(&ended);
    let work: DurableWork = Box::new(move |scope| {
        let replaying = Arc::clone(&scope);
        let invocation = Arc::new(Invocation {
            durable: Some(scope),
            ..invocation
        });
        let handling = route.call(Call { payload, invocation });
        Box::pin(async move {
            let handling = telemetry::replaying(Arc::new(move || replaying.is_replaying()), handling);
            let answer = handling.await;
            let work = match &answer {
                Ok(_) => Ok("null".to_owned()),
                Err(error) => Err(WorkFailure::new(error.to_string())),
            };
            *note.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            work
        })
    });
    let invoked = engine.0.invoke(asked, work);
    Box::pin(async move {
        match in_time(ends, invoked).await? {
            ExecutionAnswer::Sdk(answer) => Ok(Reply::enveloped(answer).map_err(Error::reply)?),
            ExecutionAnswer::Ended => {
                let ended = ended.lock().unwrap_or_else(PoisonError::into_inner).take();
                ended.unwrap_or_else(|| Err(out_of_order()))
            }
        }
    })
}

/// Waits for the SDK until the invocation's time runs out: then the execution goes on in the next invocation.
async fn in_time(
    ends: Option<Instant>,
    invoked: impl Future<Output = Result<ExecutionAnswer, Box<dyn std::error::Error + Send + Sync>>>,
) -> Result<ExecutionAnswer, Error> {
    match within(ends.map(hard_deadline), invoked).await {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(error)) => Err(Error::interrupted(&*error)),
        None => {
            let late = WorkFailure::new(
                "the invocation's time ran out: the execution goes on in another one, with what it has recorded",
            );
            Err(Error::interrupted(&late))
        }
    }
}

fn out_of_order() -> Error {
    Error::interrupted(&WorkFailure::new(
        "the SDK says that the handler has ended, which it has not",
    ))
}

#[cfg(test)]
mod tests {
    use crate::handler::{DurableEngine, DurableWork, EngineFuture, ExecutionAnswer, ExecutionInvocation};
    use crate::{Context, Failure, Handler, Options, Router};
    use aws_lambda_events::kinesis::KinesisEvent;
    #[cfg(feature = "idempotency")]
    use aws_lambda_events::kinesis::KinesisEventRecord;
    use std::error::Error as StdError;
    use std::sync::Arc;

    struct NoEngine;

    impl DurableEngine for NoEngine {
        fn invoke(
            &self,
            _: ExecutionInvocation,
            _: DurableWork,
        ) -> EngineFuture<Result<ExecutionAnswer, Box<dyn StdError + Send + Sync>>> {
            Box::pin(async { Err("there is no SDK here".into()) })
        }
    }

    struct DurableDummy;

    impl<I: Send> Handler<I, ()> for DurableDummy {
        type Reply = ();

        async fn call(&self, _: I, _: Context<()>) -> Result<(), Failure> {
            Ok(())
        }

        fn options(&self) -> Options {
            Options::durable(Arc::new(NoEngine))
        }
    }

    fn refused(router: &Router<()>) -> Option<String> {
        let error = router.check().err()?;
        assert_eq!(error.error_type(), "InvalidRoute");
        Some(error.to_string())
    }

    #[test]
    fn what_would_decide_by_more_than_the_record_is_refused() {
        let router = || Router::new(());
        assert_eq!(refused(&router().on::<KinesisEvent>(DurableDummy)), None);
        assert_eq!(refused(&router().direct::<String>(DurableDummy)), None);
        let batch = router().on_batch::<KinesisEvent>(DurableDummy);
        let fallback = router().fallback(DurableDummy);
        for router in [batch, fallback] {
            let problem = refused(&router).unwrap();
            assert!(problem.contains("does not get single records"), "{problem}");
        }
    }

    #[cfg(feature = "idempotency")]
    #[test]
    fn a_store_beside_what_is_recorded_is_refused() {
        use crate::idempotency::{Idempotency, Memory};
        let memory = Idempotency::new(Memory::new());
        let idempotent = Router::new(()).on::<KinesisEvent>(Handler::<KinesisEventRecord, ()>::idempotent(
            DurableDummy,
            memory,
        ));
        assert!(refused(&idempotent).unwrap().contains("idempotent"));
        let memo = Handler::<KinesisEventRecord, ()>::memo(DurableDummy, Memory::new());
        let memo = Router::new(()).on::<KinesisEvent>(memo);
        assert!(refused(&memo).unwrap().contains("memo"));
    }
}

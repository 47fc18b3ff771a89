//! Records that start durable executions, each one.

use super::{Configured, Context, Failure, Handler, Options, When};
use crate::event::Json;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// Starts durable executions: Lambda, by the client of the application. With the feature `durable-client`
/// `aws_sdk_lambda::Client` implements it.
///
/// Async functions and closures `Fn(ExecutionStart) -> Result<(), _>` implement it.
pub trait StartClient: Send + Sync + 'static {
    /// Why an execution was not started.
    type Error: Into<Failure>;

    /// Starts an execution and does not wait for it: `Invoke` with the invocation type `Event` and the execution's name. If the
    /// name is taken (`DurableExecutionAlreadyStartedException`), the record was here before, and its execution has been started.
    fn start(&self, start: ExecutionStart) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl<F, Fut, E> StartClient for F
where
    F: Fn(ExecutionStart) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Into<Failure>,
{
    type Error = E;

    fn start(&self, start: ExecutionStart) -> impl Future<Output = Result<(), E>> + Send {
        self(start)
    }
}

/// An execution to start.
#[derive(Clone)]
#[non_exhaustive]
pub struct ExecutionStart {
    /// The durable function, with its version or alias.
    pub function: Arc<str>,
    /// `DurableExecutionName`: the same at every delivery of a record ([`Context::start_name`]).
    pub name: String,
    /// The event that the execution gets.
    pub payload: Bytes,
}

/// Shows of the payload its length only.
impl fmt::Debug for ExecutionStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecutionStart")
            .field("function", &self.function)
            .field("name", &self.name)
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// Hands each record over to a durable execution of its own, which nobody waits for: its body, which is JSON, is the event that
/// the execution gets. [`Start::with`] is for other events. The feature `durable-start` has it.
///
/// The execution's name comes from the record's identity, so a record that is delivered again starts nothing twice. If Lambda
/// throttles or refuses a start, only this record has failed, and it comes again. `function` names a version or an alias
/// (`checkout:live`), as Lambda wants it of durable functions.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sqs")] {
/// use switchboard::{ExecutionStart, Router, start};
///
/// /// With the feature `durable-client`, `aws_sdk_lambda::Client` is what is passed to `start`.
/// async fn invoke(start: ExecutionStart) -> Result<(), std::io::Error> {
///     // client.invoke().function_name(start.function).invocation_type(InvocationType::Event)
///     //     .durable_execution_name(start.name).payload(Blob::new(start.payload)).send().await
/// #   let _ = start;
///     Ok(())
/// }
///
/// let router = Router::new(()).sqs(start("checkout:live", invoke).concurrency(10));
/// # let _ = router;
/// # }
/// ```
#[must_use]
pub fn start<C: StartClient>(function: impl Into<Arc<str>>, client: C) -> Start<C> {
    Start {
        function: function.into(),
        client,
        handler: StartBody,
    }
}

/// Hands records over to durable executions; created by [`start`].
#[derive(Clone)]
pub struct Start<C, H = StartBody> {
    function: Arc<str>,
    client: C,
    handler: H,
}

impl<C: StartClient> Start<C> {
    /// What a handler returns is the event that the execution gets, as JSON. A record that the handler fails or rejects starts
    /// nothing.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::s3::S3EventRecord;
    /// use serde::Serialize;
    /// use switchboard::{Context, ExecutionStart, Failure, Router, start};
    ///
    /// #[derive(Serialize)]
    /// struct Film {
    ///     key: String,
    /// }
    ///
    /// async fn film(record: S3EventRecord, _cx: Context<()>) -> Result<Film, Failure> {
    ///     let key = record.s3.object.key.ok_or_else(|| Failure::reject("an object without a key"))?;
    ///     Ok(Film { key })
    /// }
    ///
    /// # async fn invoke(_: ExecutionStart) -> Result<(), std::io::Error> { Ok(()) }
    /// let router = Router::new(()).s3(start("films:live", invoke).with(film));
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn with<H>(self, handler: H) -> Start<C, H> {
        Start {
            function: self.function,
            client: self.client,
            handler,
        }
    }

    /// See [`Handler::when`].
    #[must_use]
    pub fn when(self, condition: When) -> Configured<Self> {
        self.configured().when(condition)
    }

    /// See [`Handler::concurrency`].
    #[must_use]
    pub fn concurrency(self, lanes: usize) -> Configured<Self> {
        self.configured().concurrency(lanes)
    }

    fn configured(self) -> Configured<Self> {
        Configured {
            handler: self,
            options: Options::default(),
        }
    }
}

impl<C, H, I, S> Handler<I, S> for Start<C, H>
where
    C: StartClient,
    H: Handler<I, S, Reply: Serialize + Send>,
    I: Send,
    S: Send + Sync + 'static,
{
    type Reply = ();

    async fn call(&self, item: I, cx: Context<S>) -> Result<(), Failure> {
        let event = self.handler.call(item, cx.clone()).await?;
        let name = cx.start_name();
        let name = name.ok_or("the record has no identity, so it cannot start a durable execution once")?;
        let start = ExecutionStart {
            function: Arc::clone(&self.function),
            name: name.clone(),
            payload: serde_json::to_vec(&event)?.into(),
        };
        match self.client.start(start).await {
            Ok(()) => {
                tracing::debug!(
                    function = &*self.function,
                    execution = name,
                    "a durable execution is started"
                );
                Ok(())
            }
            Err(error) => {
                let what = format!(
                    "the durable execution {name} of {:?} was not started",
                    self.function
                );
                Err(error.into().within(what))
            }
        }
    }

    fn name(&self) -> Cow<'static, str> {
        match self.handler.name() {
            name if name.is_empty() => format!("start({:?})", self.function).into(),
            name => name,
        }
    }

    fn options(&self) -> Options {
        self.handler.options()
    }
}

/// The body of a record, as the event of an execution.
#[derive(Clone, Copy, Debug)]
pub struct StartBody;

impl<S: Send + Sync> Handler<Json<Box<RawValue>>, S> for StartBody {
    type Reply = Box<RawValue>;

    async fn call(&self, Json(body): Json<Box<RawValue>>, _: Context<S>) -> Result<Box<RawValue>, Failure> {
        Ok(body)
    }

    /// Named after the function that it starts.
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("")
    }
}

impl<C, H: fmt::Debug> fmt::Debug for Start<C, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("function", &self.function)
            .field("handler", &self.handler)
            .finish_non_exhaustive()
    }
}

//! Payloads of the application's own whose answers are sent while they are produced.

use super::Router;
use super::route::Route;
use crate::handler::{ByteStream, Handler};
use serde::de::DeserializeOwned;

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Handles payloads of your own, like [`Router::direct`], with a handler whose reply is a stream of bytes: rows of a report, the
    /// tokens of a model. Callers of `InvokeWithResponseStream` get each piece when it is produced, up to 200 MB in all, and the
    /// function's memory stays that of one piece. Lambda collects the stream for those who call `Invoke`, up to 6 MB.
    ///
    /// The bytes are sent as they are, as `application/octet-stream`: they need not be JSON. Which payloads the handler takes, and what
    /// becomes of one that does not fit `T`, is as with [`Router::direct`]. Until the handler has returned its stream, a failure is an
    /// ordinary failure.
    ///
    /// Later the caller has the beginning already. If the stream ends with an error, panics, or has not ended 50 ms before the
    /// invocation's end, the caller gets the error behind the last piece: `StreamFailed`, or the name of
    /// [`Failure::named`](crate::Failure::named). The log has one line at ERROR, `stream failed`.
    ///
    /// AWS Lambda Developer Guide, “Response streaming for Lambda functions”.
    ///
    /// # Example
    ///
    /// ```
    /// use futures_util::{Stream, stream};
    /// use serde::Deserialize;
    /// use switchboard::{Context, Failure, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct Report {
    ///     rows: u32,
    /// }
    ///
    /// async fn report(
    ///     report: Report,
    ///     _cx: Context<()>,
    /// ) -> Result<impl Stream<Item = Result<String, Failure>>, Failure> {
    ///     Ok(stream::iter((0..report.rows).map(|row| Ok(format!("{row},…\n")))))
    /// }
    ///
    /// let router = Router::new(()).direct_stream::<Report>(report);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn direct_stream<T>(self, handler: impl Handler<T, S, Reply: ByteStream>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::direct_stream::<T, _>(handler))
    }
}

//! A router whose invocations a test observes.

use super::Router;
use crate::handler::{Sink, SinkError, Watch};
use std::sync::Arc;

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// The same router, for one observed invocation.
    pub(crate) fn watched(&self, watch: &Watch) -> Self {
        let mut table = (*self.table).clone();
        table.sink = table.sink.map(|sink| kept(sink, watch.clone()));
        table.watch = Some(watch.clone());
        Self {
            state: self.state.clone(),
            table: Arc::new(table),
        }
    }
}

/// The same sink; also records what it accepts.
fn kept(sink: Sink, watch: Watch) -> Sink {
    Sink::new(move |letter| {
        let (sink, watch) = (sink.clone(), watch.clone());
        async move {
            sink.send(letter.clone()).await?;
            watch.seen().dead_letters.push(letter);
            Ok::<_, SinkError>(())
        }
    })
}

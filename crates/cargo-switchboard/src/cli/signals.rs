//! Waiting to be told to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Error;

/// Ctrl-C, and what else asks a program to end.
pub(super) struct Stop {
    signals: [Signal; 3],
}

impl Stop {
    /// Takes over the signals: from now on they do not end the process by themselves.
    ///
    /// # Errors
    /// When the signals cannot be taken.
    pub(super) fn new() -> Result<Self, Error> {
        let take = |kind| signal(kind).map_err(|e| Error::io("cannot listen for signals", e));
        let signals = [
            take(SignalKind::interrupt())?,
            take(SignalKind::terminate())?,
            take(SignalKind::hangup())?,
        ];
        Ok(Self { signals })
    }

    /// Waits for one of them.
    pub(super) async fn asked(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

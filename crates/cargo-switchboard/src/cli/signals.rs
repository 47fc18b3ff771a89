//! Waits for signals to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Error;

/// SIGINT and the other signals that ask a program to end.
pub(super) struct Stop {
    signals: [Signal; 3],
}

impl Stop {
    /// Handles the signals, which from now on do not end the process by themselves.
    ///
    /// # Errors
    /// If the signals cannot be handled.
    pub(super) fn new() -> Result<Self, Error> {
        let take = |kind| signal(kind).map_err(|e| Error::io("cannot listen for signals", e));
        let signals = [
            take(SignalKind::interrupt())?,
            take(SignalKind::terminate())?,
            take(SignalKind::hangup())?,
        ];
        Ok(Self { signals })
    }

    /// Waits for one of the signals.
    pub(super) async fn asked(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

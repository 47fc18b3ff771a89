//! The signals that ask the process to stop.

use crate::error::Error;
use futures_util::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, which Lambda sends, and SIGINT, which a terminal does.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on the signals no longer end the process.
    ///
    /// # Errors
    /// The operating system refuses the handlers.
    pub(super) fn new() -> Result<Self, Error> {
        let listen = |kind| signal(kind).map_err(Error::setup);
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Discards earlier signals: they do not refer to what happens from now on.
    pub(super) fn forget(&mut self) {
        while self.asked().now_or_never().is_some() {}
    }

    /// Waits for one of the signals, and returns its name.
    pub(super) async fn asked(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

//! The options of the console, and where it is served.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;

use crate::Error;
use crate::console::{Console, Recorder};
use crate::recording::EventRecording;
use lambda_sandbox::{Durable, Function};

#[derive(Args)]
pub(in crate::cli) struct ConsoleArgs {
    /// Serve no console
    #[arg(long, conflicts_with_all = ["console_port", "keep"])]
    no_console: bool,
    /// Port of the console on 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "PORT", conflicts_with = "exit")]
    console_port: Option<u16>,
    /// How many invocations the console keeps, and 256 MB of them at most
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    keep: u32,
    /// Write the event of each invocation to FILE, which is made anew: a line of JSON for each
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Deliver the events of a file that --record wrote first, in their order, and print a line for each
    #[arg(long, value_name = "FILE", group = "samples")]
    pub(super) replay: Option<PathBuf>,
}

impl ConsoleArgs {
    /// Keeps invocations for the console, and writes events to a file; `None` if neither is asked for.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn recorder(&self, exits: bool) -> Result<Option<Arc<Recorder>>, Error> {
        let is_shown = !self.no_console && !exits;
        let keep = usize::try_from(self.keep).unwrap_or(usize::MAX);
        let recording = self.record.as_deref().map(EventRecording::begin).transpose()?;
        let recorder = (is_shown || recording.is_some()).then(|| {
            let keep = if is_shown { keep } else { 0 };
            Arc::new(Recorder::new(keep).recording(recording))
        });
        Ok(recorder)
    }

    /// Whether there is a console beside what is served.
    pub(super) fn is_shown(&self) -> bool {
        !self.no_console
    }

    /// # Errors
    /// If the port is in use.
    pub(super) async fn listen(
        &self,
        recorder: &Arc<Recorder>,
        memory_mb: u32,
    ) -> Result<ConsolePlace, Error> {
        let (listener, address) = Console::listen(self.console_port.unwrap_or(0)).await?;
        Ok(ConsolePlace {
            recorder: Arc::clone(recorder),
            listener,
            address,
            memory_mb,
        })
    }
}

/// Where the console is going to be served.
pub(super) struct ConsolePlace {
    pub(super) recorder: Arc<Recorder>,
    listener: TcpListener,
    address: SocketAddr,
    memory_mb: u32,
}

impl ConsolePlace {
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves it until the future is dropped. The function is served at `served`.
    pub(super) async fn serve(
        self,
        function: Arc<Function>,
        durable: Option<Arc<Durable>>,
        served: SocketAddr,
    ) {
        let console = Console {
            recorder: self.recorder,
            function,
            durable,
            memory_mb: self.memory_mb,
            served,
        };
        console.serve(self.listener).await;
    }
}

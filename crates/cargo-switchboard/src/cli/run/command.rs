//! Runs `run`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::TcpListener;

use super::super::ended::Ended;
use super::super::output::{self, BAD, GOOD};
use super::super::render::{Summary, harmless};
use super::super::setup::Setup;
use super::super::signals::Stop;
use super::args::Run;
use super::serve::{Serving, listen};
use crate::Error;
use crate::deliver::{self, Sample, Verdict};
use crate::describe::Description;
use lambda_sandbox::{Builder, Function};

/// Wide enough for the usual outcomes, so that the times are aligned.
const OUTCOME: usize = 22;

/// The state of `run`.
struct Session {
    function: Arc<Function>,
    description: Description,
    /// Whether the function's output is shown immediately.
    live: Arc<AtomicBool>,
    /// Whether stdout is reserved for the function's output.
    raw: bool,
}

pub(in crate::cli) async fn run(args: Run) -> Result<Ended, Error> {
    // Report errors that need no build before building.
    let samples = args.events.as_deref().map(deliver::read).transpose()?;
    let listener = if args.exit {
        None
    } else {
        Some(listen(args.port).await?)
    };
    let setup = Setup::new(&args.function)?;
    // Only now: during the build, Ctrl-C should end cargo and this program as usual.
    let mut stop = Stop::new()?;
    // This is the usual way to stop serving, but with --exit not all samples were delivered.
    let stopped = if args.exit { Ended::Failed } else { Ended::Success };
    let session = tokio::select! {
        session = Session::start(&setup, samples.is_some(), &args) => session?,
        () = stop.asked() => return Ok(stopped),
    };
    let ended = tokio::select! {
        ended = session.work(samples.as_deref(), listener, &args) => ended,
        () = stop.asked() => Ok(stopped),
    };
    session.function.shutdown().await;
    ended
}

impl Session {
    async fn start(setup: &Setup, describe: bool, args: &Run) -> Result<Self, Error> {
        let description = match describe {
            true => Description::of(&setup.program, &setup.env).await,
            false => Description::default(),
        };
        let live = Arc::new(AtomicBool::new(args.logs || args.raw));
        let builder = match args.raw {
            true => setup.builder().on_output(output::raw_line),
            false => shown(setup, &live),
        };
        let started = builder.start().await;
        let function = Arc::new(started.map_err(|error| match live.load(Ordering::Relaxed) {
            true => error.without_logs(),
            false => error,
        })?);
        Ok(Self {
            function,
            description,
            live,
            raw: args.raw,
        })
    }

    /// Prints a line of this command.
    fn tell(&self, text: &str) {
        match self.raw {
            true => output::note(text),
            false => output::line(text),
        }
    }

    async fn work(
        &self,
        samples: Option<&[Sample]>,
        listener: Option<TcpListener>,
        args: &Run,
    ) -> Result<Ended, Error> {
        let ended = match samples {
            Some(samples) => self.deliver(samples).await?,
            None => Ended::Success,
        };
        if let Some(listener) = listener {
            let serving = Serving {
                function: &self.function,
                format: args.payload.into(),
                live: &self.live,
                raw: self.raw,
                guard: args.guard(),
                tell: &|text| self.tell(text),
            };
            serving.serve(listener, self.description.has_http()).await?;
        }
        Ok(ended)
    }

    /// Delivers the samples, and prints a line for each and a summary.
    async fn deliver(&self, samples: &[Sample]) -> Result<Ended, Error> {
        let table = Table::new(samples, &self.description);
        let (mut refused, mut failed) = (0, 0);
        for sample in samples {
            let (verdict, outcome) = sample.deliver(&self.function).await?;
            let time = outcome
                .as_ref()
                .map_or(String::new(), |outcome| output::readable(outcome.duration));
            self.tell(&table.row(sample, &verdict, &time));
            refused += usize::from(verdict == Verdict::Refused);
            failed += usize::from(verdict.is_failed());
            // Live logs have already been shown.
            if verdict.is_failed() && !self.live.load(Ordering::Relaxed) {
                let logs = outcome.map(|outcome| outcome.logs).unwrap_or_default();
                logs.iter().for_each(|line| output::log(line));
            }
        }
        let handled = samples.len() - refused - failed;
        let total = samples.len();
        self.tell(&format!(
            "\n{total} samples: {handled} handled, {refused} refused as unrouted, {failed} failed"
        ));
        Ok(if failed == 0 {
            Ended::Success
        } else {
            Ended::Failed
        })
    }
}

/// A function whose lines and summaries are shown while `live` is set.
fn shown(setup: &Setup, live: &Arc<AtomicBool>) -> Builder {
    let (lines, ends) = (Arc::clone(live), Arc::clone(live));
    let memory = setup.memory_mb;
    let builder = setup.builder().on_log(move |line| {
        if lines.load(Ordering::Relaxed) {
            output::log(line);
        }
    });
    builder.on_end(move |finished| {
        if ends.load(Ordering::Relaxed) {
            output::note(&Summary::of(finished, memory).text());
        }
    })
}

/// The table of samples, with column widths that are computed before the first row is printed.
struct Table<'d> {
    description: &'d Description,
    file: usize,
    source: usize,
    handler: usize,
}

impl<'d> Table<'d> {
    fn new(samples: &[Sample], description: &'d Description) -> Self {
        let widest = |width: &dyn Fn(&Sample) -> usize| samples.iter().map(width).max().unwrap_or(0);
        Self {
            description,
            file: widest(&|sample| name(&sample.file).chars().count()),
            source: widest(&|sample| sample.source.as_str().len()),
            handler: widest(&|sample| description.handler(sample.source).unwrap_or("-").chars().count()),
        }
    }

    fn row(&self, sample: &Sample, verdict: &Verdict, time: &str) -> String {
        let style = if verdict.is_failed() { BAD } else { GOOD };
        format!(
            "{:file$}   {:source$}   {:handler$}   {style}{:OUTCOME$}{style:#}  {time:>9}",
            name(&sample.file),
            sample.source,
            self.description.handler(sample.source).unwrap_or("-"),
            harmless(verdict.text()),
            file = self.file,
            source = self.source,
            handler = self.handler,
        )
    }
}

fn name(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

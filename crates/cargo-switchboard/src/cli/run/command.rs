//! Runs `run`.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::super::ended::Ended;
use super::super::json;
use super::super::output::{self, BAD, DIM, GOOD, Show};
use super::super::render::{Summary, harmless};
use super::super::setup::Setup;
use super::args::Run;
use super::first::{Begun, begin};
use super::serve::{Caller, Serving, listen};
use super::shown::{built, idle, started};
use super::watch::watch;
use crate::Error;
use crate::console::Recorder;
use crate::deliver::{self, Sample, Verdict};
use crate::describe::Description;
use lambda_sandbox::http::{AuthorizerSettings, LambdaAuthorizer};
use lambda_sandbox::{Builder, Durable, Function, Outcome};

/// Wide enough for the usual outcomes, so that the times are aligned.
const OUTCOME: usize = 22;

/// The state of `run`.
pub(super) struct Session {
    function: Arc<Function>,
    description: Description,
    /// Whether the function's output is shown immediately.
    live: Arc<AtomicBool>,
    show: Show,
    memory_mb: u32,
    /// The service of durable executions, if the function is durable.
    durable: Option<Arc<Durable>>,
    /// Keeps invocations for the console, if there is one.
    recorder: Option<Arc<Recorder>>,
}

pub(in crate::cli) async fn run(args: Run) -> Result<Ended, Error> {
    // Report errors that need no build before building.
    let samples = match (&args.events, &args.console.replay) {
        (Some(events), _) => Some(deliver::read(events)?),
        (None, Some(file)) => Some(deliver::replayed(file)?),
        (None, None) => None,
    };
    let authorizer = args.authorizer()?;
    let asked = args.asked.settings(args.payload.into())?;
    let listener = if args.exit {
        None
    } else {
        Some(listen(args.port).await?)
    };
    // This is the usual way to stop serving, but with --exit not all samples were delivered.
    let stopped = if args.exit { Ended::Failed } else { Ended::Success };
    let place = args.durable.place().await?;
    let durable_at = place.as_ref().map(|place| place.address);
    let begun = begin(&args, listener.as_ref(), samples.is_some(), durable_at).await?;
    let Some(Begun {
        setup,
        mut session,
        watcher,
        mut stop,
    }) = begun
    else {
        return Ok(stopped);
    };
    if let Some(place) = place {
        session.durable = Some(
            place
                .serve(&args.durable, &session.function, |program| {
                    session.another(program, &setup, &args)
                })
                .await?,
        );
    }
    let caller = match (authorizer, asked) {
        (Some(authorizer), _) => Caller::Known(authorizer),
        (None, Some(settings)) => Caller::Asked(session.authorizer(settings, &setup, &args).await?),
        (None, None) => Caller::Anybody,
    };
    let watching = async {
        match watcher {
            Some(watcher) => watch(watcher, &session.function, &setup.program, &args.function).await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        ended = session.work(samples.as_deref(), listener, caller, &args) => ended,
        // It ends only if it cannot go on.
        Err(error) = watching => Err(error),
        () = stop.asked() => Ok(stopped),
    };
    output::waiting("waiting for the function to end", session.function.shutdown()).await;
    ended
}

impl Session {
    /// # Errors
    /// If the function does not start.
    pub(super) async fn start(
        setup: &Setup,
        describe: bool,
        args: &Run,
        durable_at: Option<SocketAddr>,
    ) -> Result<Self, Error> {
        let description = match describe {
            true => {
                let asking = Description::of(&setup.program, &setup.env);
                output::waiting("waiting for the function to print its routes", asking).await
            }
            false => Description::default(),
        };
        let live = Arc::new(AtomicBool::new(args.logs || args.show() == Show::Raw));
        let recorder = args.console.recorder(args.exit)?;
        let builder = built(
            setup.builder(),
            setup.memory_mb,
            args.show(),
            &live,
            recorder.clone(),
        );
        let builder = match args.tenant_isolation {
            true => builder.tenant_isolation(),
            false => builder,
        };
        let builder = match durable_at {
            Some(address) => builder.durable_at(address),
            None => builder,
        };
        let environments = args.max_environments();
        let builder = builder.max_environments(environments).on_wait(once(move || {
            let all = match environments {
                1 => "the execution environment is busy".to_owned(),
                _ => format!("all {environments} execution environments are busy"),
            };
            output::note(&format!(
                "{DIM}{all}: invocations wait (see --max-environments){DIM:#}"
            ));
        }));
        let builder = match args.idle_timeout() {
            Some(timeout) => builder.idle_timeout(timeout).on_idle(idle(args.show(), timeout)),
            None => builder,
        };
        let builder = builder.on_start(started(args.show()));
        let started = output::waiting("waiting for the function to initialise", builder.start()).await;
        let function = Arc::new(started.map_err(|error| match live.load(Ordering::Relaxed) {
            true => error.without_logs(),
            false => error,
        })?);
        Ok(Self {
            function,
            description,
            live,
            show: args.show(),
            memory_mb: setup.memory_mb,
            durable: None,
            recorder,
        })
    }

    /// The authorizer: this function, or another one, which is started.
    ///
    /// # Errors
    /// If it cannot be built or does not start.
    async fn authorizer(
        &self,
        settings: AuthorizerSettings,
        setup: &Setup,
        args: &Run,
    ) -> Result<LambdaAuthorizer, Error> {
        let program = args.asked.program(&args.function.cargo_args).await?;
        let function = match program {
            None => Arc::clone(&self.function),
            Some(program) => {
                let builder = self.another(&program, setup, args);
                let started = output::waiting("waiting for the authorizer to initialise", builder.start());
                Arc::new(started.await?)
            }
        };
        Ok(LambdaAuthorizer::new(function, settings))
    }

    /// Another function, whose output is shown like that of this one.
    fn another(&self, program: &Path, setup: &Setup, args: &Run) -> Builder {
        let builder = setup.builder_of(program);
        let builder = built(builder, setup.memory_mb, args.show(), &self.live, None);
        builder.max_environments(args.max_environments())
    }

    /// Prints a line of this command.
    fn tell(&self, text: &str) {
        match self.show {
            Show::Text => output::line(text),
            Show::Raw | Show::Json => output::note(text),
        }
    }

    async fn work(
        &self,
        samples: Option<&[Sample]>,
        listener: Option<TcpListener>,
        caller: Caller,
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
                show: self.show,
                guard: args.guard(),
                caller,
                asynchronous: args.failed_events.settings()?,
                tenant_header: args.tenant_header.as_deref(),
                durable: self.durable.as_ref(),
                console: match &self.recorder {
                    Some(recorder) if args.console.is_shown() => {
                        Some(args.console.listen(recorder, self.memory_mb).await?)
                    }
                    _ => None,
                },
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
            let (verdict, outcome) = self.invoke(sample).await?;
            self.report(&table, sample, &verdict, outcome.as_ref());
            refused += usize::from(verdict == Verdict::Refused);
            failed += usize::from(verdict.is_failed());
            // Live logs have already been shown.
            if verdict.is_failed() && self.show == Show::Text && !self.live.load(Ordering::Relaxed) {
                let logs = outcome.map(|outcome| outcome.logs).unwrap_or_default();
                logs.iter().for_each(|line| output::log(line));
            }
        }
        let handled = samples.len() - refused - failed;
        let total = samples.len();
        if self.show == Show::Json {
            let counts = json!({"type": "samples", "total": total, "handled": handled, "refused": refused, "failed": failed});
            json::print(&counts);
            return Ok(ended(failed));
        }
        self.tell(&format!(
            "\n{total} samples: {handled} handled, {refused} refused as unrouted, {failed} failed"
        ));
        Ok(ended(failed))
    }

    /// Invokes the function with a sample, or starts an execution and waits for its end.
    async fn invoke(&self, sample: &Sample) -> Result<(Verdict, Option<Outcome>), Error> {
        let payload = sample.payload().clone();
        let invoked = match &self.durable {
            Some(durable) => durable.invoke(payload).await,
            None => self.function.invoke(payload).await,
        };
        sample.judge(invoked)
    }

    /// Prints what became of a sample.
    fn report(&self, table: &Table<'_>, sample: &Sample, verdict: &Verdict, outcome: Option<&Outcome>) {
        if self.show == Show::Json {
            return json::print(&self.object(sample, verdict, outcome));
        }
        let time = outcome.map_or(String::new(), |outcome| output::readable(outcome.duration));
        self.tell(&table.row(sample, verdict, &time));
    }

    fn object(&self, sample: &Sample, verdict: &Verdict, outcome: Option<&Outcome>) -> Value {
        let mut object = match outcome {
            Some(outcome) => {
                let summary = json::summary(&Summary::of_outcome(sample.payload(), outcome, self.memory_mb));
                json::with_result(summary, &outcome.result)
            }
            None => json!({}),
        };
        object["type"] = "sample".into();
        object["file"] = name(&sample.file).into();
        object["source"] = sample.source.as_str().into();
        object["handler"] = self.description.handler(sample.source).into();
        object["outcome"] = verdict.text().into();
        object["failed"] = verdict.is_failed().into();
        object["log"] = outcome.map_or(&[][..], |outcome| &outcome.logs).into();
        object
    }
}

fn ended(failed: usize) -> Ended {
    if failed == 0 {
        Ended::Success
    } else {
        Ended::Failed
    }
}

/// Does something the first time only.
fn once(act: impl Fn() + Send + Sync + 'static) -> impl Fn() + Send + Sync + 'static {
    let done = AtomicBool::new(false);
    move || {
        if !done.swap(true, Ordering::Relaxed) {
            act();
        }
    }
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

//! One run: a function, a service, and a schedule.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Builder, Durable, DurableSettings, Function, Gateway};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::director::Director;
use super::mishap::{DurableSchedule, Mishap};
use super::simulation::{DurableSimulation, Starts};
use crate::Error;
use crate::simulate::ledger::Ledger;
use crate::simulate::run::LEDGER;

/// The name of an execution that a client starts.
const NAME: &str = "simulated";
/// All runs have the same ids.
const SEED: u64 = 1;
/// How long a function may take until something happens, beside its timeout.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many invocations there may be: this many, and ten times as many as without mishaps.
const INVOCATIONS: usize = 100;

/// What was seen in a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Observation {
    /// The lines of the ledger, and how often each was there.
    pub(super) lines: BTreeMap<String, usize>,
    pub(super) has_ledger: bool,
    pub(super) executions: Vec<Value>,
    pub(super) conflicts: Vec<String>,
    pub(super) stuck: Option<String>,
    pub(super) checkpoints: Vec<String>,
    pub(super) invocations: usize,
    pub(super) callbacks: usize,
}

/// The callbacks of a run, in the order in which they began.
#[derive(Default)]
struct KnownCallbacks {
    known: Vec<KnownCallback>,
}

struct KnownCallback {
    id: String,
    execution: String,
    /// Its place among those of its execution, from 1: if the starting event comes again, what is planned for a callback holds for each
    /// execution, as it does without mishaps.
    number: usize,
    ended: bool,
}

impl DurableSimulation {
    /// Plays a schedule. `like` is the run without mishaps, if this is another one.
    ///
    /// # Errors
    /// If the function cannot be started, or the ledger not be read.
    pub(super) async fn play(
        &self,
        schedule: &DurableSchedule,
        run: u64,
        like: Option<&Observation>,
    ) -> Result<Observation, Error> {
        let directory = TempDir::with_prefix("switchboard-simulate-");
        let directory = directory.map_err(|e| Error::io("cannot make a directory for the ledger", e))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener =
            listener.map_err(|e| Error::io("cannot serve durable executions to the function", e))?;
        let director = Arc::new(Director::new(schedule.clone()));
        let (function, settings) = self.started(&listener, directory.path(), &director).await?;
        let durable = Arc::new(Durable::new(Arc::clone(&function), settings));
        let gateway = Gateway::new(function, PayloadFormat::Http).durable(Arc::clone(&durable));
        let serving = tokio::spawn(gateway.serve(listener));
        let id = unique(run);
        let stage = Stage {
            input: self.input.replace("{{id}}", &id),
            callback: self.callback.replace("{{id}}", &id),
            most: INVOCATIONS + 10 * like.map_or(0, |like| like.invocations),
            patience: PATIENCE + self.timeout,
            starts: self.starts,
            schedule,
            durable: &durable,
            director: &director,
        };
        let mut callbacks = KnownCallbacks::default();
        let stuck = stage.conduct(&mut callbacks).await?;
        let mut seen = stage.observed(&directory.path().join("ledger"), &id)?;
        serving.abort();
        (seen.stuck, seen.callbacks) = (stuck, callbacks.most());
        Ok(seen)
    }

    /// Starts the functions of a run.
    async fn started(
        &self,
        listener: &TcpListener,
        directory: &Path,
        director: &Arc<Director>,
    ) -> Result<(Arc<Function>, DurableSettings), Error> {
        let address = listener.local_addr();
        let address = address.map_err(|e| Error::io("cannot serve durable executions to the function", e))?;
        let mut store = std::ffi::OsString::from("sqlite:");
        store.push(directory.join("journal.sqlite"));
        let equipped = |builder: &Builder| {
            let builder = builder.clone().timeout(self.timeout);
            builder
                .env_unless_set("RUST_BACKTRACE", "0")
                .env_unless_set("SWITCHBOARD_STORE", &store)
                .env(LEDGER, directory.join("ledger"))
                .durable_at(address)
        };
        let mut settings = DurableSettings::new()
            .seed(SEED)
            .faults(Arc::clone(director) as _);
        if let Some(limit) = self.execution_timeout {
            settings = settings.execution_timeout(limit);
        }
        for other in &self.others {
            let function = Arc::new(equipped(&other.builder).start().await?);
            settings = match other.is_durable {
                true => settings.durable_function(function),
                false => settings.plain_function(function),
            };
        }
        Ok((Arc::new(equipped(&self.function).start().await?), settings))
    }
}

/// What a run needs.
struct Stage<'r> {
    input: String,
    callback: String,
    most: usize,
    patience: Duration,
    starts: Starts,
    schedule: &'r DurableSchedule,
    durable: &'r Durable,
    director: &'r Director,
}

impl Stage<'_> {
    /// Lets everything happen until all executions have ended. Returns why that does not come, if so.
    async fn conduct(&self, callbacks: &mut KnownCallbacks) -> Result<Option<String>, Error> {
        let mut changes = self.durable.changes();
        let mut late = true;
        self.deliver()?;
        loop {
            changes.borrow_and_update();
            if let Some(why) = self.director.seen(|seen| seen.stuck(self.most)) {
                return Ok(Some(why));
            }
            for _ in 0..self.director.seen(|seen| std::mem::take(&mut seen.redeliveries)) {
                self.deliver()?;
            }
            callbacks.learn(self.durable);
            let goes_on = callbacks.end(self, Mishap::CallbackAtOnce)
                || self.durable.is_busy()
                || callbacks.end_in_time(self)
                || self.passes()
                || callbacks.end(self, Mishap::CallbackLate);
            if !goes_on {
                match self.all_ended() {
                    true if std::mem::take(&mut late) => {
                        let invocations = self.director.seen(|seen| seen.invocations);
                        for _ in 0..self.schedule.redeliveries(|at| at > invocations) {
                            self.deliver()?;
                        }
                        continue;
                    }
                    true => return Ok(None),
                    // The timeout of a whole execution.
                    false if self.durable.next_timer().is_some() => {}
                    false => return Ok(Some("nothing is left that could wake the execution".to_owned())),
                }
            }
            // Whatever was done, the service notices it.
            if timeout(self.patience, changes.changed()).await.is_err() {
                return Ok(Some(
                    "an invocation neither ends nor makes a checkpoint".to_owned(),
                ));
            }
        }
    }

    /// Lets time pass until something happens, if something is waited for.
    fn passes(&self) -> bool {
        self.durable.until_next_timer().is_some() && self.durable.next_timer().is_some()
    }

    fn deliver(&self) -> Result<(), Error> {
        let name = (self.starts == Starts::Named).then_some(NAME);
        self.durable.begin(self.input.clone(), name)?;
        Ok(())
    }

    fn all_ended(&self) -> bool {
        let executions = self.durable.executions();
        executions
            .iter()
            .all(|execution| execution["Status"] != "RUNNING")
    }

    fn observed(&self, ledger: &Path, id: &str) -> Result<Observation, Error> {
        let mut ledger = Ledger::new(ledger);
        let news = ledger
            .news()
            .map_err(|e| Error::io("cannot read the ledger", e))?;
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for line in news.finished {
            *lines.entry(line.replace(id, "{{id}}")).or_default() += 1;
        }
        let executions = self.durable.executions().into_iter().map(|execution| {
            let text = execution.to_string().replace(id, "{{id}}");
            serde_json::from_str(&text).unwrap_or(execution)
        });
        Ok(Observation {
            lines,
            has_ledger: ledger.exists(),
            executions: executions.collect(),
            conflicts: self.director.seen(|seen| seen.conflicts.clone()),
            stuck: None,
            checkpoints: self.director.seen(|seen| seen.checkpoints.clone()),
            invocations: self.director.seen(|seen| seen.invocations),
            callbacks: 0,
        })
    }
}

impl KnownCallbacks {
    fn learn(&mut self, durable: &Durable) {
        for callback in durable.open_callbacks() {
            if self.known.iter().any(|known| known.id == callback.id) {
                continue;
            }
            let of_its_execution = |known: &&KnownCallback| known.execution == callback.execution;
            let number = 1 + self.known.iter().filter(of_its_execution).count();
            self.known.push(KnownCallback {
                id: callback.id,
                execution: callback.execution,
                number,
                ended: false,
            });
        }
    }

    /// How many callbacks the execution with the most of them has.
    fn most(&self) -> usize {
        let numbers = self.known.iter().map(|known| known.number);
        numbers.max().unwrap_or_default()
    }

    /// Ends the callbacks that come in this way. Returns whether there were any.
    fn end(&mut self, stage: &Stage<'_>, way: Mishap) -> bool {
        self.end_those(stage, |number| stage.schedule.has(way, number))
    }

    /// Ends the callbacks that are not late.
    fn end_in_time(&mut self, stage: &Stage<'_>) -> bool {
        self.end_those(stage, |number| !stage.schedule.has(Mishap::CallbackLate, number))
    }

    fn end_those(&mut self, stage: &Stage<'_>, those: impl Fn(usize) -> bool) -> bool {
        let mut any = false;
        for callback in &mut self.known {
            if callback.ended || !those(callback.number) {
                continue;
            }
            callback.ended = true;
            let result = match stage.schedule.has(Mishap::CallbackFails, callback.number) {
                true => Err("the callback failed, as planned"),
                false => Ok(&*stage.callback),
            };
            // Refused if it has timed out, as a late one is.
            any |= stage.durable.end_callback(&callback.id, result).is_ok();
        }
        any
    }
}

/// An id that no other run has.
fn unique(run: u64) -> String {
    format!("sb{run:016x}")
}

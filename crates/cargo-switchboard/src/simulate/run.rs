//! Runs a simulation.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::book::Book;
use super::delivery::{Invocable, Poller};
use super::ledger::Ledger;
use super::mapped::MappedRecord;
use super::plan::{Record, plan};
use super::report::Report;
use super::simulation::Simulation;
use super::source::SourceKind;
use super::{asynchronous, buffer, queue, stream};
use crate::Error;
use crate::sync::lock;
use lambda_sandbox::Builder;

/// The variable that names the function's ledger.
pub const LEDGER: &str = "FAULTY_LEDGER";

impl Simulation {
    pub(super) fn progress(&self, book: &Book) {
        if let Some(progress) = &self.progress {
            progress(book.through());
        }
    }

    /// Starts the function, delivers all records and counts the results. Sets the function's timeout and [`LEDGER`].
    ///
    /// # Errors
    /// If an option is invalid for the source, if the function cannot be started or restarted, or if the ledger cannot be
    /// read.
    pub async fn run(&self, function: Builder) -> Result<Report, Error> {
        self.check()?;
        let directory = TempDir::with_prefix("switchboard-simulate-");
        let directory = directory.map_err(|e| Error::io("cannot make a directory for the ledger", e))?;
        let ledger = directory.path().join("ledger");
        // Backtraces of intended panics would take most of an invocation's time.
        let function = function.env_unless_set("RUST_BACKTRACE", "0");
        let function = function.env(LEDGER, &ledger).timeout(self.timeout);
        let mut functions = Vec::new();
        for _ in 0..self.parallelization_factor {
            functions.push(function.clone().start().await?);
        }
        self.play(functions, Ledger::new(&ledger)).await
    }

    /// Delivers to as many targets as the parallelization factor says.
    pub(super) async fn play<T: Invocable>(&self, targets: Vec<T>, ledger: Ledger) -> Result<Report, Error> {
        let plan = plan(self);
        let parts = self.parts(&plan);
        let book = Arc::new(Mutex::new(Book::new(plan, self, ledger)));
        let mut playing = JoinSet::new();
        for (target, part) in targets.into_iter().zip(parts) {
            let (simulation, book) = (self.clone(), Arc::clone(&book));
            let mapping = Poller {
                simulation,
                book,
                target,
            };
            playing.spawn(async move {
                match mapping.simulation.source.kind() {
                    SourceKind::Stream | SourceKind::Windowed => stream::play(&mapping, part).await,
                    SourceKind::Buffer => buffer::play(&mapping, part.len()).await,
                    SourceKind::Queue => queue::play(&mapping, part).await,
                    SourceKind::Asynchronous => asynchronous::play(&mapping, part.len()).await,
                }
            });
        }
        while let Some(played) = playing.join_next().await {
            played.map_err(|e| Error::other(format!("the simulation failed: {e}")))??;
        }
        let report = lock(&book).report();
        Ok(report)
    }

    /// The records of each environment. All records of a lane go to the same one.
    fn parts(&self, plan: &[Record]) -> Vec<Vec<MappedRecord>> {
        let mut parts = vec![Vec::new(); self.parallelization_factor];
        for (index, record) in plan.iter().enumerate() {
            parts[record.lane % self.parallelization_factor].push(MappedRecord::new(index, record));
        }
        parts
    }
}

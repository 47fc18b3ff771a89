//! Runs a simulation.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::book::Book;
use super::delivery::{Invoker, Poller};
use super::ledger::Ledger;
use super::plan::{Record, plan};
use super::report::Report;
use super::simulation::Simulation;
use super::source::SourceKind;
use super::{asynchronous, queue, stream};
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

    /// Starts the function, delivers everything and counts. The function's timeout and [`LEDGER`] are set here.
    ///
    /// # Errors
    /// When an option is not one of the source, or out of its bounds; when the function cannot be started, or started
    /// again; when the ledger cannot be read.
    pub async fn run(&self, function: Builder) -> Result<Report, Error> {
        self.check()?;
        let directory = TempDir::with_prefix("switchboard-simulate-");
        let directory = directory.map_err(|e| Error::io("cannot make a directory for the ledger", e))?;
        let ledger = directory.path().join("ledger");
        // A backtrace for every panic that was asked for would take most of an invocation's time.
        let function = function.env_unless_set("RUST_BACKTRACE", "0");
        let function = function.env(LEDGER, &ledger).timeout(self.timeout);
        let mut functions = Vec::new();
        for _ in 0..self.parallelization_factor {
            functions.push(function.clone().start().await?);
        }
        self.play(functions, Ledger::new(&ledger)).await
    }

    /// Plays against as many targets as the parallelization factor says.
    pub(super) async fn play<T: Invoker>(&self, targets: Vec<T>, ledger: Ledger) -> Result<Report, Error> {
        let plan = plan(self);
        let lanes: Vec<usize> = plan.iter().map(|record| record.lane).collect();
        let parts = self.parts(&plan);
        let book = Arc::new(Mutex::new(Book::new(plan, self.source.is_ordered(), ledger)));
        let lanes = Arc::new(lanes);
        let mut playing = JoinSet::new();
        for (target, part) in targets.into_iter().zip(parts) {
            let (simulation, book, lanes) = (self.clone(), Arc::clone(&book), Arc::clone(&lanes));
            let mapping = Poller {
                simulation,
                book,
                target,
            };
            playing.spawn(async move {
                match mapping.simulation.source.kind() {
                    SourceKind::Stream => stream::play(&mapping, &part).await,
                    SourceKind::Queue => queue::play(&mapping, &lanes).await,
                    SourceKind::Asynchronous => asynchronous::play(&mapping, part.len()).await,
                }
            });
        }
        while let Some(played) = playing.join_next().await {
            played.map_err(|e| Error::other(format!("the simulation broke off: {e}")))??;
        }
        let report = lock(&book).report(self);
        Ok(report)
    }

    /// The records of each environment, those of one lane in the same.
    fn parts(&self, plan: &[Record]) -> Vec<Vec<usize>> {
        let mut parts = vec![Vec::new(); self.parallelization_factor];
        for (index, record) in plan.iter().enumerate() {
            parts[record.lane % self.parallelization_factor].push(index);
        }
        parts
    }
}

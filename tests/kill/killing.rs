//! Kills the process while writers go on, as often and at such moments as planned.

use lambda_sandbox::Function;
use serde_json::Value;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// How many invocations are under way when the process is killed.
pub(crate) const WRITERS: u32 = 4;

/// For how long there may be no acknowledgement: then something is locked, or the process does not start any more.
pub(crate) const STUCK: Duration = Duration::from_secs(60);

/// The longest time between an acknowledgement and the next kill, in microseconds.
const LONGEST: u64 = 40_000;

/// After how many kills the store is looked at.
const LOOKED_AT: usize = 50;

/// How many kills, and at which moments.
pub(crate) struct Plan {
    kills: usize,
    random: u64,
    start: Instant,
}

impl Plan {
    pub(crate) fn from_env() -> Self {
        let number = |name, default| match std::env::var(name) {
            Ok(value) if !value.is_empty() => value.parse().unwrap(),
            _ => default,
        };
        Self {
            kills: usize::try_from(number("KILLS", 20)).unwrap(),
            random: number("SEED", 1),
            start: Instant::now(),
        }
    }

    /// SplitMix64, up to that.
    fn random(&mut self, most: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % most
    }

    /// Shows what came of it.
    pub(crate) fn tell(&self, what: &str, figures: &str) {
        let (kills, time) = (self.kills, self.start.elapsed().as_secs_f64());
        println!("{what:<22} {kills:>5} kills, {figures}, in {time:.0} s");
    }
}

/// How far it is, on standard error: one line that changes on a terminal, else a line now and then.
fn shows_progress(kill: usize, of: usize) {
    let mut stderr = std::io::stderr();
    let (terminal, last) = (stderr.is_terminal(), kill == of);
    // Nobody looks at a test's progress on a pipe but for want of anything else.
    let _ = match (terminal, last) {
        (true, false) => write!(stderr, "\r{kill} of {of} kills"),
        (true, true) => writeln!(stderr, "\r{kill} of {of} kills"),
        (false, _) if last || kill.is_multiple_of(100) => writeln!(stderr, "{kill} of {of} kills"),
        (false, _) => Ok(()),
    };
    let _ = stderr.flush();
}

/// What whoever kills and whoever writes know of each other.
#[derive(Default)]
pub(crate) struct Killing {
    acknowledged: Notify,
    stopped: AtomicBool,
}

impl Killing {
    /// Something is acknowledged.
    pub(crate) fn acknowledged(&self) {
        self.acknowledged.notify_one();
    }

    /// Whether the writers are to go on.
    pub(crate) fn goes_on(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    /// Kills the process as often as planned, each time some random microseconds after an acknowledgement; now and then `look`s at
    /// the store, while the writers write. Ends the writers.
    pub(crate) async fn kill(&self, plan: &mut Plan, function: &Function, mut look: impl AsyncFnMut()) {
        for kill in 1..=plan.kills {
            timeout(STUCK, self.acknowledged.notified())
                .await
                .unwrap_or_else(|_| panic!("nothing is acknowledged any more after {} kills", kill - 1));
            sleep(Duration::from_micros(plan.random(LONGEST))).await;
            function.kill().await;
            if kill.is_multiple_of(LOOKED_AT) {
                look().await;
            }
            shows_progress(kill, plan.kills);
        }
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// The failures that the answer names, or `None` if there is no answer but an error.
pub(crate) async fn deliver(function: &Function, payload: String) -> Option<Vec<String>> {
    let reply = function.invoke(payload).await.ok()?.result.ok()?;
    let reply: Value = serde_json::from_slice(&reply).unwrap();
    let failures = reply["batchItemFailures"].as_array();
    let ids = failures.into_iter().flatten();
    Some(
        ids.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
            .collect(),
    )
}

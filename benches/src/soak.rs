//! What an invocation costs for good: events without end, each with a request id and a trace of its own, to a function of
//! Switchboard's and to the bare one of `lambda_runtime` side by side.

#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use crate::payloads;
use crate::target::Target;
use futures_util::future::try_join_all;
use lambda_sandbox::Function;
use std::error::Error;
use std::fmt;
use std::fs;
use std::process::ExitCode;
use std::time::Duration;

/// How many events come before the first look: buffers and pools have grown to what they need by then.
const WARM_UP: usize = 5_000;

/// How many events are at a function of Managed Instances at once.
const AT_ONCE: u32 = 8;

/// The bare function takes one after another all the same; a busy machine must not end an invocation.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What a function may grow by, as a share of what the bare one does.
const SHARE: f64 = 0.02;

/// What it may grow by in any case: pages come and go, and of few events nothing more is to be seen.
const UNSEEN: u64 = 512 * 1024;

const SOURCES: &str = "kinesis dynamodb s3 cloudwatch_events http";
const MODES: &str = "classic managed";

/// What is asked for: how many events, of which sources, in which modes.
pub(crate) async fn run(mut told: impl Iterator<Item = String>) -> ExitCode {
    let count = told.next().filter(|count| !count.is_empty());
    let count = count.map_or(Ok(1_000_000), |count| count.replace('_', "").parse());
    let mut words = |default: &str| {
        let words = told.next().filter(|words| !words.trim().is_empty());
        words.unwrap_or_else(|| default.to_owned())
    };
    let (sources, modes) = (words(SOURCES), words(MODES));
    let soaked = match count {
        Ok(count) => every(count, &sources, &modes).await,
        Err(error) => Err(format!("N: {error}").into()),
    };
    match soaked {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all stay within their limits.
async fn every(count: usize, sources: &str, modes: &str) -> Result<bool, Box<dyn Error>> {
    println!("{count} events each, after {WARM_UP}; what the process has more of then");
    println!(
        "{:<32} {:>12} {:>12} {:>7}  {:>12} {:>9}",
        "what", "switchboard", "bare", "ratio", "descriptors", "threads"
    );
    let mut all = true;
    for source in sources.split_whitespace() {
        let payload = payload(source)?;
        for mode in modes.split_whitespace() {
            let at_once = match mode {
                "classic" => 1,
                "managed" => AT_ONCE,
                other => return Err(format!("MODES: {other} is none of: {MODES}").into()),
            };
            let (ours, bare) = tokio::try_join!(
                soak(Target::FiveSources, &payload, count, at_once),
                soak(Target::Bare, &payload, count, at_once),
            )?;
            all &= row(&format!("{source}, {mode}"), &ours, &bare);
        }
    }
    Ok(all)
}

fn payload(source: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(match source {
        "kinesis" => payloads::kinesis(1, 200),
        "dynamodb" => payloads::dynamodb(1),
        "s3" => payloads::s3(),
        "cloudwatch_events" => payloads::cloudwatch_event(),
        "http" => payloads::http(),
        other => return Err(format!("SOURCES: {other} is none of: {SOURCES}").into()),
    })
}

fn row(what: &str, ours: &Growth, bare: &Growth) -> bool {
    let limit = (bare.memory as f64 * SHARE).max(UNSEEN as f64);
    let met = ours.memory as f64 <= limit && ours.descriptors <= 0 && ours.threads <= 0;
    println!(
        "{what:<32} {:>12} {:>12} {:>7.3}  {:>12} {:>9}{}",
        Kilobytes(ours.memory),
        Kilobytes(bare.memory),
        ours.memory as f64 / bare.memory.max(1) as f64,
        ours.descriptors,
        ours.threads,
        if met { "" } else { "  MISSED" },
    );
    met
}

/// What a process has more of than before.
struct Growth {
    memory: u64,
    descriptors: i64,
    threads: i64,
}

async fn soak(target: Target, payload: &[u8], count: usize, at_once: u32) -> Result<Growth, Box<dyn Error>> {
    let mut builder = target.builder().timeout(TIMEOUT);
    if at_once > 1 {
        builder = builder.max_concurrency(at_once);
    }
    let function = builder.start().await?;
    let pid = function.pid().ok_or("the function has ended")?;
    send(&function, payload, WARM_UP, at_once).await?;
    let before = Standing::of(pid)?;
    send(&function, payload, count, at_once).await?;
    let after = Standing::of(pid)?;
    if function.pid() != Some(pid) {
        return Err("the function's process has ended on the way".into());
    }
    function.shutdown().await;
    Ok(Growth {
        memory: after.memory.saturating_sub(before.memory),
        descriptors: after.descriptors - before.descriptors,
        threads: after.threads - before.threads,
    })
}

/// The companion gives every event a request id and a trace of its own.
async fn send(function: &Function, payload: &[u8], count: usize, at_once: u32) -> Result<(), Box<dyn Error>> {
    let turns = (0..at_once as usize).map(async |turn| {
        for _ in (turn..count).step_by(at_once as usize) {
            let outcome = function.invoke(payload.to_vec()).await?;
            outcome.result.map_err(|error| error.to_string())?;
        }
        Ok::<_, Box<dyn Error>>(())
    });
    try_join_all(turns).await?;
    Ok(())
}

/// What a process has, as Linux says.
struct Standing {
    memory: u64,
    descriptors: i64,
    threads: i64,
}

impl Standing {
    fn of(pid: u32) -> Result<Self, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let number = |name: &str| -> Result<u64, Box<dyn Error>> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            Ok(number
                .ok_or_else(|| format!("the system does not tell {name}"))?
                .parse()?)
        };
        Ok(Self {
            memory: number("VmRSS:")? * 1024,
            descriptors: i64::try_from(fs::read_dir(format!("/proc/{pid}/fd"))?.count())?,
            threads: i64::try_from(number("Threads:")?)?,
        })
    }
}

struct Kilobytes(u64);

impl fmt::Display for Kilobytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} KB", self.0 / 1024))
    }
}

//! The arguments of `simulate`, and the simulation they describe.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::super::function_args::{FunctionArgs, seconds, variable};
use super::super::output::OutputFormat;
use super::durable_args::DurableSimulateArgs;
use crate::Error;
use crate::simulate::{Bodies, Proof, Report, Simulation, Source};

/// The default timeout: most functions that are simulated wait for nothing.
const TIMEOUT: Duration = Duration::from_millis(500);

pub(in crate::cli) const SIMULATE_EXAMPLES: &str = "\
Examples:
  cargo switchboard simulate --source sqs --bodies orders.jsonl           100 messages of yours to the function of this package
  cargo switchboard simulate --source kinesis -- target/lambda/clicks/bootstrap
  cargo switchboard simulate --source sqs --bodies orders.jsonl --no-partial-answers
  cargo switchboard simulate --source dynamodb --max-retries 3 --bisect --parallelization-factor 4
  cargo switchboard simulate --source sqs-fifo --seeds 20 --no-repeats --env TABLE=payments
  cargo switchboard simulate --source kinesis --example faulty --seed 7 --fail-rate 0.3 --crash-rate 0.05
  cargo switchboard simulate --durable --event order.json --seeds 1000     a durable function, which crashes between its checkpoints
  cargo switchboard simulate --durable --event order.json --schedule crash-before:3,redeliver:1

Bodies: FILE has a JSON value, which may have several lines, or a body in each line; they take turns. {{id}} is the record's id (r-17),
{{number}} its number, {{lane}} that of its partition key, item or message group, {{uuid}} a UUID of its own, {{seed}} the seed. A body is the data of
Kinesis and Firehose, the value of Kafka, the body of SQS, the message of SNS, the detail of EventBridge, the new item of DynamoDB, the key in S3
and the subject in SES.

What is done, the function's answers say. They cannot show that a function says done and is not. For that it may write a ledger: it makes the
file named by FAULTY_LEDGER when it starts, and as its last action for a record it appends the record's id as a line; if it dead-letters
the record itself, to the file of that name with the suffix .dead. If there is such a file, it counts instead of the answers.

Without --bodies a record says what the function is to do with it this time, so that it fails when it should:
{\"do\":\"ok\",\"ms\":2,\"id\":\"r-17\"}; in DynamoDB these are string attributes of NewImage, in S3 the key is <do>/<ms>/<id>. `do` is ok, fail,
panic, after, reject, exit or sleep (for ms milliseconds: too long); a function may ignore it. Bodies may have {{do}} and {{ms}}, too. If they do
not, --fail-rate and --reject-rate do nothing, and crashes and timeouts are answers that get lost after the work was done.

A durable function (--durable) is run without mishaps first, and then once for each seed: its process dies before or after a checkpoint, or with
its answer; checkpoints arrive twice, are refused, or their answers get lost; invocations run out of time; callbacks come at once,
late or as failures; the starting event comes again. The clock jumps over everything that only waits. An effect is a line in the file named by
FAULTY_LEDGER, which names it: whoever does the effect appends it (what recognizes a repeated request writes nothing). Counted are
effects that happened again (repeated) or not at all although the execution ended as always (lost), executions that never end (stuck), operations that
are not what they were before (non-deterministic), and executions that end otherwise than without mishaps. The first bad seed is
shown with the shortest schedule that does the same.

The same seed always produces the same records, faults and deliveries.

Exit codes: 0 nothing was lost or out of order (or repeated, with --no-repeats), with --durable nothing was found; 1 something was; 2 the command itself failed.";

#[derive(Args)]
pub(in crate::cli) struct Simulate {
    /// The event source to simulate
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        required_unless_present = "durable",
        conflicts_with = "durable"
    )]
    pub(in crate::cli) source: Option<Source>,
    #[command(flatten)]
    pub(in crate::cli) durable: DurableSimulateArgs,
    /// The number of records to send
    #[arg(long, value_name = "N", default_value_t = 100)]
    records: usize,
    /// What the records hold: a JSON value, or a body in each line, with placeholders such as {{id}}
    #[arg(long, value_name = "FILE")]
    bodies: Option<PathBuf>,
    /// What says that a record is done [default: the ledger if the function writes one, else its answers]
    #[arg(long, value_enum, value_name = "PROOF")]
    proof: Option<ProofArg>,
    /// Play an event source mapping without ReportBatchItemFailures: only an error brings a batch back, and as a whole
    #[arg(long)]
    no_partial_answers: bool,
    /// Maximum number of records in a batch [default: 10; 1 for s3, sns, ses and cloudwatch_events]
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,
    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(in crate::cli) seed: u64,
    /// Number of seeds to simulate, starting with --seed; prints a line for each
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(in crate::cli) seeds: u64,
    /// Share of deliveries that fail: with an error, a panic or a request to retry later
    #[arg(long, value_name = "RATE", default_value_t = 0.1)]
    fail_rate: f64,
    /// Share of records that are delivered again after they succeeded
    #[arg(long, value_name = "RATE", default_value_t = 0.05)]
    duplicate_rate: f64,
    /// Share of deliveries that end the process
    #[arg(long, value_name = "RATE", default_value_t = 0.02)]
    crash_rate: f64,
    /// Share of deliveries that exceed the function's timeout
    #[arg(long, value_name = "RATE", default_value_t = 0.02)]
    timeout_rate: f64,
    /// Share of records that the function rejects permanently
    #[arg(long, value_name = "RATE", default_value_t = 0.0)]
    reject_rate: f64,
    /// Retries before a record goes to its destination or dead-letter queue [default: unlimited; 2 for s3, sns, ses
    /// and cloudwatch_events; 3 for kinesis_firehose]
    #[arg(long, value_name = "N")]
    max_retries: Option<u32>,
    /// Age in seconds of virtual time at which a record or an asynchronous event goes to its destination
    #[arg(long, value_name = "SECS", value_parser = age)]
    max_age: Option<Duration>,
    /// Split failed batches of a stream in two
    #[arg(long)]
    bisect: bool,
    /// Concurrent batches of a stream's shard, each in its own process
    #[arg(long, value_name = "N", default_value_t = 1)]
    parallelization_factor: usize,
    /// Timeout of an invocation in seconds [default: 0.5; 10 with --durable]
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// Also exit with 1 if a record was finished twice: for functions with idempotency
    #[arg(long)]
    pub(in crate::cli) no_repeats: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(in crate::cli) format: OutputFormat,
    /// Show the function's logs
    #[arg(long)]
    pub(in crate::cli) logs: bool,
    /// Binary of the package to build and run [default: default-run, or the only one]
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// Example of the package to build and run
    #[arg(long, value_name = "NAME", conflicts_with = "bin")]
    example: Option<String>,
    /// Features for cargo build
    #[arg(long, value_name = "FEATURES")]
    features: Option<String>,
    /// Environment variable of the function; may be repeated
    #[arg(long, value_name = "K=V", value_parser = variable)]
    env: Vec<(OsString, OsString)>,
    /// Run this executable with these arguments instead of building one
    #[arg(last = true, value_name = "PROGRAM", conflicts_with_all = ["bin", "example", "features"])]
    program: Vec<OsString>,
}

impl Simulate {
    /// # Errors
    /// If the file of bodies cannot be read.
    pub(in crate::cli) fn simulation(&self) -> Result<Simulation, Error> {
        let mut simulation = Simulation::new(self.source.ok_or_else(|| Error::other("--source is missing"))?)
            .records(self.records)
            .seed(self.seed)
            .fail_rate(self.fail_rate)
            .duplicate_rate(self.duplicate_rate)
            .crash_rate(self.crash_rate)
            .timeout_rate(self.timeout_rate)
            .reject_rate(self.reject_rate)
            .bisect(self.bisect)
            .parallelization_factor(self.parallelization_factor)
            .timeout(self.timeout.unwrap_or(TIMEOUT))
            .partial_answers(!self.no_partial_answers);
        if let Some(file) = &self.bodies {
            simulation = simulation.bodies(bodies(file)?);
        }
        if let Some(proof) = self.proof {
            simulation = simulation.proof(proof.into());
        }
        if let Some(size) = self.batch_size {
            simulation = simulation.batch_size(size);
        }
        if let Some(retries) = self.max_retries {
            simulation = simulation.max_retries(retries);
        }
        if let Some(age) = self.max_age {
            simulation = simulation.max_age(age);
        }
        Ok(simulation)
    }

    /// The options that choose the function.
    pub(in crate::cli) fn function(&self) -> FunctionArgs {
        let option = |name: &str, value: &Option<String>| {
            let value = value.clone();
            value.map_or(Vec::new(), |value| vec![name.to_owned(), value])
        };
        FunctionArgs {
            bin: self.bin.clone(),
            binary: self.program.first().map(PathBuf::from),
            store: None,
            timeout: Some(self.timeout.unwrap_or(TIMEOUT)),
            memory: None,
            max_concurrency: None,
            extensions: None,
            env: self.env.clone(),
            cargo_args: [
                option("--example", &self.example),
                option("--features", &self.features),
            ]
            .concat(),
        }
    }

    /// The program's own arguments.
    pub(in crate::cli) fn arguments(&self) -> impl Iterator<Item = &OsString> {
        self.program.iter().skip(1)
    }

    pub(in crate::cli) fn records(&self) -> usize {
        self.records
    }

    pub(in crate::cli) fn accepts(&self, report: &Report) -> bool {
        report.is_sound() && !(self.no_repeats && report.repeated > 0)
    }
}

/// # Errors
/// If the file cannot be read, or a body makes no sense.
fn bodies(file: &Path) -> Result<Bodies, Error> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|e| Error::io(format!("cannot read {}", file.display()), e))?;
    Bodies::read(&text).map_err(|error| Error::other(format!("{}: {error}", file.display())))
}

#[derive(Clone, Copy, ValueEnum)]
enum ProofArg {
    /// The file in which the function notes what it has finished
    Ledger,
    /// The function's answers
    Answers,
}

impl From<ProofArg> for Proof {
    fn from(proof: ProofArg) -> Self {
        match proof {
            ProofArg::Ledger => Proof::Ledger,
            ProofArg::Answers => Proof::Answers,
        }
    }
}

fn age(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    seconds.ok_or_else(|| "expected whole seconds".to_owned())
}

//! The arguments, and the help that teaches them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::diagnosis::{DOCTOR_EXAMPLES, Doctor};
use super::simulation::{SIMULATE_EXAMPLES, Simulate};
#[cfg(feature = "aws")]
use super::wire::{UNWIRE_EXAMPLES, Unwire, WIRE_EXAMPLES, Wire};
#[cfg(not(feature = "aws"))]
use super::without_aws::Anything;
use lambda_sandbox::guard::{Guard, Host, Origin};
use lambda_sandbox::http::PayloadFormat;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  cargo switchboard run                                  build, start, serve on http://127.0.0.1:9000
  cargo switchboard run --events events --exit           deliver every sample, exit 1 if one failed
  cargo switchboard invoke events/s3/put.json            one event, its reply on the standard output
  cargo switchboard explain events/s3/put.json           which source, and what gives it away
  cargo switchboard simulate --source kinesis --seed 7   failures, crashes, duplicates: is anything lost?
  cargo switchboard wire s3 --function thumbnails --bucket photos
  cargo switchboard doctor                               what of template.yaml loses events?

Exit codes: 0 success, 1 a function or a sample failed, 2 the command could not do its work.";

const RUN_EXAMPLES: &str = "\
Examples:
  cargo switchboard run
  curl http://127.0.0.1:9000/any/path                    becomes an API Gateway event
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 \\
      --function-name any --payload file://event.json --cli-binary-format raw-in-base64-out /dev/stdout

  cargo switchboard run --events events                  deliver every sample first
  cargo switchboard run --store journal.sqlite           keep the journal
  cargo switchboard run --max-concurrency 64             many invocations at once, as on Managed Instances
  cargo switchboard run --bin other -- --release         another binary, with arguments for cargo build
  cargo switchboard run --binary target/debug/bootstrap  any Lambda binary; nothing is built
  cargo switchboard run --raw | jq -R 'fromjson? | select(.level == \"ERROR\")'

What the function writes is shown on the standard error: log lines in JSON as TIME LEVEL MESSAGE KEY=VALUE …, CloudWatch
metrics (EMF) in one line, everything else as it is, and after each invocation a summary: what came of it, the source
of the event, how long it took (and the start before it), the most memory so far (of the process and all it has started),
the request id. Request ids and names
of the function stand in the summary or nowhere. Colours are for terminals; NO_COLOR and CLICOLOR_FORCE are obeyed.

Web pages of other sites do not reach the function: what their browsers send is refused (403), and so is what is for a host
that is not a name of this machine. Pages on localhost, whatever their port, may call it. --allow-host and --allow-origin
let others pass.";

const INVOKE_EXAMPLES: &str = "\
Examples:
  cargo switchboard invoke events/s3/put.json
  cargo switchboard invoke events/kinesis/*.json --timeout 5
  echo '{}' | cargo switchboard invoke - | jq .
  cargo switchboard invoke --raw event.json 2>lines.log  what the function wrote, byte by byte
  cargo switchboard invoke --endpoint http://127.0.0.1:9001 event.json

Where the events go:
  with --endpoint, to the function served there;
  with an option about building or running, to a function built and started for this command;
  with neither, to `cargo switchboard run` on http://127.0.0.1:9000 if one answers there, else as before.
The first line on the standard error says which.

The reply alone goes to the standard output. On the standard error, what the function writes is made readable: see
`cargo switchboard run --help`. Of a function served elsewhere it is the last 4 KB.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  cargo switchboard explain event.json
  cargo switchboard explain events --format json         every *.json below events, one object a line
  pbpaste | cargo switchboard explain -

Each file has a line, whatever becomes of the others.
Exit codes: 0 all are JSON, 1 one is not, 2 one cannot be read.";

/// The options that only make sense for a function started here.
const LOCAL: [&str; 8] = [
    "bin",
    "binary",
    "store",
    "timeout",
    "memory",
    "max_concurrency",
    "env",
    "cargo_args",
];

/// What cargo calls: its first word is the subcommand's own name.
#[derive(Parser)]
#[command(name = "cargo", bin_name = "cargo", styles = STYLES)]
pub(super) enum Cargo {
    /// Run, invoke, explain and simulate AWS Lambda functions on this machine, and wire deployed ones
    #[command(version, after_help = EXAMPLES)]
    Switchboard(Switchboard),
}

#[derive(Args)]
pub(super) struct Switchboard {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Build a function, start it and serve it over HTTP until Ctrl-C
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Invoke a function with events from files
    #[command(after_help = INVOKE_EXAMPLES)]
    Invoke(Invoke),
    /// Tell which event source composed a payload, and why
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Play an event source against a function: what is lost, repeated, out of order?
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(Box<Simulate>),
    /// Put a trigger on a deployed function, or list its triggers
    #[cfg(feature = "aws")]
    #[command(after_help = WIRE_EXAMPLES)]
    Wire(Box<Wire>),
    /// Take off what `wire` put on
    #[cfg(feature = "aws")]
    #[command(after_help = UNWIRE_EXAMPLES)]
    Unwire(Box<Unwire>),
    /// Put a trigger on a deployed function, or list its triggers (feature `aws`; this build is without)
    #[cfg(not(feature = "aws"))]
    Wire(Anything),
    /// Take off what `wire` put on (feature `aws`; this build is without)
    #[cfg(not(feature = "aws"))]
    Unwire(Anything),
    /// Find what loses events in a deployment
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(Box<Doctor>),
}

#[derive(Args)]
pub(super) struct Run {
    /// Port to serve on, on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 9000)]
    pub(super) port: u16,
    /// Deliver every *.json below DIR first, a line each
    #[arg(long, value_name = "DIR")]
    pub(super) events: Option<PathBuf>,
    /// Stop after the samples, with exit code 1 if one failed
    #[arg(long, requires = "events")]
    pub(super) exit: bool,
    /// Show the function's logs while samples are delivered, not only those of failed ones
    #[arg(long)]
    pub(super) logs: bool,
    /// Leave the standard output to what the function writes, as it is, all of it; no summaries, the rest on the
    /// standard error
    #[arg(long)]
    pub(super) raw: bool,
    /// What HTTP requests pass through on their way to the function
    #[arg(long, value_enum, value_name = "FRONT", default_value_t = Payload::Http)]
    pub(super) payload: Payload,
    /// Take requests for this host as well, and those of web pages of it; may be repeated
    #[arg(long = "allow-host", value_name = "HOST", conflicts_with = "exit")]
    hosts: Vec<Host>,
    /// Take requests of web pages of this origin as well, https://app.example for instance; may be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN", conflicts_with = "exit")]
    origins: Vec<Origin>,
    #[command(flatten)]
    pub(super) function: FunctionArgs,
}

impl Run {
    pub(super) fn guard(&self) -> Guard {
        let mut guard = Guard::default();
        self.hosts.iter().cloned().for_each(|host| guard.allow_host(host));
        self.origins
            .iter()
            .cloned()
            .for_each(|origin| guard.allow_origin(origin));
        guard
    }
}

#[derive(Args)]
pub(super) struct Invoke {
    /// Files with an event each; - is the standard input, a directory means every *.json below it
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Invoke the function served at this address
    #[arg(long, value_name = "URL", conflicts_with_all = LOCAL)]
    pub(super) endpoint: Option<String>,
    /// Leave the standard error to what the function writes, as it is; no summaries
    #[arg(long)]
    pub(super) raw: bool,
    #[command(flatten)]
    pub(super) function: FunctionArgs,
}

#[derive(Args)]
pub(super) struct Explain {
    /// Files with a payload each; - is the standard input, a directory means every *.json below it
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// Which function, and with what.
#[derive(Args)]
pub(super) struct FunctionArgs {
    /// Binary of the package to build and run [default: default-run, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) bin: Option<String>,
    /// Run this executable, build nothing
    #[arg(long, value_name = "PATH", conflicts_with = "bin")]
    pub(super) binary: Option<PathBuf>,
    /// Database file of the function's store, in SWITCHBOARD_STORE [default: a new temporary one]
    #[arg(long, value_name = "PATH")]
    pub(super) store: Option<PathBuf>,
    /// Seconds an invocation may take [default: 30]
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// Megabytes of memory the function is told it has [default: 128]
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(128..=10240))]
    pub(super) memory: Option<u32>,
    /// Run it as Lambda Managed Instances do, with up to N invocations at once in its process
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1600))]
    pub(super) max_concurrency: Option<u32>,
    /// Environment variable of the function; may be repeated
    #[arg(long, value_name = "K=V", value_parser = variable)]
    pub(super) env: Vec<(OsString, OsString)>,
    /// Arguments for cargo build
    #[arg(last = true, value_name = "CARGO ARGS", conflicts_with = "binary")]
    pub(super) cargo_args: Vec<String>,
}

impl FunctionArgs {
    /// Nothing but what is to be built, or the executable that is there already.
    pub(super) fn building(binary: Option<&Path>, bin: Option<&str>, cargo_args: &[String]) -> Self {
        Self {
            bin: bin.map(str::to_owned),
            binary: binary.map(Path::to_owned),
            store: None,
            timeout: None,
            memory: None,
            env: Vec::new(),
            cargo_args: cargo_args.to_vec(),
            max_concurrency: None,
        }
    }

    /// Whether none was given.
    pub(super) fn are_default(&self) -> bool {
        let named = self.bin.is_some() || self.binary.is_some() || self.store.is_some();
        let limited = self.timeout.is_some() || self.memory.is_some() || self.max_concurrency.is_some();
        !named && !limited && self.env.is_empty() && self.cargo_args.is_empty()
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Payload {
    /// An HTTP API of API Gateway, payload format 2.0
    #[value(alias = "2.0")]
    Http,
    /// A REST API of API Gateway, payload format 1.0
    Rest,
    /// A function URL, payload format 2.0
    FunctionUrl,
}

impl From<Payload> for PayloadFormat {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Http => PayloadFormat::Http,
            Payload::Rest => PayloadFormat::Rest,
            Payload::FunctionUrl => PayloadFormat::FunctionUrl,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

pub(super) fn variable(text: &str) -> Result<(OsString, OsString), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (0.001..=900.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected seconds, at most 900".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Cargo::command().debug_assert();
    }

    #[test]
    fn the_first_word_is_the_subcommands_name() {
        let words = [
            "cargo",
            "switchboard",
            "run",
            "--timeout",
            "2.5",
            "--max-concurrency",
            "64",
            "--env",
            "A=b=c",
            "--",
            "--release",
        ];
        let Ok(Cargo::Switchboard(Switchboard {
            command: Command::Run(run),
        })) = Cargo::try_parse_from(words)
        else {
            panic!("the words do not parse");
        };
        assert_eq!(run.function.timeout, Some(Duration::from_millis(2500)));
        assert_eq!(run.function.max_concurrency, Some(64));
        assert_eq!(run.function.env, [("A".into(), "b=c".into())]);
        assert_eq!(run.function.cargo_args, ["--release"]);
        assert!(Cargo::try_parse_from(["cargo", "switchboard", "run", "--exit"]).is_err());
    }
}

//! The arguments of `run`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use lambda_sandbox::guard::{Guard, Host, Origin};
use lambda_sandbox::http::{Authorizer, PayloadFormat};

use super::super::durable_args::DurableArgs;
use super::super::function_args::FunctionArgs;
use super::super::output::{OutputFormat, Show};
use super::authorizer::AuthorizerArgs;
use super::console::ConsoleArgs;
use super::failed_events::FailedEvents;
use crate::Error;

pub(in crate::cli) const RUN_EXAMPLES: &str = "\
Examples:
  cargo switchboard run
  curl http://127.0.0.1:9000/any/path                    becomes an API Gateway event
  aws lambda invoke --endpoint-url http://127.0.0.1:9000 \\
      --function-name any --payload file://event.json --cli-binary-format raw-in-base64-out /dev/stdout

  cargo switchboard run --events events                  deliver every sample first
  cargo switchboard run --watch                          build and start it again when its sources change
  cargo switchboard run --store journal.sqlite           keep the journal
  cargo switchboard run --max-environments 1             one invocation after another
  cargo switchboard run --max-concurrency 64             many invocations at once, as on Managed Instances
  cargo switchboard run --tenant-isolation               invocations need a tenant id: aws lambda invoke --tenant-id blue …
  cargo switchboard run --on-failure failed.jsonl        keep events of asynchronous invocations that fail three times
  cargo switchboard run --extensions extensions          with external extensions, as Lambda starts those in /opt/extensions
  cargo switchboard run --durable --time-scale 60        a durable function: an hour of waiting takes a minute
  cargo switchboard run --bin other -- --release         another binary, with arguments for cargo build
  cargo switchboard run --binary target/debug/bootstrap  any Lambda binary; nothing is built
  cargo switchboard run --raw | jq -R 'fromjson? | select(.level == \"ERROR\")'

The function's output is shown on stderr: JSON log lines as TIME LEVEL MESSAGE KEY=VALUE …, CloudWatch metrics (EMF) in
one line, everything else unchanged. A summary follows each invocation: its result, the source of the event, the duration
(and that of the start, if any), the peak memory of the process and its children so far, and the request id. Log lines are
shown without the request id and the function's name. AWS_LAMBDA_LOG_FORMAT is JSON unless you set it. Colours are used on terminals only; NO_COLOR and CLICOLOR_FORCE
are respected.

--authorizer says who calls. FILE has what the gateway would send: {\"jwt\": {\"claims\": {\"sub\": \"ada\"}, \"scopes\": [\"orders/read\"]}},
{\"iam\": {…}} or {\"lambda\": {…}} for an HTTP API; {\"iam\": {…}} for a function URL; {\"principalId\": \"ada\", …} or
{\"claims\": {…}} for a REST API.

--authorizer-function calls a Lambda authorizer for every request, as API Gateway does without a cache: the function itself, or another
binary of the package. What it answers becomes the caller's 401, 403 or 500, or what the function is told about the caller.
  cargo switchboard run --authorizer-function
  cargo switchboard run --payload rest --authorizer-function guard --authorizer-payload token
  cargo switchboard run --authorizer-binary target/debug/guard --identity-source '$request.header.X-Api-Key'

With --format json stdout has one object per line, each with its `type`: `sample` (an event of --events), `samples` (their count),
`serving` (with the url), `environment` (one that was initialised: its number, log_stream and init_ms), `log` (a line of the function, with
the environment's number), `invocation`, `request` and `idle` (an environment that was ended). Samples and invocations have source, outcome,
failed, duration_ms, init_ms, peak_memory_mb, memory_mb, environment and request_id.

Invocations that come at once run side by side, each in an execution environment of its own, as on Lambda. So a function may
invoke itself: give it --env AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:9000. Log lines then begin with the environment's number,
and a line for each environment says which log stream is its (AWS_LAMBDA_LOG_STREAM_NAME) and how long its initialisation took.
One that has had no invocation for five minutes (--idle-timeout) is ended; the summary of the next invocation says how long it took to start one.

With --durable the function gets the envelopes of durable executions, in any language and with any SDK: AWS_ENDPOINT_URL_LAMBDA leads
its checkpoints here. An Invoke may name its execution (--durable-execution-name), and an asynchronous one does not wait for it. Look at
executions, complete their callbacks and skip their waits with `cargo switchboard durable`.

The console is a web page that shows every invocation: its event and what it was detected by, its batch record by record, log lines,
the reply, and what the source does with it. It is at a free port of 127.0.0.1, which is printed, or at --console-port. Its data is
there as JSON under /api/. --no-console serves none. Nothing of it is written to disk, unless --record FILE asks for the events;
--replay FILE delivers them again.

Web pages of other sites cannot reach the function: their requests are refused (403), and so are requests for a host that
is not a name of this machine. Pages on localhost may call it from any port. --allow-host and --allow-origin allow more.";

#[derive(Args)]
pub(in crate::cli) struct Run {
    /// Port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 9000)]
    pub(in crate::cli) port: u16,
    /// Deliver every *.json below DIR first, and print a line for each
    #[arg(long, value_name = "DIR", group = "samples")]
    pub(in crate::cli) events: Option<PathBuf>,
    /// Exit after the samples, with code 1 if one failed
    #[arg(long, requires = "samples")]
    pub(in crate::cli) exit: bool,
    /// Show the function's logs for all samples, not only for failed ones
    #[arg(long)]
    pub(in crate::cli) logs: bool,
    /// Write the function's output to stdout unchanged, without summaries; everything else goes to stderr
    #[arg(long)]
    raw: bool,
    /// How to print what happens
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text, conflicts_with = "raw")]
    format: OutputFormat,
    /// The kind of gateway in front of the function
    #[arg(long, value_enum, value_name = "GATEWAY", default_value_t = HttpPayload::Http)]
    pub(in crate::cli) payload: HttpPayload,
    /// Pass the JSON in FILE to the function as requestContext.authorizer of every HTTP request
    #[arg(long, value_name = "FILE", conflicts_with_all = ["exit", "authorizer_function", "authorizer_binary"])]
    authorizer: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) asked: AuthorizerArgs,
    /// Build and start the function again when its sources change; requests wait for the build. A build that fails replaces nothing, and is
    /// tried again at the next change
    #[arg(long, conflicts_with_all = ["exit", "binary"])]
    pub(in crate::cli) watch: bool,
    /// How many execution environments may run at once; further invocations wait [default: 10, or 1 with --extensions]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_environments: Option<u32>,
    /// End an execution environment that has had no invocation for this long, as Lambda does; 0 for never
    #[arg(long, value_name = "SECS", default_value_t = 300)]
    idle_timeout: u32,
    /// Require a tenant id with each invocation, and give each tenant execution environments of its own
    #[arg(long, conflicts_with = "max_concurrency")]
    pub(in crate::cli) tenant_isolation: bool,
    /// Take the tenant of HTTP requests from this header, as a REST API does that maps it to X-Amz-Tenant-Id
    #[arg(long, value_name = "NAME", requires = "tenant_isolation")]
    pub(in crate::cli) tenant_header: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) console: ConsoleArgs,
    #[command(flatten)]
    pub(in crate::cli) durable: DurableArgs,
    #[command(flatten)]
    pub(in crate::cli) failed_events: FailedEvents,
    /// Also accept requests for this host, and from web pages on it; may be repeated
    #[arg(long = "allow-host", value_name = "HOST", conflicts_with = "exit")]
    hosts: Vec<Host>,
    /// Also accept requests from web pages of this origin, such as https://app.example; may be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN", conflicts_with = "exit")]
    origins: Vec<Origin>,
    #[command(flatten)]
    pub(in crate::cli) function: FunctionArgs,
}

impl Run {
    pub(in crate::cli) fn show(&self) -> Show {
        Show::of(self.raw, self.format)
    }

    /// After how long an idle execution environment is ended, if it is.
    pub(in crate::cli) fn idle_timeout(&self) -> Option<Duration> {
        let seconds = Some(self.idle_timeout).filter(|seconds| *seconds > 0)?;
        Some(Duration::from_secs(seconds.into()))
    }

    /// How many execution environments may run at once.
    pub(in crate::cli) fn max_environments(&self) -> u32 {
        // They share this machine's ports, and most extensions listen on a fixed one.
        let default = if self.function.extensions.is_some() { 1 } else { 10 };
        self.max_environments.unwrap_or(default)
    }

    /// # Errors
    /// If the file cannot be read, or has something else than the gateway sends.
    pub(in crate::cli) fn authorizer(&self) -> Result<Option<Authorizer>, Error> {
        let read = |file: &PathBuf| {
            let json = std::fs::read(file);
            let json = json.map_err(|e| Error::io(format!("cannot read {}", file.display()), e))?;
            let read = Authorizer::read(&json, self.payload.into());
            read.map_err(|error| Error::other(format!("{}: {error}", file.display())))
        };
        self.authorizer.as_ref().map(read).transpose()
    }

    pub(in crate::cli) fn guard(&self) -> Guard {
        let mut guard = Guard::default();
        self.hosts.iter().cloned().for_each(|host| guard.allow_host(host));
        self.origins
            .iter()
            .cloned()
            .for_each(|origin| guard.allow_origin(origin));
        guard
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum HttpPayload {
    /// An HTTP API of API Gateway, payload format 2.0
    #[value(alias = "2.0")]
    Http,
    /// A REST API of API Gateway, payload format 1.0
    Rest,
    /// A function URL, payload format 2.0
    FunctionUrl,
}

impl From<HttpPayload> for PayloadFormat {
    fn from(payload: HttpPayload) -> Self {
        match payload {
            HttpPayload::Http => PayloadFormat::Http,
            HttpPayload::Rest => PayloadFormat::Rest,
            HttpPayload::FunctionUrl => PayloadFormat::FunctionUrl,
        }
    }
}

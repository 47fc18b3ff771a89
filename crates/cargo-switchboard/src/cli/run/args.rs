//! The arguments of `run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lambda_sandbox::guard::{Guard, Host, Origin};
use lambda_sandbox::http::PayloadFormat;

use super::super::function_args::FunctionArgs;

pub(in crate::cli) const RUN_EXAMPLES: &str = "\
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

#[derive(Args)]
pub(in crate::cli) struct Run {
    /// Port to serve on, on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 9000)]
    pub(in crate::cli) port: u16,
    /// Deliver every *.json below DIR first, a line each
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) events: Option<PathBuf>,
    /// Stop after the samples, with exit code 1 if one failed
    #[arg(long, requires = "events")]
    pub(in crate::cli) exit: bool,
    /// Show the function's logs while samples are delivered, not only those of failed ones
    #[arg(long)]
    pub(in crate::cli) logs: bool,
    /// Leave the standard output to what the function writes, as it is, all of it; no summaries, the rest on the
    /// standard error
    #[arg(long)]
    pub(in crate::cli) raw: bool,
    /// What HTTP requests pass through on their way to the function
    #[arg(long, value_enum, value_name = "FRONT", default_value_t = HttpPayload::Http)]
    pub(in crate::cli) payload: HttpPayload,
    /// Take requests for this host as well, and those of web pages of it; may be repeated
    #[arg(long = "allow-host", value_name = "HOST", conflicts_with = "exit")]
    hosts: Vec<Host>,
    /// Take requests of web pages of this origin as well, https://app.example for instance; may be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN", conflicts_with = "exit")]
    origins: Vec<Origin>,
    #[command(flatten)]
    pub(in crate::cli) function: FunctionArgs,
}

impl Run {
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

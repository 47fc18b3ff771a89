//! The functions that are measured, and where they are built.

use lambda_sandbox::{Builder, Function};
use std::path::PathBuf;

/// The functions written by hand, by their binaries here; the rest by Switchboard.
#[derive(Clone)]
pub(crate) enum Target {
    /// `examples/five_sources.rs`.
    FiveSources,
    /// The stock function with its embedded store.
    Stock,
    /// The stock function as it is deployed, with its journal in DynamoDB at this endpoint.
    Deployed(String),
    /// The bare `lambda_runtime` function.
    Bare,
    /// A function for the one source named.
    Plain(&'static str),
    /// Handlers of types of the application.
    Typed,
    /// A function by hand for the one source named that reads the same types.
    TypedPlain(&'static str),
    /// The untagged enum.
    Untagged,
    /// A function that writes log lines and metrics, or does not.
    Instrumented(bool),
    /// The same, with its lines discarded: the reader's cost is not the function's.
    Unread(bool),
    /// A streamed response.
    Streamed,
    /// A response streamed by a function on `lambda_runtime` alone.
    StreamedByHand,
    /// Handlers that wait, so many at once.
    Lanes(&'static str),
}

impl Target {
    /// The binary, ready to be started.
    pub(crate) fn builder(&self) -> Builder {
        let builder = match self {
            Target::Unread(_) => Function::builder("/bin/sh")
                .arg("-c")
                .arg("exec \"$0\" >/dev/null")
                .arg(self.path()),
            _ => Function::builder(self.path()),
        };
        match self {
            Target::Plain(source) | Target::TypedPlain(source) => builder.env("PLAIN", *source),
            Target::Instrumented(true) | Target::Unread(true) => builder
                .env("INSTRUMENTED", "1")
                .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
                .env("POWERTOOLS_METRICS_NAMESPACE", "Instrumented"),
            Target::StreamedByHand => builder.env("STREAMED", "by_hand"),
            Target::Lanes(lanes) => builder.env("LANES", *lanes),
            Target::Stock => {
                // Never opened while nothing is journalled; a path of its own all the same.
                let path =
                    std::env::temp_dir().join(format!("switchboard-bench-{}.sqlite", std::process::id()));
                builder.env("SWITCHBOARD_STORE", format!("sqlite:{}", path.display()))
            }
            Target::Deployed(endpoint) => builder
                .env("SWITCHBOARD_STORE", "dynamodb:journal")
                .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
                .env("AWS_REGION", "eu-central-1")
                .env("AWS_ACCESS_KEY_ID", "none")
                .env("AWS_SECRET_ACCESS_KEY", "none"),
            _ => builder,
        }
    }

    /// The binary, beside this one: `make bench` puts them together.
    pub(crate) fn path(&self) -> PathBuf {
        let folder = std::env::current_exe()
            .ok()
            .and_then(|path| path.parent().map(PathBuf::from));
        folder.unwrap_or_default().join(match self {
            Target::FiveSources => "five_sources",
            Target::Stock => "switchboard",
            // Where it is built, both builds have one name.
            Target::Deployed(_) => "switchboard-deployed",
            Target::Bare => "bare",
            Target::Plain(_) => "plain",
            Target::Typed => "typed",
            Target::TypedPlain(_) => "typed_plain",
            Target::Untagged => "untagged",
            Target::Instrumented(_) | Target::Unread(_) => "instrumented",
            Target::Streamed | Target::StreamedByHand => "streamed",
            Target::Lanes(_) => "lanes",
        })
    }
}

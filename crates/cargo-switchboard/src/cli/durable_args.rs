//! The durable execution service of `run` and `invoke`: its options, and how it is served to the function.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;

use super::output;
use super::setup::found;
use crate::Error;
use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Builder, Durable, DurableSettings, Function, Gateway};

#[derive(Args)]
pub(super) struct DurableArgs {
    /// Play Lambda's durable execution service for the function: everything that it is invoked with starts an execution
    #[arg(long)]
    durable: bool,
    /// Let time run N times as fast for waits, retries and timeouts of executions [default: 1]
    #[arg(long, value_name = "N", requires = "durable", value_parser = scale)]
    time_scale: Option<f64>,
    /// Time out executions after this many seconds, as ExecutionTimeout of DurableConfig does [default: never]
    #[arg(long, value_name = "SECS", requires = "durable", value_parser = clap::value_parser!(u32).range(1..=31_622_400))]
    execution_timeout: Option<u32>,
    /// Another durable function, for chained invokes by its name; may be repeated. All other names are the function itself
    #[arg(long = "durable-function", value_name = "NAME=PATH", requires = "durable", value_parser = named)]
    durable_functions: Vec<(String, PathBuf)>,
    /// Another function that is not durable; may be repeated
    #[arg(long = "plain-function", value_name = "NAME=PATH", requires = "durable", value_parser = named)]
    plain_functions: Vec<(String, PathBuf)>,
}

impl DurableArgs {
    /// Whether the function is durable.
    pub(super) fn is_set(&self) -> bool {
        self.durable
    }

    /// The place of the service, if the function is durable.
    ///
    /// # Errors
    /// If there is no free port.
    pub(super) async fn place(&self) -> Result<Option<DurablePlace>, Error> {
        if !self.durable {
            return Ok(None);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) =
            bound.map_err(|e| Error::io("cannot serve durable executions to the function", e))?;
        Ok(Some(DurablePlace { address, listener }))
    }
}

/// Where the function finds the service: a port of its own, so that it is there before anybody else is served.
pub(super) struct DurablePlace {
    pub(super) address: SocketAddr,
    listener: TcpListener,
}

impl DurablePlace {
    /// Starts the service and the other functions. `builder` configures those.
    ///
    /// # Errors
    /// If one of the other functions does not start.
    pub(super) async fn serve(
        self,
        args: &DurableArgs,
        function: &Arc<Function>,
        builder: impl Fn(&Path) -> Builder,
    ) -> Result<Arc<Durable>, Error> {
        let mut settings = DurableSettings::new().time_scale(args.time_scale.unwrap_or(1.0));
        if let Some(seconds) = args.execution_timeout {
            settings = settings.execution_timeout(Duration::from_secs(seconds.into()));
        }
        let start = async |name: &str, path: &Path| {
            let builder = builder(&found(path)?).name(name).durable_at(self.address);
            let waiting = format!("waiting for the function {name} to initialise");
            let started = output::waiting(&waiting, builder.start()).await?;
            Ok::<_, Error>(Arc::new(started))
        };
        for (name, path) in &args.durable_functions {
            settings = settings.durable_function(start(name, path).await?);
        }
        for (name, path) in &args.plain_functions {
            settings = settings.plain_function(start(name, path).await?);
        }
        let durable = Arc::new(Durable::new(Arc::clone(function), settings));
        let gateway = Gateway::new(Arc::clone(function), PayloadFormat::Http).durable(Arc::clone(&durable));
        tokio::spawn(gateway.serve(self.listener));
        Ok(durable)
    }
}

fn scale(text: &str) -> Result<f64, String> {
    let scale = text
        .parse()
        .ok()
        .filter(|scale: &f64| (0.001..=1e9).contains(scale));
    scale.ok_or_else(|| "expected a number from 0.001 to 1000000000".to_owned())
}

pub(super) fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.into())),
        _ => Err("expected NAME=PATH".to_owned()),
    }
}

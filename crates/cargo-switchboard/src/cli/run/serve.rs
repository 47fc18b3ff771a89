//! Serves a function over HTTP, and prints how to call it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use serde_json::json;
use tokio::net::TcpListener;

use super::super::json;
use super::super::output::{self, DIM, Show};
use super::super::render::harmless;
use super::console::ConsolePlace;
use crate::Error;
use crate::deliver::milliseconds;
use lambda_sandbox::guard::Guard;
use lambda_sandbox::http::{Authorizer, HttpRequest, LambdaAuthorizer, PayloadFormat, event, response};
use lambda_sandbox::{AsyncInvocations, GatewayEvent};
use lambda_sandbox::{Durable, Function, Gateway};

/// A path of Switchboard's journal, which other functions may not have.
const JOURNAL: &str = "/events?limit=5";

/// # Errors
/// If the port is in use.
pub(super) async fn listen(port: u16) -> Result<TcpListener, Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await;
    listener.map_err(|e| {
        Error::io(
            format!("cannot serve on {address} (choose another port with --port)"),
            e,
        )
    })
}

/// Who calls.
pub(super) enum Caller {
    Anybody,
    /// The caller of this file.
    Known(Authorizer),
    /// Whom this authorizer lets through.
    Asked(LambdaAuthorizer),
}

/// A function about to be served.
pub(super) struct Serving<'f> {
    pub(super) function: &'f Arc<Function>,
    pub(super) format: PayloadFormat,
    /// Whether the function's output and summaries are shown.
    pub(super) live: &'f AtomicBool,
    /// How the output is shown.
    pub(super) show: Show,
    /// Decides which requests are accepted.
    pub(super) guard: Guard,
    /// Who calls.
    pub(super) caller: Caller,
    /// What happens to events of asynchronous invocations.
    pub(super) asynchronous: AsyncInvocations,
    /// The header with the tenant of a request.
    pub(super) tenant_header: Option<&'f str>,
    /// The service of durable executions.
    pub(super) durable: Option<&'f Arc<Durable>>,
    /// Where the console is served, and for what.
    pub(super) console: Option<ConsolePlace>,
    /// Prints a line of this command.
    pub(super) tell: &'f dyn Fn(&str),
}

impl Serving<'_> {
    /// Serves until the future is dropped. With `ask` it may invoke the function to choose a hint.
    ///
    /// # Errors
    /// If the listener has no address.
    pub(super) async fn serve(mut self, listener: TcpListener, ask: bool) -> Result<(), Error> {
        let address = listener
            .local_addr()
            .map_err(|e| Error::io("cannot determine the port", e))?;
        // Hide this invocation, which the user did not ask for.
        self.hide(true);
        let asks = ask && self.show != Show::Raw && self.durable.is_none();
        let path = match asks && answers(self.function, address, self.format).await {
            true => JOURNAL,
            false => "/",
        };
        self.hide(false);
        self.announce(address, path);
        let serving_console = self
            .console
            .take()
            .map(|place| place.serve(Arc::clone(self.function), self.durable.map(Arc::clone), address));
        let console = async {
            match serving_console {
                Some(serving) => serving.await,
                None => std::future::pending().await,
            }
        };
        let mut gateway = Gateway::new(Arc::clone(self.function), self.format)
            .guarded_by(self.guard)
            .server(super::super::invoke::SERVER)
            .asynchronous(self.asynchronous);
        if let Some(name) = self.tenant_header {
            gateway = gateway.tenant_header(name)?;
        }
        if let Some(durable) = self.durable {
            gateway = gateway.durable(Arc::clone(durable));
        }
        gateway = match self.caller {
            Caller::Anybody => gateway,
            Caller::Known(authorizer) => gateway.authorized_by(authorizer),
            Caller::Asked(authorizer) => gateway.authorized_by_function(authorizer),
        };
        let show = self.show;
        let serving = gateway
            .on_report(move |reported| match (show, reported) {
                // The summary has it.
                (Show::Text | Show::Json, GatewayEvent::FunctionError(_)) => {}
                (Show::Json, GatewayEvent::Request(request)) => {
                    json::print(&json!({
                        "type": "request",
                        "method": request.method.as_str(),
                        "path": request.path,
                        "status": request.status.as_u16(),
                        "duration_ms": milliseconds(request.duration),
                    }));
                }
                (Show::Json, GatewayEvent::Error(error)) => {
                    json::print(&json!({"type": "error", "error": error.to_string()}));
                }
                (_, reported) => output::note(&format!("{DIM}{}{DIM:#}", harmless(&reported.to_string()))),
            })
            .serve(listener);
        tokio::join!(serving, console);
        Ok(())
    }

    /// Whether invocations are neither shown nor kept.
    fn hide(&self, is_hidden: bool) {
        self.live.store(!is_hidden, Ordering::Relaxed);
        if let Some(place) = &self.console {
            place.recorder.pause(is_hidden);
        }
    }

    /// Says where the function is served.
    fn announce(&self, address: SocketAddr, path: &str) {
        let name = self.function.name();
        if self.show == Show::Json {
            let url = format!("http://{address}");
            let console = self.console.as_ref().map(ConsolePlace::url);
            return json::print(
                &json!({"type": "serving", "function": name, "url": url, "console": console}),
            );
        }
        (self.tell)(&format!(
            "\nServing {name} on http://{address} until Ctrl-C. Try:"
        ));
        (self.tell)(&format!("  curl 'http://{address}{path}'"));
        if self.durable.is_some() {
            (self.tell)(&format!(
                "  cargo switchboard durable list --endpoint http://{address}"
            ));
        }
        if let Some(place) = &self.console {
            (self.tell)(&format!("See each invocation in the console: {}", place.url()));
        }
    }
}

/// Whether the function has the journal's HTTP API, so that the hint works.
async fn answers(function: &Function, address: SocketAddr, format: PayloadFormat) -> bool {
    let Ok(request) = http::Request::get(JOURNAL)
        .header("host", address.to_string())
        .body(())
    else {
        return false;
    };
    let request = HttpRequest {
        parts: request.into_parts().0,
        body: Bytes::new(),
        source_ip: Ipv4Addr::LOCALHOST.into(),
        request_id: uuid::Uuid::new_v4().to_string(),
        time: SystemTime::now(),
    };
    let outcome = function.invoke(event(&request, format).to_string()).await;
    let reply = outcome
        .ok()
        .and_then(|outcome| Some((outcome.result.ok()?, outcome.mode)));
    let response = reply.and_then(|(reply, mode)| response(&reply, &mode, format).ok());
    response.is_some_and(|response| response.status().is_success())
}

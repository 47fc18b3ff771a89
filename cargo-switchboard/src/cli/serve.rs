//! Serving a function over HTTP, and saying how to reach it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::net::TcpListener;

use super::output::{self, DIM};
use crate::http::{Incoming, PayloadFormat, event, response};
use crate::{Error, Function, Gateway};

/// A path of Switchboard's journal, which other functions may not have.
const JOURNAL: &str = "/events?limit=5";

/// # Errors
/// When the port is taken.
pub(super) async fn listen(port: u16) -> Result<TcpListener, Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await;
    listener.map_err(|e| {
        Error::io(
            format!("cannot serve on {address} (choose another with --port)"),
            e,
        )
    })
}

/// Serves `function` until the future is dropped. `ask` allows to try the function for a hint.
///
/// # Errors
/// When the listener has no address.
pub(super) async fn serve(
    function: &Arc<Function>,
    listener: TcpListener,
    format: PayloadFormat,
    ask: bool,
) -> Result<(), Error> {
    let address = listener
        .local_addr()
        .map_err(|e| Error::io("cannot tell the port", e))?;
    let path = if ask && answers(function, address, format).await {
        JOURNAL
    } else {
        "/"
    };
    output::line(&format!(
        "\nServing {} on http://{address} until Ctrl-C. Try:",
        function.name()
    ));
    output::line(&format!("  curl 'http://{address}{path}'"));
    let gateway = Gateway::new(Arc::clone(function), format);
    gateway
        .on_request(|line| output::note(&format!("{DIM}{line}{DIM:#}")))
        .serve(listener)
        .await;
    Ok(())
}

/// Whether the function has the journal's HTTP API: a hint should work.
async fn answers(function: &Function, address: SocketAddr, format: PayloadFormat) -> bool {
    let Ok(request) = http::Request::get(JOURNAL)
        .header("host", address.to_string())
        .body(())
    else {
        return false;
    };
    let request = Incoming {
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

//! A server of the Model Context Protocol on a function URL, by the protocol's official SDK for Rust: agents use it without a gateway.
//!
//! Requests reach whichever process of the function is free, so the server keeps no sessions. A function URL with
//! `InvokeMode: RESPONSE_STREAM` passes on what a tool says of its progress.
//!
//! ```text
//! cargo switchboard run --payload function-url --env SWITCHBOARD_RESPONSE_STREAM=function_url -- --package switchboard-mcp
//! claude mcp add --transport http payments http://127.0.0.1:9000/mcp
//! ```

use axum::Router;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ProgressNotificationParam, RequestMetaObject};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{Json, Peer, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use switchboard::{Error, StreamingFronts};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let fronts = switchboard::init(async {
        switchboard::telemetry::init()?;
        StreamingFronts::from_env()
    })
    .await?;
    switchboard::run(switchboard::Router::new(()).http_stream(service(), fronts)).await
}

fn service() -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        // For servers on a developer's machine. AWS decides which names lead to a function, `cargo switchboard run` on this machine.
        .disable_allowed_hosts();
    let server =
        StreamableHttpService::new(|| Ok(Payments), Arc::new(NeverSessionManager::default()), config);
    Router::new().route_service("/mcp", server)
}

/// The tools. Their doc comments are what agents choose them by.
#[derive(Clone)]
struct Payments;

#[derive(Deserialize, JsonSchema)]
struct Lookup {
    /// The payment's id, such as `p-17`.
    payment: String,
}

#[derive(Serialize, JsonSchema)]
struct State {
    payment: String,
    state: PaymentState,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PaymentState {
    Settled,
    Pending,
}

#[derive(Deserialize, JsonSchema)]
struct Settle {
    /// The ids of the payments.
    payments: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Settled {
    settled: usize,
}

#[tool_router]
impl Payments {
    /// Looks up the state of a payment.
    #[tool(annotations(read_only_hint = true))]
    async fn lookup_payment(&self, Parameters(lookup): Parameters<Lookup>) -> Result<Json<State>, String> {
        let Some(number) = lookup.payment.strip_prefix("p-") else {
            return Err("ids of payments begin with p-".to_owned());
        };
        let state = match number.len() {
            0..=2 => PaymentState::Settled,
            _ => PaymentState::Pending,
        };
        Ok(Json(State {
            payment: lookup.payment,
            state,
        }))
    }

    /// Settles payments, one after the other.
    #[tool]
    async fn settle_payments(
        &self,
        Parameters(settle): Parameters<Settle>,
        meta: RequestMetaObject,
        client: Peer<RoleServer>,
    ) -> Result<Json<Settled>, String> {
        let settled = settle.payments.len();
        for number in 1..=settled {
            let Some(token) = meta.get_progress_token() else {
                continue;
            };
            let progress = ProgressNotificationParam::new(token, number as f64).with_total(settled as f64);
            let told = client.notify_progress(progress).await;
            told.map_err(|error| error.to_string())?;
        }
        Ok(Json(Settled { settled }))
    }
}

#[tool_handler(router = Self::tool_router())]
impl ServerHandler for Payments {}

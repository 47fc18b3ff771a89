//! Tasks of a state machine and tools of an agent: the application's own payloads, distinguished by a field or by the
//! tool's name.
//!
//! ```text
//! echo '{"task":"charge","payment":"p-17","cents":4200}' | cargo switchboard invoke --example tasks -
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard::when::field;
use switchboard::{Context, Error, Failure, Handler, Payload, Router};

#[derive(Deserialize)]
struct Charge {
    payment: String,
    cents: u32,
}

#[derive(Serialize)]
struct Receipt {
    payment: String,
    cents: u32,
}

/// A state machine catches `CardDeclined` by `"ErrorEquals": ["CardDeclined"]`.
async fn charge(task: Charge, _cx: Context<()>) -> Result<Receipt, Failure> {
    if task.cents > 100_000 {
        return Err(Failure::named("CardDeclined").because("the card's limit is exceeded"));
    }
    Ok(Receipt {
        payment: task.payment,
        cents: task.cents,
    })
}

#[derive(Deserialize)]
struct Refund {
    payment: String,
}

async fn refund(task: Refund, _cx: Context<()>) -> Result<String, Failure> {
    Ok(task.payment)
}

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
    /// The money has arrived.
    Settled,
    Pending,
}

/// A tool for agents, called through a gateway of Bedrock AgentCore.
async fn lookup(arguments: Lookup, _cx: Context<()>) -> Result<State, Failure> {
    let Some(number) = arguments.payment.strip_prefix("p-") else {
        return Err(Failure::named("NoSuchPayment").because("ids of payments begin with p-"));
    };
    let state = match number.len() {
        0..=2 => PaymentState::Settled,
        _ => PaymentState::Pending,
    };
    Ok(State {
        payment: arguments.payment,
        state,
    })
}

/// Everything else: returns the number of bytes.
async fn other(payload: Payload, _cx: Context<()>) -> Result<usize, Failure> {
    Ok(payload.into_bytes().len())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    switchboard::init(async { switchboard::telemetry::init() }).await?;
    let router = Router::new(())
        .direct::<Charge>(charge.when(field("task").is("charge")))
        .direct::<Refund>(refund.when(field("task").is_one_of(["refund", "void"])))
        .tool::<Lookup, State>("lookup_payment", "Looks up the state of a payment.", lookup)
        .fallback(other);
    switchboard::run(router).await
}

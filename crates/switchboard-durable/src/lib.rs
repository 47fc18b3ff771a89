//! Durable handlers for [`lambda-switchboard`](https://docs.rs/lambda-switchboard), with AWS's SDK for durable functions.
//!
//! [`durable`] makes a handler of an async function that takes the SDK's own [`DurableContext`] besides its record. Register it like any
//! other handler. Each record of a batch runs in a child context of the execution, named by the record's identity.
//!
//! ```no_run
//! use serde::Deserialize;
//! use switchboard::{Context, Failure, Json, Router};
//! use switchboard_durable::{DurableContext, durable};
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     id: String,
//! }
//!
//! async fn on_order(Json(order): Json<Order>, d: DurableContext, _cx: Context<()>) -> Result<(), Failure> {
//!     let id = order.id.clone();
//!     d.step(move |_| async move { Ok(format!("charged {id}")) }).name("charge").await?;
//!     d.wait(std::time::Duration::from_secs(86_400)).name("a day").await?;
//!     d.step(move |_| async move { Ok(format!("shipped {}", order.id)) }).name("ship").await?;
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), switchboard::Error> {
//! switchboard::block_on(async {
//!     switchboard::run(Router::new(()).sqs(durable(on_order))).await
//! })
//! # }
//! ```
//!
//! # Layout
//! - `handler`: what is registered.
//! - `engine`: an invocation of an execution, from its envelope to the SDK and back.
//! - `scope`: the SDK's contexts, as Switchboard's batches use them.

mod handler;
pub use handler::{DurableHandler, durable};

mod engine;

mod scope;

pub use aws_durable_execution_sdk as sdk;
pub use sdk::{DurableContext, StepContext};

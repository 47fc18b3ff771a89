//! The function under test, and what the tests share.

#[cfg(feature = "dynamodb")]
pub(crate) mod emulator;
pub(crate) mod journal;
#[cfg(feature = "dynamodb")]
pub(crate) mod proxy;
mod stock;
mod sturdy;

pub(crate) use stock::{Stock, builder, next_page};
pub(crate) use sturdy::{SECRET, Sturdy};
pub(crate) use switchboard_test_support::{
    ROUTED, batch, bomb, dynamodb, event, events, http_api, kinesis, logs, s3, samples,
};

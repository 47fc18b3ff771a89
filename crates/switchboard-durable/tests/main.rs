//! Durable handlers, from outside: functions on AWS's SDK, invoked by the sandbox's durable execution service.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod served;

mod checkout;
mod records;

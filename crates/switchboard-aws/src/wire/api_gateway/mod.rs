//! `wire http`: an API in front of the function.
//!
//! An HTTP API as API Gateway's document "Create AWS Lambda proxy integrations for HTTP APIs" has it, or a REST API as its
//! document "Lambda proxy integrations in API Gateway" has it. Neither takes a request of nobody, unless that is asked for.

mod deployment;
mod http;
mod rest;

mod wiring;
pub use wiring::{Kind, found_apis, unwiring, wiring};

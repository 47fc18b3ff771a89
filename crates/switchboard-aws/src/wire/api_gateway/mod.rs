//! `wire http`: an API in front of the function.
//!
//! An HTTP API follows API Gateway's document "Create AWS Lambda proxy integrations for HTTP APIs", a REST API its document
//! "Lambda proxy integrations in API Gateway". Both refuse unsigned requests unless they are made public.

mod api;
mod deployment;
mod http;
mod rest;

mod wiring;
pub use wiring::{ApiKind, found_apis, unwiring, wiring};

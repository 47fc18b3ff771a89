//! The companion's tests: real processes, driven through the real protocols.

mod common;

mod process;
mod runtime_api;

mod gateway;
mod invoke_api;

mod cli;

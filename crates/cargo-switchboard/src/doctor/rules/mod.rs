//! The rules: they look at the model only, so that the same fault is found however the deployment was read.

mod all;
mod api;
mod asynchronous;
mod catalogue;
mod check;
mod logs;
mod mapping;
mod permission;
mod queue;
mod recursion;
mod rights;
mod routes;
mod wide;

pub(crate) use all::check;
pub(crate) use catalogue::{OF_ROUTES, RULES, Rule, Severity};
pub(crate) use check::Finding;

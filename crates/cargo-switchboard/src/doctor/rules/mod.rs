//! The rules. They check only the model, so they find the same faults in a template and in a live function.

mod all;
mod api;
mod asynchronous;
mod catalogue;
mod check;
mod concurrency;
mod fix;
mod logs;
mod mapping;
mod modes;
mod origins;
mod permission;
mod queue;
mod recursion;
mod rights;
mod routes;
mod streams;
mod url;
mod wide;

pub(crate) use all::check;
pub(crate) use catalogue::{OF_ROUTES, RULES, Rule, Severity};
pub(crate) use check::Finding;
pub(crate) use fix::{Edit, Fix};

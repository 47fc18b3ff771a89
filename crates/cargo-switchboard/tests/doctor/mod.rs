//! `cargo switchboard doctor`, through the binary: templates with one fault each.

mod apis;
mod cases;
mod faults;
mod fix;
mod includes;
mod kinds;
mod modes;
mod pages;
mod rights;
mod run;
mod sarif;

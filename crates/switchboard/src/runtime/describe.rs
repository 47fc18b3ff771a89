//! Describes the function's routes, for `SWITCHBOARD_DESCRIBE=1`.

use crate::error::Error;
use crate::handler::{ConditionDescription, When};
use crate::router::Router;
use serde::Serialize;
use std::io::Write;

#[derive(Serialize)]
struct Description<'r> {
    routes: Vec<RouteDescription<'r>>,
}

#[derive(Serialize)]
struct RouteDescription<'r> {
    source: &'static str,
    handler: &'r str,
    /// All of these have to hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<ConditionDescription<'r>>,
    /// Whether responses are sent while they are produced.
    #[serde(skip_serializing_if = "is_false")]
    streams: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

pub(super) fn wanted() -> bool {
    std::env::var_os("SWITCHBOARD_DESCRIBE").is_some_and(|value| value == "1")
}

/// Prints one line of JSON.
pub(super) fn print<S>(router: &Router<S>) -> Result<(), Error> {
    let routes = router
        .described()
        .map(|(source, handler, when)| RouteDescription {
            source: source.as_str(),
            handler,
            when: when.into_iter().flat_map(When::describe).collect(),
            streams: router.streams(source),
        })
        .collect();
    let line = serde_json::to_string(&Description { routes }).map_err(Error::reply)?;
    writeln!(std::io::stdout(), "{line}").map_err(Error::setup)
}

//! Describes the function's routes, for `SWITCHBOARD_DESCRIBE=1`.

use crate::error::Error;
use crate::handler::{ConditionDescription, When};
use crate::router::Router;
use serde::Serialize;
use std::io::Write;

#[derive(Serialize)]
struct Description<'r> {
    routes: Vec<RouteDescription<'r>>,
    /// The tool definitions of a gateway's target.
    #[cfg(feature = "schemars")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct RouteDescription<'r> {
    source: &'static str,
    handler: &'r str,
    /// All of these have to hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<ConditionDescription<'r>>,
    /// Whether it is said to take what the handlers before it do not take.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    otherwise: bool,
    /// Whether its answers are sent while they are produced.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    streams: bool,
}

pub(super) fn wanted() -> bool {
    std::env::var_os("SWITCHBOARD_DESCRIBE").is_some_and(|value| value == "1")
}

/// Prints one line of JSON.
pub(super) fn print<S>(router: &Router<S>) -> Result<(), Error> {
    let line = serde_json::to_string(&describe(router)?).map_err(Error::reply)?;
    writeln!(std::io::stdout(), "{line}").map_err(Error::setup)
}

fn describe<S>(router: &Router<S>) -> Result<Description<'_>, Error> {
    let routes = router
        .described()
        .map(|routed| RouteDescription {
            source: routed.source.as_str(),
            handler: routed.handler,
            when: routed.when.into_iter().flat_map(When::describe).collect(),
            otherwise: routed.otherwise,
            streams: routed.streams,
        })
        .collect();
    Ok(Description {
        routes,
        #[cfg(feature = "schemars")]
        tools: router.tool_definitions()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::when::detail_type;
    use crate::{Context, Failure, Handler as _};
    use serde_json::{Value, json};

    async fn on_event(_: crate::Json<Value>, _: Context<()>) -> Result<(), Failure> {
        Ok(())
    }

    #[test]
    fn it_says_which_handler_takes_the_rest() {
        let router = Router::new(())
            .cloudwatch_events(on_event.when(detail_type("OrderPlaced")))
            .cloudwatch_events(on_event.otherwise());
        let described = serde_json::to_value(describe(&router).unwrap()).unwrap();
        let rest: Vec<_> = described["routes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|route| (&route["when"], &route["otherwise"]))
            .collect();
        let when = json!([{"what": "detail_type", "is": ["OrderPlaced"]}]);
        assert_eq!(rest, [(&when, &Value::Null), (&Value::Null, &json!(true))]);
    }
}

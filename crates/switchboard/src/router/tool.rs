//! Tools for agents: routes by a tool's name that say what the tool takes and gives.

mod definition;
mod schema;

pub(super) use self::definition::Tool;

use super::Router;
use super::route::{ReplyFuture, Route};
use crate::error::Error;
use crate::handler::{Call, Handler, Reply};
use crate::when::tool;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::borrow::Cow;

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Handles a tool that agents call through a gateway of Amazon Bedrock AgentCore: [`Router::direct`] with the condition
    /// [`when::tool`](crate::when::tool), and the tool's definition. The feature `schemars` has it.
    ///
    /// With `SWITCHBOARD_DESCRIBE=1` the function prints the definitions of its tools as `tools`, in the form of the gateway's target: name,
    /// `description`, and the schemas of `T` and of the reply. Doc comments of the types and their fields are descriptions there. See
    /// [`Router::tool_definitions`].
    ///
    /// A failure is answered as the result of a failed tool, so that the agent can read it and try again:
    /// `{"isError":true,"content":[{"type":"text","text":"CardDeclined: the card's limit is exceeded"}]}`. The same becomes of arguments that
    /// do not fit `T`, with the path of what does not fit, of a panic and of a handler that takes too long. A failed invocation would show
    /// the agent an internal error. The gateway reports its own errors in this form; its documents do not say that it marks the call as failed when a
    /// function does, so an agent may get it as text. The log and the metrics say what they say of other failures.
    ///
    /// Amazon Bedrock AgentCore Developer Guide, “AWS Lambda function targets” and “Turn on debugging messages”.
    ///
    /// # Example
    ///
    /// ```
    /// use schemars::JsonSchema;
    /// use serde::{Deserialize, Serialize};
    /// use switchboard::{Context, Failure, Router};
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Lookup {
    ///     /// The payment's id, such as `p-17`.
    ///     payment: String,
    /// }
    ///
    /// #[derive(Serialize, JsonSchema)]
    /// struct State {
    ///     state: &'static str,
    /// }
    ///
    /// async fn lookup(_arguments: Lookup, _cx: Context<()>) -> Result<State, Failure> {
    ///     Ok(State { state: "settled" })
    /// }
    ///
    /// let router = Router::new(()).tool::<Lookup, State>("lookup_payment", "Looks up the state of a payment.", lookup);
    /// let definition = &router.tool_definitions()?[0];
    /// assert_eq!(definition["inputSchema"]["properties"]["payment"]["type"], "string");
    /// # Ok::<(), switchboard::Error>(())
    /// ```
    #[must_use]
    pub fn tool<T, R>(
        self,
        name: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        handler: impl Handler<T, S, Reply = R>,
    ) -> Self
    where
        T: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + JsonSchema + Send + 'static,
    {
        let definition = Tool::of::<T, R>(name.into(), description.into());
        let called = tool(definition.name.clone());
        let route = Route::direct::<T, _>(handler).only(called);
        self.route(route.readable(definition))
    }
}

impl<S> Router<S> {
    /// The definitions of the tools of [`Router::tool`], in the order of registration, each as a gateway's target takes it
    /// (`toolSchema.inlinePayload`, or the file in S3).
    ///
    /// A gateway knows only `type`, `properties`, `required`, `items` and `description` of JSON Schema. What else a type's schema says, the
    /// description says in words: values of an enum, bounds, formats, patterns. A reply that is not an object has no output schema.
    ///
    /// # Errors
    /// `InvalidRoute` if the gateway would not take a definition: a name or a description is missing, or the arguments cannot be
    /// described, because they are not an object, may be anything, contain themselves, or may have several types.
    pub fn tool_definitions(&self) -> Result<Vec<Value>, Error> {
        let tools = self.table.routes.iter().filter_map(|route| {
            let tool = route.tool.as_ref()?;
            let refused = |problem| Error::invalid_route(route.sources[0], &route.handler, problem);
            Some(tool.written().map_err(refused))
        });
        tools.collect()
    }
}

impl<S> Route<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// The route of this tool. Its failures are answers.
    fn readable(self, tool: Tool) -> Self {
        let inner = self.clone();
        let when = self.when.clone();
        let mut route = self.serving(move |call: Call<S>| -> ReplyFuture {
            let reply = inner.call(call);
            Box::pin(async move {
                match reply.await {
                    // It has been logged and counted as a failure.
                    Err(error) if error.is_logged() => failed(&error),
                    reply => reply,
                }
            })
        });
        route.when = when;
        route.tool = Some(tool);
        route
    }
}

/// The result of a failed tool, as the Model Context Protocol has it.
fn failed(error: &Error) -> Result<Reply, Error> {
    let text = match (error.name(), error.to_string()) {
        (Some(name), message) if name != message => format!("{name}: {message}"),
        (_, message) => message,
    };
    let result = json!({"isError": true, "content": [{"type": "text", "text": text}]});
    Reply::json(&result).map_err(Error::reply)
}

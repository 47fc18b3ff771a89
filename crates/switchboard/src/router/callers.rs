//! Registration of handlers for sources that wait for an answer with a contract of its own: one method for each source.

use super::Router;
use super::answered::Shared;
#[cfg(feature = "custom-resources")]
use super::custom_resource::Provider;
use super::route::Route;
use crate::event::api_gateway_authorizer::{Authorizers, SimpleAuthorizers};
use crate::event::appsync::{AppSyncAuthorizers, ResolvedField, ResolvedFields};
use crate::event::bedrock_agent::AgentActions;
#[cfg(feature = "custom-resources")]
use crate::event::cloudformation::ResourceEvent;
use crate::event::cognito::CognitoEcho;
use crate::event::iot::IotAuthorizers;
use crate::event::lex::CodeHooks;
use crate::event::s3_batch::S3BatchTasks;
use crate::event::{
    AgentReply, AppSyncAuthorization, Authorization, CognitoTrigger, IotAuthorization, LexReply, OwnItem,
    S3BatchTask, SecretRotation, SimpleAuthorization,
};
#[cfg(feature = "custom-resources")]
use crate::event::{Resource, ResourceRequest};
use crate::handler::Handler;
use crate::when::{field, trigger};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One method for each source that waits for an answer. What the handler gives back cannot be an answer that the source would not
/// accept; its failure is what the source shows its caller, by its message alone.
impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Authorizes requests to REST, HTTP and WebSocket APIs of API Gateway, by an IAM policy: [`Authorization`]. The handler gets an
    /// [`AuthorizerRequest`](crate::event::AuthorizerRequest), or the request as a type of yours.
    ///
    /// [`Failure::unauthorized`](crate::Failure::unauthorized) is 401, any other failure 500.
    #[must_use]
    pub fn authorizer<T>(self, handler: impl Handler<T, S, Reply = Authorization>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::answered::<Authorizers, T, _>(handler, None))
    }

    /// Authorizes requests to HTTP APIs with `EnableSimpleResponses`: [`SimpleAuthorization`].
    #[must_use]
    pub fn simple_authorizer<T>(self, handler: impl Handler<T, S, Reply = SimpleAuthorization>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::answered::<SimpleAuthorizers, T, _>(handler, None))
    }

    /// Handles a trigger of Cognito user pools: the one whose event the handler asks for. The answer is the event with the handler's
    /// reply as its `response`. A failure's message is shown to the user: `PreSignUp failed with error …`.
    ///
    /// Handlers of several triggers are registered side by side, without conditions. The feature `cognito` has the events of
    /// `aws_lambda_events`; [`CognitoTrigger`] is for types of your own.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "cognito")] {
    /// use switchboard::aws_lambda_events::cognito::{
    ///     CognitoEventUserPoolsPostConfirmation, CognitoEventUserPoolsPreSignup, CognitoEventUserPoolsPreSignupResponse,
    /// };
    /// use switchboard::{Context, Failure, Router};
    ///
    /// async fn on_sign_up(
    ///     event: CognitoEventUserPoolsPreSignup,
    ///     _cx: Context<()>,
    /// ) -> Result<CognitoEventUserPoolsPreSignupResponse, Failure> {
    ///     let email = event.request.user_attributes.get("email");
    ///     if email.is_none_or(|email| !email.ends_with("@example.com")) {
    ///         return Err(Failure::msg("sign up with your address at example.com"));
    ///     }
    ///     let mut response = event.response;
    ///     response.auto_confirm_user = true;
    ///     Ok(response)
    /// }
    ///
    /// async fn on_confirmation(_event: CognitoEventUserPoolsPostConfirmation, _cx: Context<()>) -> Result<(), Failure> {
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).cognito(on_sign_up).cognito(on_confirmation);
    /// # let _ = router;
    /// # }
    /// ```
    #[must_use]
    pub fn cognito<T: CognitoTrigger>(self, handler: impl Handler<T, S, Reply = T::Response>) -> Self {
        let when = trigger(T::TRIGGER);
        let when = match T::VERSIONS {
            [] => when,
            versions => when.and(field("version").is_one_of(versions.iter().copied())),
        };
        self.route(Route::answered::<CognitoEcho<T>, T, _>(handler, Some(when)))
    }

    /// Resolves fields of an AppSync API, as a direct Lambda resolver. The handler gets a [`Resolve`](crate::event::Resolve) with its
    /// arguments and parent as types of yours. Conditions tell fields apart: [`when::resolver`](crate::when::resolver).
    ///
    /// With a batch (`BatchInvoke`, `maxBatchSize`) it is called for each field, [`concurrency`](Handler::concurrency) at once. The
    /// answer has the same length and order, and a field that failed is `{"data": null, "errorMessage": …, "errorType": …}`.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use switchboard::event::Resolve;
    /// use switchboard::when::resolver;
    /// use switchboard::{Context, Failure, Handler, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct ById {
    ///     id: String,
    /// }
    ///
    /// #[derive(Serialize)]
    /// struct Order {
    ///     id: String,
    /// }
    ///
    /// async fn order(field: Resolve<ById>, _cx: Context<()>) -> Result<Option<Order>, Failure> {
    ///     Ok(Some(Order { id: field.arguments.id }))
    /// }
    ///
    /// let router = Router::new(()).appsync(order.when(resolver("Query", "order")));
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn appsync<T, R>(self, handler: impl Handler<T, S, Reply = R>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        R: Serialize + Send + 'static,
    {
        let [one, each] = Shared::twice(handler);
        self.route(Route::answered::<ResolvedField<R>, T, _>(one, None))
            .route(Route::answered_items::<ResolvedFields<T, R>, _>(each))
    }

    /// Authorizes requests to AppSync APIs: [`AppSyncAuthorization`].
    #[must_use]
    pub fn appsync_authorizer<T>(self, handler: impl Handler<T, S, Reply = AppSyncAuthorization>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::answered::<AppSyncAuthorizers, T, _>(handler, None))
    }

    /// Handles the tasks of S3 Batch Operations, one by one. The reply is the text of the task's result. A failure is a
    /// `TemporaryFailure`, which S3 tries again before the job ends; a rejection
    /// ([`Failure::reject`](crate::Failure::reject)) is a `PermanentFailure`.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::event::S3BatchTask;
    /// use switchboard::{Context, Failure, Router};
    ///
    /// async fn thumbnail(task: S3BatchTask, _cx: Context<()>) -> Result<String, Failure> {
    ///     match task.key.ends_with(".jpg") {
    ///         true => Ok(format!("made one of {}", task.key)),
    ///         false => Err(Failure::reject("not a picture")),
    ///     }
    /// }
    ///
    /// let router = Router::new(()).s3_batch(thumbnail);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn s3_batch(self, handler: impl Handler<S3BatchTask, S, Reply = String>) -> Self {
        self.route(Route::answered_items::<S3BatchTasks, _>(handler))
    }

    /// Provides a custom resource of CloudFormation. What the handler returns is sent to the address in the event, and so is what has
    /// gone wrong: a failure, a panic, properties that do not fit `P`, a handler that is still running 5 seconds before the function's
    /// time is over ([`margin`](Handler::margin) says otherwise). CloudFormation never has to wait for an answer that does not come.
    ///
    /// The resource keeps its physical id over updates and deletions, unless the handler names another ([`Resource::named`]). If its
    /// creation has failed, its deletion, with which CloudFormation rolls back, is answered without the handler.
    ///
    /// The invocation itself succeeds once CloudFormation has the answer. If that cannot be sent, it fails, and Lambda delivers the
    /// request again: the handler has to be idempotent.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use switchboard::event::{Resource, ResourceRequest, ResourceRequestType};
    /// use switchboard::{Context, Failure, Router};
    ///
    /// #[derive(Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct Database {
    ///     name: String,
    /// }
    ///
    /// async fn database(request: ResourceRequest<Database>, _cx: Context<()>) -> Result<Resource, Failure> {
    ///     let name = request.resource_properties.name;
    ///     match request.request_type {
    ///         ResourceRequestType::Create | ResourceRequestType::Update => {
    ///             Ok(Resource::named(&name).data("Endpoint", format!("{name}.example.com")))
    ///         }
    ///         ResourceRequestType::Delete => Ok(Resource::unchanged()),
    ///     }
    /// }
    ///
    /// let router = Router::new(()).custom_resource(database);
    /// # let _ = router;
    /// ```
    #[cfg(feature = "custom-resources")]
    #[must_use]
    pub fn custom_resource<P>(self, handler: impl Handler<ResourceRequest<P>, S, Reply = Resource>) -> Self
    where
        P: DeserializeOwned + Send + 'static,
    {
        self.route(Route::event::<OwnItem<ResourceEvent>, _>(Provider::<_, P>::new(
            handler,
        )))
    }

    /// Handles the steps of a secret's rotation.
    #[must_use]
    pub fn secret_rotation(self, handler: impl Handler<SecretRotation, S, Reply = ()>) -> Self {
        self.route(Route::event::<OwnItem<SecretRotation>, _>(handler))
    }

    /// Authorizes the connections of devices to AWS IoT Core: [`IotAuthorization`].
    #[must_use]
    pub fn iot_authorizer<T>(self, handler: impl Handler<T, S, Reply = IotAuthorization>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::answered::<IotAuthorizers, T, _>(handler, None))
    }

    /// Handles the turns of Amazon Lex V2 conversations that have a code hook: [`LexReply`]. Conditions tell intents apart:
    /// [`when::intent`](crate::when::intent).
    #[must_use]
    pub fn lex<T>(self, handler: impl Handler<T, S, Reply = LexReply>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::answered::<CodeHooks, T, _>(handler, None))
    }

    /// Handles the actions of an Amazon Bedrock agent, with an API schema or with function details.
    #[must_use]
    pub fn bedrock_agent<T>(self, handler: impl Handler<T, S, Reply = AgentReply>) -> Self
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.route(Route::answered::<AgentActions, T, _>(handler, None))
    }
}

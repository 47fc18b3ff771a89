//! An HTTP API: the API, its integration, the route that takes every request, and the stage.

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::types::{Api as Described, AuthorizationType, IntegrationType, ProtocolType};

use super::super::Slot;
use super::super::mark::is_ours;
use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::api::Api;
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

const ROUTE: &str = "$default";

/// Lists all HTTP and WebSocket APIs of the region.
pub(super) async fn all(aws: &Aws) -> Result<Vec<Described>, Failure> {
    let client = aws.apigatewayv2();
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let asked = client.get_apis().set_next_token(next).send().await;
        let answer = asked.call_context("apigateway:GET", "HTTP APIs")?;
        all.extend(answer.items.unwrap_or_default());
        next = answer.next_token;
        if next.is_none() {
            return Ok(all);
        }
    }
}

/// The API.
pub(super) struct HttpApi {
    api: Api,
    arn: Slot<String>,
    url: Slot<String>,
    client: Client,
}

impl HttpApi {
    pub(super) fn new(api: Api, arn: Slot<String>, url: Slot<String>) -> Self {
        let client = api.aws.apigatewayv2();
        Self {
            api,
            arn,
            url,
            client,
        }
    }

    fn set_id(&self, id: Option<String>, endpoint: Option<String>) {
        self.arn.set(id.as_ref().map(|id| self.api.requests(id)));
        let host = |id: &String| format!("https://{}", self.api.host(id));
        let endpoint = endpoint.or_else(|| id.as_ref().map(host));
        self.url.set(endpoint.map(|endpoint| format!("{endpoint}/")));
        self.api.id.set(id);
    }
}

impl Resource for HttpApi {
    fn name(&self) -> String {
        match self.api.id.get() {
            Some(id) => format!("HTTP API {} ({id})", self.api.name()),
            None => format!("HTTP API {}", self.api.name()),
        }
    }

    fn wanted(&self) -> Vec<String> {
        Vec::new()
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let mut all = all(&self.api.aws).await?.into_iter();
            let ours = all.find(|one| {
                one.protocol_type() == Some(&ProtocolType::Http)
                    && is_ours(&self.api.function, one.tags().into_iter().flatten())
            });
            Ok(match ours {
                None => Found::Absent,
                Some(there) => {
                    self.set_id(there.api_id, there.api_endpoint);
                    Found::Ours(Vec::new())
                }
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .create_api()
                .name(self.api.name())
                .protocol_type(ProtocolType::Http)
                .description("Created by cargo switchboard wire")
                .set_tags(Some(self.api.tags()));
            let made = call.send().await.call_context("apigateway:POST", self.name())?;
            self.set_id(made.api_id, made.api_endpoint);
            Ok(())
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(());
            };
            let deleted = self.client.delete_api().api_id(id).send().await;
            ok_if_gone(deleted.call_context("apigateway:DELETE", self.name()))
        })
    }
}

/// The integration that invokes the function.
pub(super) struct Integration {
    api: Api,
    client: Client,
    id: Option<String>,
}

impl Integration {
    pub(super) fn new(api: Api) -> Self {
        let client = api.aws.apigatewayv2();
        Self {
            api,
            client,
            id: None,
        }
    }
}

/// The API's integration with the function.
async fn integration(client: &Client, api: &Api) -> Result<Option<String>, Failure> {
    let Some(id) = api.id.get() else { return Ok(None) };
    let asked = client
        .get_integrations()
        .api_id(&id)
        .max_results("500")
        .send()
        .await;
    let all = asked.call_context("apigateway:GET", format!("integrations of HTTP API {id}"))?;
    let uri = api.integration_uri();
    let mut all = all.items.unwrap_or_default().into_iter();
    let ours =
        all.find(|one| one.integration_uri() == Some(&uri) && one.payload_format_version() == Some("2.0"));
    Ok(ours.and_then(|ours| ours.integration_id))
}

impl Resource for Integration {
    fn name(&self) -> String {
        format!("integration of HTTP API {}", self.api.name())
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!(
            "AWS_PROXY to {}, payload format 2.0",
            self.api.function.target()
        )]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            self.id = integration(&self.client, &self.api).await?;
            Ok(self
                .id
                .as_ref()
                .map_or(Found::Absent, |_| Found::Ours(Vec::new())))
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .create_integration()
                .api_id(self.api.id.need()?)
                .integration_type(IntegrationType::AwsProxy)
                .integration_method("POST")
                .integration_uri(self.api.integration_uri())
                .payload_format_version("2.0");
            self.id = call
                .send()
                .await
                .call_context("apigateway:POST", self.name())?
                .integration_id;
            Ok(())
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(id) = self.id.clone() else { return Ok(()) };
            let call = self
                .client
                .delete_integration()
                .api_id(self.api.id.need()?)
                .integration_id(id);
            ok_if_gone(call.send().await.call_context("apigateway:DELETE", self.name()))
        })
    }
}

/// The route that takes every request.
pub(super) struct Route {
    api: Api,
    client: Client,
    id: Option<String>,
    earlier: Option<AuthorizationType>,
}

impl Route {
    pub(super) fn new(api: Api) -> Self {
        let client = api.aws.apigatewayv2();
        Self {
            api,
            client,
            id: None,
            earlier: None,
        }
    }

    async fn set(&self, authorization: AuthorizationType) -> Result<(), Failure> {
        let call = self
            .client
            .update_route()
            .api_id(self.api.id.need()?)
            .set_route_id(self.id.clone())
            .authorization_type(authorization);
        call.send()
            .await
            .call_context("apigateway:PATCH", self.name())
            .map(drop)
    }
}

impl Resource for Route {
    fn name(&self) -> String {
        format!("route {ROUTE} of HTTP API {}", self.api.name())
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!("every request, authorization {}", self.api.authorization)]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(Found::Absent);
            };
            let asked = self
                .client
                .get_routes()
                .api_id(id)
                .max_results("500")
                .send()
                .await;
            let all = asked
                .call_context("apigateway:GET", self.name())?
                .items
                .unwrap_or_default();
            let Some(route) = all.into_iter().find(|route| route.route_key() == Some(ROUTE)) else {
                return Ok(Found::Absent);
            };
            let is = route
                .authorization_type()
                .map_or("NONE", AuthorizationType::as_str);
            let difference = Difference::between("authorization", is, self.api.authorization);
            self.id = route.route_id;
            self.earlier = route.authorization_type;
            Ok(Found::Ours(difference.into_iter().collect()))
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let integration = integration(&self.client, &self.api).await?.unwrap_or_default();
            let call = self
                .client
                .create_route()
                .api_id(self.api.id.need()?)
                .route_key(ROUTE)
                .target(format!("integrations/{integration}"))
                .authorization_type(AuthorizationType::from(self.api.authorization));
            self.id = call
                .send()
                .await
                .call_context("apigateway:POST", self.name())?
                .route_id;
            Ok(())
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.set(AuthorizationType::from(self.api.authorization)))
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let earlier = self.earlier.clone().unwrap_or(AuthorizationType::None);
            self.set(earlier).await
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(id) = self.id.clone() else { return Ok(()) };
            let call = self
                .client
                .delete_route()
                .api_id(self.api.id.need()?)
                .route_id(id);
            ok_if_gone(call.send().await.call_context("apigateway:DELETE", self.name()))
        })
    }
}

/// The stage that serves the API at the root and deploys changes automatically.
pub(super) struct Stage {
    api: Api,
    client: Client,
}

impl Stage {
    pub(super) fn new(api: Api) -> Self {
        let client = api.aws.apigatewayv2();
        Self { api, client }
    }
}

impl Resource for Stage {
    fn name(&self) -> String {
        format!("stage {} of HTTP API {}", self.api.stage, self.api.name())
    }

    fn wanted(&self) -> Vec<String> {
        vec!["deploys changes automatically".to_owned()]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(Found::Absent);
            };
            let asked = self
                .client
                .get_stage()
                .api_id(id)
                .stage_name(&self.api.stage)
                .send()
                .await;
            match asked.call_context("apigateway:GET", self.name()) {
                Err(failure) if failure.is_not_found() => Ok(Found::Absent),
                there => there.map(|_| Found::Ours(Vec::new())),
            }
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .create_stage()
                .api_id(self.api.id.need()?)
                .stage_name(&self.api.stage)
                .auto_deploy(true)
                .set_tags(Some(self.api.tags()));
            call.send()
                .await
                .call_context("apigateway:POST", self.name())
                .map(drop)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(());
            };
            let call = self.client.delete_stage().api_id(id).stage_name(&self.api.stage);
            ok_if_gone(call.send().await.call_context("apigateway:DELETE", self.name()))
        })
    }
}

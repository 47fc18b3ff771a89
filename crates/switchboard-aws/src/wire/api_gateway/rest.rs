//! A REST API: the API, a method for its root, and a method for every other path.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{
    EndpointConfiguration, EndpointType, IntegrationType, Op, PatchOperation, Resource as Described,
};

use super::super::Slot;
use super::super::mark::is_ours;
use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::api::Api;
use crate::{CallContext as _, Failure, ok_if_gone};

const ANY: &str = "ANY";

/// The API.
pub(super) struct RestApi {
    api: Api,
    arn: Slot<String>,
    url: Slot<String>,
    client: Client,
}

impl RestApi {
    pub(super) fn new(api: Api, arn: Slot<String>, url: Slot<String>) -> Self {
        let client = api.aws.apigateway();
        Self {
            api,
            arn,
            url,
            client,
        }
    }

    fn set_id(&self, id: Option<String>) {
        self.arn.set(id.as_ref().map(|id| self.api.requests(id)));
        let url = |id: &String| format!("https://{}/{}/", self.api.host(id), self.api.stage);
        self.url.set(id.as_ref().map(url));
        self.api.id.set(id);
    }
}

impl Resource for RestApi {
    fn name(&self) -> String {
        match self.api.id.get() {
            Some(id) => format!("REST API {} ({id})", self.api.name()),
            None => format!("REST API {}", self.api.name()),
        }
    }

    fn wanted(&self) -> Vec<String> {
        vec!["regional, treats every media type as binary".to_owned()]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let all = self.client.get_rest_apis().into_paginator().items().send();
            let all = all
                .collect::<Result<Vec<_>, _>>()
                .await
                .call_context("apigateway:GET", "REST APIs")?;
            let ours = |one: &aws_sdk_apigateway::types::RestApi| {
                is_ours(&self.api.function, one.tags().into_iter().flatten())
            };
            Ok(match all.into_iter().find(ours) {
                None => Found::Absent,
                Some(there) => {
                    self.set_id(there.id);
                    Found::Ours(Vec::new())
                }
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let regional = EndpointConfiguration::builder()
                .types(EndpointType::Regional)
                .build();
            let call = self
                .client
                .create_rest_api()
                .name(self.api.name())
                .description("Created by cargo switchboard wire")
                .endpoint_configuration(regional)
                // Otherwise API Gateway corrupts binary bodies.
                .binary_media_types("*/*")
                .set_tags(Some(self.api.tags()));
            let made = call.send().await.call_context("apigateway:POST", self.name())?;
            self.set_id(made.id);
            Ok(())
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(());
            };
            let deleted = self.client.delete_rest_api().rest_api_id(id).send().await;
            ok_if_gone(deleted.call_context("apigateway:DELETE", self.name()))
        })
    }
}

/// The method `ANY` of a path, with the function behind it.
pub(super) struct Method {
    api: Api,
    path: &'static str,
    client: Client,
    /// The authorization that the method had before.
    earlier: Option<String>,
}

impl Method {
    pub(super) fn new(api: Api, path: &'static str) -> Self {
        let client = api.aws.apigateway();
        Self {
            api,
            path,
            client,
            earlier: None,
        }
    }

    async fn resource(&self, path: &str) -> Result<Option<Described>, Failure> {
        let Some(id) = self.api.id.get() else {
            return Ok(None);
        };
        let all = self
            .client
            .get_resources()
            .rest_api_id(id)
            .into_paginator()
            .items()
            .send();
        let all = all
            .collect::<Result<Vec<_>, _>>()
            .await
            .call_context("apigateway:GET", self.name())?;
        Ok(all.into_iter().find(|one| one.path() == Some(path)))
    }

    async fn make_resource(&self) -> Result<String, Failure> {
        if let Some(there) = self.resource(self.path).await? {
            return Ok(there.id.unwrap_or_default());
        }
        let root = self.resource("/").await?.and_then(|root| root.id);
        let call = self
            .client
            .create_resource()
            .rest_api_id(self.api.id.need()?)
            .set_parent_id(root)
            .path_part(self.path.trim_start_matches('/'));
        let made = call.send().await.call_context("apigateway:POST", self.name())?;
        Ok(made.id.unwrap_or_default())
    }

    async fn make(&self, resource: &str) -> Result<(), Failure> {
        let id = self.api.id.need()?;
        let method = self
            .client
            .put_method()
            .rest_api_id(&id)
            .resource_id(resource)
            .http_method(ANY)
            .authorization_type(self.api.authorization);
        method.send().await.call_context("apigateway:PUT", self.name())?;
        let integration = self
            .client
            .put_integration()
            .rest_api_id(id)
            .resource_id(resource)
            .http_method(ANY)
            .r#type(IntegrationType::AwsProxy)
            .integration_http_method("POST")
            .uri(self.api.integration_uri());
        integration
            .send()
            .await
            .call_context("apigateway:PUT", self.name())
            .map(drop)
    }

    async fn authorize(&self, authorization: &str) -> Result<(), Failure> {
        let resource = self.resource(self.path).await?.and_then(|resource| resource.id);
        let patch = PatchOperation::builder()
            .op(Op::Replace)
            .path("/authorizationType")
            .value(authorization);
        let call = self
            .client
            .update_method()
            .rest_api_id(self.api.id.need()?)
            .set_resource_id(resource)
            .http_method(ANY)
            .patch_operations(patch.build());
        self.api.changed.set(true);
        call.send()
            .await
            .call_context("apigateway:PATCH", self.name())
            .map(drop)
    }
}

impl Resource for Method {
    fn name(&self) -> String {
        format!("method {ANY} {} of REST API {}", self.path, self.api.name())
    }

    fn wanted(&self) -> Vec<String> {
        let Api {
            function,
            authorization,
            ..
        } = &self.api;
        vec![format!(
            "AWS_PROXY to {}, authorization {authorization}",
            function.target()
        )]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let found = self.find_method().await?;
            // The stage is read after its methods.
            if found != Found::Ours(Vec::new()) {
                self.api.changed.set(true);
            }
            Ok(found)
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let resource = self.make_resource().await?;
            let made = self.make(&resource).await;
            if made.is_err() {
                // Remove the incomplete method, and report the first failure.
                drop(self.remove().await);
            }
            made
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.authorize(self.api.authorization))
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let earlier = self.earlier.clone().unwrap_or_default();
            self.authorize(&earlier).await
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(resource) = self.resource(self.path).await? else {
                return Ok(());
            };
            let (api, id) = (self.api.id.need()?, resource.id.unwrap_or_default());
            if self.path == "/" {
                let call = self
                    .client
                    .delete_method()
                    .rest_api_id(api)
                    .resource_id(id)
                    .http_method(ANY);
                return ok_if_gone(call.send().await.call_context("apigateway:DELETE", self.name()));
            }
            let call = self.client.delete_resource().rest_api_id(api).resource_id(id);
            ok_if_gone(call.send().await.call_context("apigateway:DELETE", self.name()))
        })
    }
}

impl Method {
    async fn find_method(&mut self) -> Result<Found, Failure> {
        let Some(resource) = self.resource(self.path).await? else {
            return Ok(Found::Absent);
        };
        let call = self
            .client
            .get_method()
            .rest_api_id(self.api.id.need()?)
            .set_resource_id(resource.id)
            .http_method(ANY);
        let method = match call.send().await.call_context("apigateway:GET", self.name()) {
            Err(failure) if failure.is_not_found() => return Ok(Found::Absent),
            method => method?,
        };
        let is = method.authorization_type().unwrap_or("NONE");
        let difference = Difference::between("authorization", is, self.api.authorization);
        self.earlier = Some(is.to_owned());
        Ok(Found::Ours(difference.into_iter().collect()))
    }
}

//! The stage of a REST API, and the deployment it serves.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{Op, PatchOperation};

use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::api::Api;
use crate::{CallContext as _, ok_if_gone};

/// The stage of a REST API, and the deployment it serves.
pub(super) struct Deployment {
    api: Api,
    client: Client,
    /// The deployment that the stage served before.
    earlier: Option<String>,
}

impl Deployment {
    pub(super) fn new(api: Api) -> Self {
        let client = api.aws.apigateway();
        Self {
            api,
            client,
            earlier: None,
        }
    }
}

impl Resource for Deployment {
    fn name(&self) -> String {
        format!("stage {} of REST API {}", self.api.stage, self.api.name())
    }

    fn wanted(&self) -> Vec<String> {
        vec!["serves the current API".to_owned()]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(Found::Absent);
            };
            let asked = self
                .client
                .get_stage()
                .rest_api_id(id)
                .stage_name(&self.api.stage)
                .send()
                .await;
            let stage = match asked.call_context("apigateway:GET", self.name()) {
                Err(failure) if failure.is_not_found() => return Ok(Found::Absent),
                stage => stage?,
            };
            self.earlier = stage.deployment_id;
            let serves = if self.api.changed.get() {
                "an earlier version of the API"
            } else {
                "the current API"
            };
            let difference = Difference::between("serves", serves, "the current API");
            Ok(Found::Ours(difference.into_iter().collect()))
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .create_deployment()
                .rest_api_id(self.api.id.need()?)
                .stage_name(&self.api.stage);
            call.send()
                .await
                .call_context("apigateway:POST", self.name())
                .map(drop)
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let patch = PatchOperation::builder()
                .op(Op::Replace)
                .path("/deploymentId")
                .set_value(self.earlier.clone());
            let call = self
                .client
                .update_stage()
                .rest_api_id(self.api.id.need()?)
                .stage_name(&self.api.stage)
                .patch_operations(patch.build());
            call.send()
                .await
                .call_context("apigateway:PATCH", self.name())
                .map(drop)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(());
            };
            let call = self
                .client
                .delete_stage()
                .rest_api_id(id)
                .stage_name(&self.api.stage);
            ok_if_gone(call.send().await.call_context("apigateway:DELETE", self.name()))
        })
    }
}

//! The stage of a REST API, and the deployment it serves.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{Op, PatchOperation};

use super::super::plan::{Asked, Difference, Found, Resource};
use super::wiring::Api;
use crate::{Told as _, gone};

/// The stage, and the deployment it serves.
pub(super) struct Deployment {
    api: Api,
    client: Client,
    /// The deployment the stage served.
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
        vec!["serves what the API is now".to_owned()]
    }

    fn find(&mut self) -> Asked<'_, Found> {
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
            let stage = match asked.told("apigateway:GET", self.name()) {
                Err(failure) if failure.is_not_found() => return Ok(Found::Absent),
                stage => stage?,
            };
            self.earlier = stage.deployment_id;
            let serves = if self.api.changed.get() {
                "what the API was"
            } else {
                "what the API is"
            };
            let difference = Difference::between("serves", serves, "what the API is");
            Ok(Found::Ours(difference.into_iter().collect()))
        })
    }

    fn create(&mut self) -> Asked<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .create_deployment()
                .rest_api_id(self.api.id.need()?)
                .stage_name(&self.api.stage);
            call.send().await.told("apigateway:POST", self.name()).map(drop)
        })
    }

    fn change(&mut self) -> Asked<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> Asked<'_, ()> {
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
            call.send().await.told("apigateway:PATCH", self.name()).map(drop)
        })
    }

    fn remove(&mut self) -> Asked<'_, ()> {
        Box::pin(async move {
            let Some(id) = self.api.id.get() else {
                return Ok(());
            };
            let call = self
                .client
                .delete_stage()
                .rest_api_id(id)
                .stage_name(&self.api.stage);
            gone(call.send().await.told("apigateway:DELETE", self.name()))
        })
    }
}

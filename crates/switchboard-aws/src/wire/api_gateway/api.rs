//! What the resources of an API share.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::mark::TAG;
use super::super::{Function, Slot};
use crate::Aws;

/// An API in front of the function: its settings, and what is known of it so far.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) aws: Aws,
    pub(super) function: Function,
    /// The API's id.
    pub(super) id: Slot<String>,
    /// `AWS_IAM` or `NONE`.
    pub(super) authorization: &'static str,
    pub(super) stage: String,
    /// Whether a change requires a new deployment of the stage.
    pub(super) changed: Rc<Cell<bool>>,
}

impl Api {
    /// The function's ARN as API Gateway spells it.
    pub(super) fn integration_uri(&self) -> String {
        let mut arn = self.function.arn.sibling("apigateway", "");
        arn.account = "lambda".to_owned();
        arn.resource = format!("path/2015-03-31/functions/{}/invocations", self.function.target());
        arn.to_string()
    }

    pub(super) fn name(&self) -> String {
        format!("switchboard-{}", self.function.label().replace(':', "-"))
    }

    /// The ARN of every request to the API.
    pub(super) fn requests(&self, id: &str) -> String {
        let arn = &self.function.arn;
        arn.sibling("execute-api", format!("{id}/*")).to_string()
    }

    /// The tags that identify the API as ours.
    pub(super) fn tags(&self) -> HashMap<String, String> {
        HashMap::from([(TAG.to_owned(), self.function.target())])
    }

    /// The host of the API's stages.
    pub(super) fn host(&self, id: &str) -> String {
        let suffix = match self.function.arn.partition.as_str() {
            "aws-cn" => ".cn",
            _ => "",
        };
        format!(
            "{id}.execute-api.{}.amazonaws.com{suffix}",
            self.function.arn.region
        )
    }
}

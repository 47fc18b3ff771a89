//! What both kinds of API have in common, and which resources each takes.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::mark::{TAG, is_ours, mark};
use super::super::permission::{Grant, Permission};
use super::super::plan::Wiring;
use super::super::{Function, Slot};
use super::{deployment, http, rest};
use crate::{Aws, Failure, Told as _};

/// Which kind of API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Payload format 2.0.
    Http,
    /// Payload format 1.0, with this stage.
    Rest {
        /// The stage that is deployed to.
        stage: String,
    },
}

/// What the parts of an API share.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) aws: Aws,
    pub(super) function: Function,
    /// The API's id.
    pub(super) id: Slot<String>,
    /// `AWS_IAM` or `NONE`.
    pub(super) authorization: &'static str,
    pub(super) stage: String,
    /// Whether something was changed that a stage has to be deployed for.
    pub(super) changed: Rc<Cell<bool>>,
}

impl Api {
    /// What API Gateway calls the function.
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

    /// By which it is found again.
    pub(super) fn tags(&self) -> HashMap<String, String> {
        HashMap::from([(TAG.to_owned(), self.function.target())])
    }

    /// The host of its stages.
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

/// An API in front of the function.
pub fn wiring(aws: &Aws, function: &Function, kind: &Kind, anybody: bool) -> Wiring {
    let api = Api {
        aws: aws.clone(),
        function: function.clone(),
        id: Slot::new("the API's id"),
        authorization: if anybody { "NONE" } else { "AWS_IAM" },
        stage: match kind {
            Kind::Http => "$default".to_owned(),
            Kind::Rest { stage } => stage.clone(),
        },
        changed: Rc::default(),
    };
    let arn = Slot::new("the API's ARN");
    let url = Slot::new("the API's URL");
    let word = match kind {
        Kind::Http => "http",
        Kind::Rest { .. } => "rest",
    };
    let grant = Grant::service("apigateway.amazonaws.com", arn.clone());
    let permission = Permission::new(aws, function, mark(word, &[&function.target()]), grant);
    let title = format!("{} API → function {}", word.to_uppercase(), function.label());
    let mut wiring = match kind {
        Kind::Http => Wiring::new(title)
            .with(http::HttpApi::new(api.clone(), arn, url.clone()))
            .with(permission)
            .with(http::Integration::new(api.clone()))
            .with(http::Route::new(api.clone()))
            .with(http::Stage::new(api)),
        Kind::Rest { .. } => Wiring::new(title)
            .with(rest::RestApi::new(api.clone(), arn, url.clone()))
            .with(permission)
            .with(rest::Method::new(api.clone(), "/"))
            .with(rest::Method::new(api.clone(), "/{proxy+}"))
            .with(deployment::Deployment::new(api)),
    };
    wiring.url = Some(url);
    wiring.note(match anybody {
        true => "anybody who knows the URL can call the function",
        false => "callers sign their requests, and need the right execute-api:Invoke",
    })
}

/// What this command made of an API in front of the function.
pub fn unwiring(aws: &Aws, function: &Function, kind: &Kind) -> Wiring {
    let mut wiring = wiring(aws, function, kind, false);
    wiring.notes.clear();
    // Deleting an API deletes all that is in it.
    wiring.resources.truncate(2);
    wiring
}

/// The APIs whose ids the function's policy names, or that this command made: id, kind, and whether it made them.
///
/// # Errors
/// When APIs cannot be listed.
pub async fn found_apis(
    aws: &Aws,
    function: &Function,
) -> Result<Vec<(String, &'static str, String, bool)>, Failure> {
    let mut all = Vec::new();
    for api in http::all(aws).await? {
        let ours = is_ours(function, api.tags().into_iter().flatten());
        let id = api.api_id().unwrap_or_default().to_owned();
        all.push((
            id,
            "http",
            api.api_endpoint().unwrap_or_default().to_owned(),
            ours,
        ));
    }
    let apis = aws.apigateway().get_rest_apis().into_paginator().items().send();
    let apis = apis
        .collect::<Result<Vec<_>, _>>()
        .await
        .told("apigateway:GET", "REST APIs")?;
    for api in apis {
        let ours = is_ours(function, api.tags().into_iter().flatten());
        let id = api.id().unwrap_or_default().to_owned();
        all.push((id, "rest", api.name().unwrap_or_default().to_owned(), ours));
    }
    Ok(all)
}

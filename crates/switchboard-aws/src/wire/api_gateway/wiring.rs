//! Creates, removes and finds the APIs of both kinds.

use std::rc::Rc;

use super::super::mark::{is_ours, mark};
use super::super::permission::{Grant, Permission};
use super::super::plan::Wiring;
use super::super::{Function, Slot};
use super::api::Api;
use super::{deployment, http, rest};
use crate::{Aws, CallContext as _, Failure};

/// The kind of API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApiKind {
    /// An HTTP API, with payload format 2.0.
    Http,
    /// A REST API, with payload format 1.0.
    Rest {
        /// The stage to deploy to.
        stage: String,
    },
}

/// Creates an API in front of the function.
pub fn wiring(aws: &Aws, function: &Function, kind: &ApiKind, anybody: bool) -> Wiring {
    let api = Api {
        aws: aws.clone(),
        function: function.clone(),
        id: Slot::new("the API's id"),
        authorization: if anybody { "NONE" } else { "AWS_IAM" },
        stage: match kind {
            ApiKind::Http => "$default".to_owned(),
            ApiKind::Rest { stage } => stage.clone(),
        },
        changed: Rc::default(),
    };
    let arn = Slot::new("the API's ARN");
    let url = Slot::new("the API's URL");
    let word = match kind {
        ApiKind::Http => "http",
        ApiKind::Rest { .. } => "rest",
    };
    let grant = Grant::service("apigateway.amazonaws.com", arn.clone());
    let permission = Permission::new(aws, function, mark(word, &[&function.target()]), grant);
    let title = format!("{} API → function {}", word.to_uppercase(), function.label());
    let mut wiring = match kind {
        ApiKind::Http => Wiring::new(title)
            .with(http::HttpApi::new(api.clone(), arn, url.clone()))
            .with(permission)
            .with(http::Integration::new(api.clone()))
            .with(http::Route::new(api.clone()))
            .with(http::Stage::new(api)),
        ApiKind::Rest { .. } => Wiring::new(title)
            .with(rest::RestApi::new(api.clone(), arn, url.clone()))
            .with(permission)
            .with(rest::Method::new(api.clone(), "/"))
            .with(rest::Method::new(api.clone(), "/{proxy+}"))
            .with(deployment::Deployment::new(api)),
    };
    wiring.url = Some(url);
    wiring.note(match anybody {
        true => "anyone who knows the URL can call the function",
        false => "callers must sign their requests and need the permission execute-api:Invoke",
    })
}

/// The resources of an API that this command created in front of the function.
pub fn unwiring(aws: &Aws, function: &Function, kind: &ApiKind) -> Wiring {
    let mut wiring = wiring(aws, function, kind, false);
    wiring.notes.clear();
    // Deleting an API deletes everything in it.
    wiring.resources.truncate(2);
    wiring
}

/// The APIs that the function's policy names or that this command created: id, kind, URL or name, and whether it is ours.
///
/// # Errors
/// If the APIs cannot be listed.
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
        .call_context("apigateway:GET", "REST APIs")?;
    for api in apis {
        let ours = is_ours(function, api.tags().into_iter().flatten());
        let id = api.id().unwrap_or_default().to_owned();
        all.push((id, "rest", api.name().unwrap_or_default().to_owned(), ours));
    }
    Ok(all)
}

//! `wire url`: the function URL.
//!
//! Follows Lambda's document "Control access to Lambda function URLs": since October 2025 a public URL requires two policy
//! statements, one for invoking the URL and one for invoking the function through the URL.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::FunctionUrlAuthType;

use super::function_tag::{FunctionTag, has_tag};
use super::mark::mark;
use super::permission::{Grant, Permission};
use super::plan::{BoxFuture, Difference, Found, Resource, Wiring};
use super::{Function, Slot};
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

/// A function URL. With `anybody` it is public: callers do not sign their requests.
///
/// # Errors
/// If the function is given with a version: only functions and aliases have URLs.
pub fn wiring(aws: &Aws, function: &Function, anybody: bool) -> Result<Wiring, Failure> {
    if function.is_version() {
        return Err(Failure::new(format!(
            "function {} is a version, and versions have no URL: pass the function or an alias",
            function.label()
        )));
    }
    let url = Slot::new("the function's URL");
    let (client, probed) = (aws.lambda(), function.clone());
    let mark = FunctionTag::new(aws, function, tag(function), "the URL", async move || {
        Ok(self::url(&client, &probed).await?.is_some())
    });
    let config = UrlConfig {
        client: aws.lambda(),
        function: function.clone(),
        auth: if anybody {
            FunctionUrlAuthType::None
        } else {
            FunctionUrlAuthType::AwsIam
        },
        url: url.clone(),
        ours: mark.ours(),
        found: None,
    };
    let mut wiring = Wiring::new(format!("URL → function {}", function.label()))
        .with(mark)
        .with(config);
    for permission in public(aws, function) {
        wiring = wiring.with(if anybody {
            permission
        } else {
            permission.unwanted()
        });
    }
    wiring = wiring.note(match anybody {
        true => "anyone who knows the URL can call the function",
        false => "callers must sign their requests and need the permissions lambda:InvokeFunctionUrl and lambda:InvokeFunction",
    });
    wiring.url = Some(url);
    Ok(wiring)
}

/// The resources of a function URL that this command created.
///
/// # Errors
/// The same as [`wiring`].
pub fn unwiring(aws: &Aws, function: &Function) -> Result<Wiring, Failure> {
    let mut wiring = wiring(aws, function, true)?;
    wiring.notes.clear();
    Ok(wiring)
}

/// The statements that make the URL public.
fn public(aws: &Aws, function: &Function) -> [Permission; 2] {
    let url = Grant {
        principal: "*",
        action: "lambda:InvokeFunctionUrl",
        url_auth: Some("NONE"),
        ..Grant::default()
    };
    let invoke = Grant {
        principal: "*",
        action: "lambda:InvokeFunction",
        via_url: true,
        ..Grant::default()
    };
    [("url", url), ("url-invoke", invoke)].map(|(kind, grant)| {
        let sid = mark(kind, &[&function.target()]);
        Permission::new(aws, function, sid, grant)
    })
}

/// URLs have no tags, so the function has one.
fn tag(function: &Function) -> String {
    match &function.qualifier {
        Some(alias) => format!("switchboard:url:{alias}"),
        None => "switchboard:url".to_owned(),
    }
}

struct UrlConfig {
    client: Client,
    function: Function,
    auth: FunctionUrlAuthType,
    url: Slot<String>,
    ours: Slot<bool>,
    found: Option<FunctionUrlAuthType>,
}

impl UrlConfig {
    async fn update(&self, auth: FunctionUrlAuthType) -> Result<(), Failure> {
        let call = self
            .client
            .update_function_url_config()
            .function_name(self.function.arn.to_string())
            .set_qualifier(self.function.qualifier.clone())
            .auth_type(auth);
        call.send()
            .await
            .call_context("lambda:UpdateFunctionUrlConfig", self.name())
            .map(drop)
    }
}

impl Resource for UrlConfig {
    fn name(&self) -> String {
        format!("URL of function {}", self.function.label())
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!("authorization {}", self.auth.as_str())]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let Some((there, auth)) = url(&self.client, &self.function).await? else {
                return Ok(Found::Absent);
            };
            let difference = Difference::between("authorization", auth.as_str(), self.auth.as_str());
            self.url.set(Some(there));
            self.found = Some(auth);
            let differences = difference.into_iter().collect();
            Ok(match self.ours.get() {
                Some(true) => Found::Ours(differences),
                _ => Found::Foreign(differences),
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .create_function_url_config()
                .function_name(self.function.arn.to_string())
                .set_qualifier(self.function.qualifier.clone())
                .auth_type(self.auth.clone());
            let made = call
                .send()
                .await
                .call_context("lambda:CreateFunctionUrlConfig", self.name())?;
            self.url.set(Some(made.function_url));
            Ok(())
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.update(self.auth.clone()))
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match self.found.clone() {
                Some(found) => self.update(found).await,
                None => Ok(()),
            }
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .delete_function_url_config()
                .function_name(self.function.arn.to_string())
                .set_qualifier(self.function.qualifier.clone());
            let deleted = call.send().await;
            ok_if_gone(deleted.call_context("lambda:DeleteFunctionUrlConfig", self.name()))
        })
    }
}

/// Whether this command created the function's URL.
///
/// # Errors
/// If the function's tags cannot be read.
pub async fn is_ours(client: &Client, function: &Function) -> Result<bool, Failure> {
    has_tag(client, function, &tag(function)).await
}

/// The function's URL, if it has one, and who may call it.
///
/// # Errors
/// If the URL's configuration cannot be read.
pub async fn url(
    client: &Client,
    function: &Function,
) -> Result<Option<(String, FunctionUrlAuthType)>, Failure> {
    let call = client
        .get_function_url_config()
        .function_name(function.arn.to_string())
        .set_qualifier(function.qualifier.clone());
    match call.send().await.call_context(
        "lambda:GetFunctionUrlConfig",
        format!("function {}", function.label()),
    ) {
        Err(failure) if failure.is_not_found() => Ok(None),
        there => there.map(|there| Some((there.function_url, there.auth_type))),
    }
}

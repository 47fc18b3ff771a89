//! Who may invoke a function: a statement in its resource-based policy.
//!
//! Follows Lambda's document "Viewing resource-based IAM policies in Lambda". Conditions name the source, so that buckets, rules
//! and APIs of other accounts cannot invoke the function.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::FunctionUrlAuthType;

use super::plan::{BoxFuture, Difference, Found, Resource};
use super::policy::{Statement, statements};
use super::{Function, Slot};
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

/// Who may do what, and under which condition.
#[derive(Clone, Debug, Default)]
pub(super) struct Grant {
    /// The principal: a service, such as `s3.amazonaws.com`, or `*`.
    pub principal: &'static str,
    pub action: &'static str,
    pub source_arn: Option<Slot<String>>,
    /// The source's account, for sources whose ARN does not name it.
    pub source_account: Option<String>,
    /// `NONE` for a public function URL.
    pub url_auth: Option<&'static str>,
    /// Whether the function may be invoked only through its URL.
    pub via_url: bool,
}

impl Grant {
    /// Lets a service invoke the function for one of its resources.
    pub(super) fn service(principal: &'static str, source_arn: Slot<String>) -> Self {
        Self {
            principal,
            action: "lambda:InvokeFunction",
            source_arn: Some(source_arn),
            ..Self::default()
        }
    }

    /// The conditions of the statement, by their lowercase keys.
    fn conditions(&self) -> Vec<(&'static str, String)> {
        let arn = self
            .source_arn
            .as_ref()
            .map(|arn| arn.get().unwrap_or_else(|| arn.what().to_owned()));
        [
            ("aws:sourcearn", arn),
            ("aws:sourceaccount", self.source_account.clone()),
            ("lambda:functionurlauthtype", self.url_auth.map(str::to_owned)),
            (
                "lambda:invokedviafunctionurl",
                self.via_url.then(|| "true".to_owned()),
            ),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}

/// A statement in the function's policy.
pub(super) struct Permission {
    client: Client,
    function: Function,
    sid: String,
    grant: Grant,
    found: Option<Statement>,
    stays: Option<String>,
    unwanted: bool,
}

impl Permission {
    pub(super) fn new(aws: &Aws, function: &Function, sid: String, grant: Grant) -> Self {
        Self {
            client: aws.lambda(),
            function: function.clone(),
            sid,
            grant,
            found: None,
            stays: None,
            unwanted: false,
        }
    }

    /// The same statement, which must not exist.
    #[must_use]
    pub(super) fn unwanted(mut self) -> Self {
        self.unwanted = true;
        self
    }

    /// The same statement, which `unwire` keeps for this reason.
    #[must_use]
    pub(super) fn staying(mut self, reason: Option<String>) -> Self {
        self.stays = reason;
        self
    }

    async fn add(&self, grant: &Grant) -> Result<(), Failure> {
        let mut call = self
            .client
            .add_permission()
            .function_name(self.function.arn.to_string())
            .set_qualifier(self.function.qualifier.clone())
            .statement_id(&self.sid)
            .principal(grant.principal)
            .action(grant.action)
            .set_source_account(grant.source_account.clone())
            .set_function_url_auth_type(grant.url_auth.map(FunctionUrlAuthType::from));
        if let Some(arn) = &grant.source_arn {
            call = call.source_arn(arn.need()?);
        }
        if grant.via_url {
            call = call.invoked_via_function_url(true);
        }
        let added = call.send().await;
        added.call_context("lambda:AddPermission", self.name()).map(drop)
    }

    async fn drop_statement(&self) -> Result<(), Failure> {
        let call = self
            .client
            .remove_permission()
            .function_name(self.function.arn.to_string())
            .set_qualifier(self.function.qualifier.clone())
            .statement_id(&self.sid);
        ok_if_gone(
            call.send()
                .await
                .call_context("lambda:RemovePermission", self.name()),
        )
    }

    fn differences(&self, found: &Statement) -> Vec<Difference> {
        let mut differences = vec![
            Difference::between("principal", &found.principal, self.grant.principal),
            Difference::between("action", &found.action, self.grant.action),
        ];
        let wanted = self.grant.conditions();
        for (key, value) in &wanted {
            let is = found.condition(key).unwrap_or_default();
            differences.push(Difference::between(
                "condition",
                format!("{key} {is}"),
                format!("{key} {value}"),
            ));
        }
        for (key, value) in &found.conditions {
            if !wanted.iter().any(|(wanted, _)| wanted == key) {
                differences.push(Difference::between("condition", format!("{key} {value}"), ""));
            }
        }
        differences.into_iter().flatten().collect()
    }
}

impl Resource for Permission {
    fn name(&self) -> String {
        let no = if self.unwanted { "no " } else { "" };
        format!(
            "{no}statement {} in the policy of function {}",
            self.sid,
            self.function.label()
        )
    }

    fn wanted(&self) -> Vec<String> {
        let who = match self.grant.principal {
            "*" => "anybody",
            service => service,
        };
        let conditions = self.grant.conditions();
        let conditions: Vec<String> = conditions
            .iter()
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        vec![format!(
            "{who} may {} if {}",
            self.grant.action,
            conditions.join(" and ")
        )]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let all = function_policy(&self.client, &self.function).await?;
            self.found = all.into_iter().find(|statement| statement.sid == self.sid);
            Ok(match &self.found {
                None if self.unwanted => Found::Ours(Vec::new()),
                None => Found::Absent,
                Some(statement) if self.unwanted => Found::Ours(
                    Difference::between("lets in", &statement.principal, "")
                        .into_iter()
                        .collect(),
                ),
                Some(statement) => Found::Ours(self.differences(statement)),
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.add(&self.grant).await })
    }

    /// Replaces the statement, because Lambda cannot change one.
    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.drop_statement().await?;
            if self.unwanted {
                return Ok(());
            }
            self.add(&self.grant).await
        })
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.drop_statement().await?;
            let Some(found) = &self.found else { return Ok(()) };
            let condition = |key: &str| found.condition(key).map(str::to_owned);
            let earlier = Grant {
                source_arn: condition("aws:sourcearn").map(|arn| Slot::of("the source's ARN", arn)),
                source_account: condition("aws:sourceaccount"),
                ..self.grant.clone()
            };
            self.add(&earlier).await
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.drop_statement())
    }

    fn stays(&self) -> Option<String> {
        self.stays.clone()
    }
}

/// The statements in the policy of the function or of its alias; empty without a policy.
///
/// # Errors
/// If the policy cannot be read.
pub(super) async fn function_policy(client: &Client, function: &Function) -> Result<Vec<Statement>, Failure> {
    let asked = client
        .get_policy()
        .function_name(function.arn.to_string())
        .set_qualifier(function.qualifier.clone())
        .send()
        .await;
    match asked.call_context("lambda:GetPolicy", format!("function {}", function.label())) {
        Ok(answer) => {
            let mut all = statements(answer.policy().unwrap_or_default())?;
            all.retain(|one| !is_of_another_alias(function, &one.resource));
            Ok(all)
        }
        Err(failure) if failure.is_not_found() => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

/// Each alias has its own policy. Statements about another alias do not apply to this one.
fn is_of_another_alias(function: &Function, resource: &str) -> bool {
    let qualified = resource.strip_prefix(&function.arn.to_string());
    qualified.is_some_and(|rest| rest.starts_with(':')) && resource != function.target()
}

//! The function's own policy: who may invoke it.

use serde_json::Value;

use super::live_function::LiveFunction;
use crate::doctor::deployment::{Permission, UrlPart};
use switchboard_aws::{CallContext as _, Failure};

pub(super) async fn read(live: &LiveFunction<'_>) -> Result<Vec<Permission>, Failure> {
    let on = format!("function {}", live.name);
    let told = live
        .aws
        .lambda()
        .get_policy()
        .function_name(live.arn.to_string())
        .send()
        .await;
    let policy = match told.call_context("lambda:GetPolicy", on.clone()) {
        Ok(told) => told.policy().unwrap_or("{}").to_owned(),
        Err(failure) if failure.is_not_found() => return Ok(Vec::new()),
        Err(failure) => return Err(failure),
    };
    let policy: Value = serde_json::from_str(&policy)
        .map_err(|error| Failure::new(format!("the policy of {on} is not valid JSON: {error}")))?;
    let statements = policy["Statement"].as_array().map_or(&[][..], Vec::as_slice);
    let allowing = statements
        .iter()
        .filter(|statement| statement["Effect"] == "Allow");
    Ok(allowing
        .map(|statement| permission(statement, &live.qualifier))
        .collect())
}

fn permission(statement: &Value, qualifier: &str) -> Permission {
    let principal = &statement["Principal"];
    let principal = [principal, &principal["Service"], &principal["AWS"]]
        .into_iter()
        .find_map(Value::as_str);
    let arn = condition(statement, "aws:sourcearn");
    let account = condition(statement, "aws:sourceaccount");
    let auth = condition(statement, "lambda:functionurlauthtype");
    let action = statement["Action"].as_str().unwrap_or_default();
    let others = ["lambda:eventsourcetoken", "aws:principalorgid"];
    Permission {
        label: statement["Sid"]
            .as_str()
            .unwrap_or("a statement of its policy")
            .to_owned(),
        at: None,
        qualifier: qualifier.to_owned(),
        principal: principal.unwrap_or_default().to_owned(),
        source_arn: arn.into(),
        source_account: account.into(),
        narrowed: others.iter().any(|key| condition(statement, key).is_some()),
        url: match condition(statement, "lambda:invokedviafunctionurl").is_some() {
            true => Some(UrlPart::Function),
            false if action == "lambda:InvokeFunctionUrl" || auth.is_some() => Some(UrlPart::Url),
            false => None,
        },
    }
}

/// The value for the lowercase `key`, under any operator.
fn condition(statement: &Value, key: &str) -> Option<String> {
    let operators = statement["Condition"].as_object()?.values();
    let mut values = operators.filter_map(Value::as_object).flatten();
    let (_, value) = values.find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    let value = value.as_array().and_then(|all| all.first()).unwrap_or(value);
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::deployment::Setting;
    use serde_json::json;

    #[test]
    fn a_statement_is_a_permission() {
        let read = permission(
            &json!({
                "Sid": "inbox", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
                "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::inbox"}}
            }),
            "live",
        );
        assert_eq!(read.principal, "s3.amazonaws.com");
        assert_eq!(read.source_arn, Setting::Known("arn:aws:s3:::inbox".to_owned()));
        assert_eq!(read.source_account, Setting::Known("123456789012".to_owned()));
        assert!(!read.narrowed && read.url.is_none());
        assert_eq!(read.qualifier, "live");
        let url = permission(
            &json!({
                "Principal": "*", "Action": "lambda:InvokeFunctionUrl",
                "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
            }),
            "",
        );
        assert!(url.url == Some(UrlPart::Url) && url.principal == "*");
        let function = permission(
            &json!({
                "Principal": "*", "Action": "lambda:InvokeFunction",
                "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
            }),
            "",
        );
        assert_eq!(function.url, Some(UrlPart::Function));
    }
}

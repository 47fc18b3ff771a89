//! The function that a trigger invokes.

use std::time::Duration;

use crate::{Arn, Aws, CallContext as _, Failure};

/// An existing function.
#[derive(Clone, Debug)]
pub struct Function {
    /// The ARN without an alias or version.
    pub arn: Arn,
    /// The name without an alias.
    pub name: String,
    /// The alias or version that the trigger invokes; `None` is `$LATEST`.
    pub qualifier: Option<String>,
    /// The ARN of the function's execution role.
    pub role: String,
    /// The function's timeout.
    pub timeout: Duration,
    /// The log group that the function writes to.
    pub log_group: String,
}

impl Function {
    /// Looks up `NAME`, `NAME:ALIAS`, an ARN, or an ARN with an alias.
    ///
    /// # Errors
    /// If the function does not exist or cannot be read.
    pub async fn look_up(aws: &Aws, text: &str) -> Result<Self, Failure> {
        let lambda = aws.lambda();
        let asked = lambda
            .get_function_configuration()
            .function_name(text)
            .send()
            .await;
        let found = asked
            .call_context("lambda:GetFunctionConfiguration", format!("function {text}"))
            .map_err(|failure| match failure.is_not_found() {
                true => failure.advise(format!(
                    "no such function in {}: pass --function NAME or ARN, and --region or --profile",
                    aws.region()
                )),
                false => failure,
            })?;
        let arn: Arn = found
            .function_arn()
            .unwrap_or_default()
            .parse()
            .map_err(Failure::new)?;
        let mut words = arn.resource.split(':').skip(1).map(str::to_owned);
        let name = words.next().unwrap_or_default();
        // Keep the alias as given: AWS answers with the version that it points to now.
        let qualifier = qualifier(text)
            .or_else(|| words.next())
            .filter(|q| q != "$LATEST");
        let log_group = found.logging_config().and_then(|logging| logging.log_group());
        Ok(Self {
            arn: arn.sibling("lambda", format!("function:{name}")),
            log_group: log_group.map_or_else(|| format!("/aws/lambda/{name}"), str::to_owned),
            name,
            qualifier,
            role: found.role().unwrap_or_default().to_owned(),
            timeout: Duration::from_secs(found.timeout().unwrap_or(3).unsigned_abs().into()),
        })
    }

    /// The ARN that a trigger invokes, with the alias if there is one.
    pub fn target(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn),
            None => self.arn.to_string(),
        }
    }

    /// The name for display, with the alias.
    pub fn label(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether the qualifier is a version: versions are numbers, aliases are not.
    pub fn is_version(&self) -> bool {
        let number = |qualifier: &str| qualifier.bytes().all(|byte| byte.is_ascii_digit());
        self.qualifier.as_deref().is_some_and(number)
    }

    /// The name of the function's execution role.
    pub fn role_name(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or_default()
    }
}

/// The qualifier after the name: `NAME:ALIAS`, `…function:NAME:ALIAS`.
fn qualifier(text: &str) -> Option<String> {
    let behind = text.rsplit_once("function:").map_or(text, |(_, behind)| behind);
    behind.split_once(':').map(|(_, qualifier)| qualifier.to_owned())
}

#[cfg(test)]
impl Function {
    /// Function `orders` of account 123456789012 in eu-west-1.
    pub(in crate::wire) fn example() -> Self {
        Self {
            arn: "arn:aws:lambda:eu-west-1:123456789012:function:orders"
                .parse()
                .unwrap(),
            name: "orders".to_owned(),
            qualifier: None,
            role: "arn:aws:iam::123456789012:role/orders".to_owned(),
            timeout: Duration::from_secs(10),
            log_group: "/aws/lambda/orders".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::qualifier;

    #[test]
    fn the_qualifier_follows_the_name() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        assert_eq!(qualifier("orders"), None);
        assert_eq!(qualifier(arn), None);
        assert_eq!(qualifier("orders:live").as_deref(), Some("live"));
        assert_eq!(qualifier(&format!("{arn}:7")).as_deref(), Some("7"));
        assert_eq!(
            qualifier("123456789012:function:orders:live").as_deref(),
            Some("live")
        );
    }
}

//! The function that gets a trigger.

use std::time::Duration;

use crate::{Arn, Aws, Failure, Told as _};

/// A function that is there.
#[derive(Clone, Debug)]
pub struct Function {
    /// Without alias or version.
    pub arn: Arn,
    /// The function's name, without alias.
    pub name: String,
    /// The alias or version that the trigger invokes; `None` is the latest code.
    pub qualifier: Option<String>,
    /// ARN of the role the function runs with.
    pub role: String,
    /// How long an invocation may take.
    pub timeout: Duration,
}

impl Function {
    /// Looks up `NAME`, `NAME:ALIAS`, an ARN, or an ARN with an alias.
    ///
    /// # Errors
    /// When there is no such function, or it cannot be looked up.
    pub async fn look_up(aws: &Aws, text: &str) -> Result<Self, Failure> {
        let lambda = aws.lambda();
        let asked = lambda
            .get_function_configuration()
            .function_name(text)
            .send()
            .await;
        let found = asked
            .told("lambda:GetFunctionConfiguration", format!("function {text}"))
            .map_err(|failure| match failure.is_not_found() {
                true => failure.advise(format!(
                    "there is no such function in {}: give --function NAME or ARN, and --region or --profile",
                    aws.region()
                )),
                false => failure,
            })?;
        let arn: Arn = found
            .function_arn()
            .unwrap_or_default()
            .parse()
            .map_err(Failure::own)?;
        let mut words = arn.resource.split(':').skip(1).map(str::to_owned);
        let name = words.next().unwrap_or_default();
        // What was asked for: an alias is not to become the version that it stands for now.
        let qualifier = qualifier(text)
            .or_else(|| words.next())
            .filter(|q| q != "$LATEST");
        Ok(Self {
            arn: arn.sibling("lambda", format!("function:{name}")),
            name,
            qualifier,
            role: found.role().unwrap_or_default().to_owned(),
            timeout: Duration::from_secs(found.timeout().unwrap_or(3).unsigned_abs().into()),
        })
    }

    /// The ARN a trigger invokes: with the alias, if there is one.
    pub fn target(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn),
            None => self.arn.to_string(),
        }
    }

    /// As people call it: the name, and the alias.
    pub fn label(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether it is a version: that has a number, where an alias has a name.
    pub fn is_version(&self) -> bool {
        let number = |qualifier: &str| qualifier.bytes().all(|byte| byte.is_ascii_digit());
        self.qualifier.as_deref().is_some_and(number)
    }

    /// The name of the function's role.
    pub fn role_name(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or_default()
    }
}

/// What stands behind the name: `NAME:ALIAS`, `…function:NAME:ALIAS`.
fn qualifier(text: &str) -> Option<String> {
    let behind = text.rsplit_once("function:").map_or(text, |(_, behind)| behind);
    behind.split_once(':').map(|(_, qualifier)| qualifier.to_owned())
}

#[cfg(test)]
mod tests {
    use super::qualifier;

    #[test]
    fn the_alias_stands_behind_the_name() {
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

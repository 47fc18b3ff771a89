//! Amazon Resource Names, as IAM's document "Identify AWS resources with Amazon Resource Names (ARNs)" describes them.

use std::fmt;
use std::str::FromStr;

/// The parts of an ARN. Region and account are empty for services that omit them.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub partition: String,
    /// `lambda`, `sqs` …
    pub service: String,
    /// Empty for services without regions.
    pub region: String,
    /// The account, 12 digits; empty for buckets.
    pub account: String,
    /// Everything that follows, including colons and slashes: `function:orders:live`, `table/orders`.
    pub resource: String,
}

impl Arn {
    /// Returns an ARN of another service in the same partition, region and account.
    pub fn sibling(&self, service: &str, resource: impl Into<String>) -> Self {
        Self {
            service: service.to_owned(),
            resource: resource.into(),
            ..self.clone()
        }
    }

    /// Returns the resource without its type: the part after the first `:` or `/`, or the whole resource if it has neither.
    pub fn name(&self) -> &str {
        let name = self.resource.split_once([':', '/']);
        name.map_or(self.resource.as_str(), |(_, name)| name)
    }
}

impl FromStr for Arn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts[..] {
            ["arn", partition, service, region, account, resource]
                if ![partition, service, resource].contains(&"") =>
            {
                Ok(Self {
                    partition: partition.to_owned(),
                    service: service.to_owned(),
                    region: region.to_owned(),
                    account: account.to_owned(),
                    resource: resource.to_owned(),
                })
            }
            _ => Err(format!(
                "{text} is not an ARN: expected arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"
            )),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_survives_a_round_trip() {
        for (text, name) in [
            (
                "arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
                "orders:live",
            ),
            (
                "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/orders/stream/2026",
                "orders/stream/2026",
            ),
            ("arn:aws:sqs:eu-west-1:123456789012:jobs.fifo", "jobs.fifo"),
            ("arn:aws:s3:::bucket", "bucket"),
        ] {
            let arn: Arn = text.parse().unwrap();
            assert_eq!((arn.to_string().as_str(), arn.name()), (text, name));
        }
        for text in ["orders", "arn:aws:s3", "arn:aws:s3:::", "urn:aws:s3:::bucket"] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}

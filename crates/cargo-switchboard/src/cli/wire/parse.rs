//! Parses values of arguments.

use chrono::DateTime;
use serde_json::Value;
use switchboard_aws::sdk::aws_sdk_s3::types::Event;
use switchboard_aws::wire::{SourceAccess, Start};

/// An S3 event type, with or without the prefix `s3:`.
pub(super) fn s3_event(text: &str) -> Result<String, String> {
    let event = match text.strip_prefix("s3:") {
        Some(_) => text.to_owned(),
        None => format!("s3:{text}"),
    };
    let known = Event::values();
    match known.contains(&event.as_str()) {
        true => Ok(event),
        false => Err(format!("expected one of {}", known.join(", "))),
    }
}

/// An AWS account id of twelve digits.
pub(super) fn account(text: &str) -> Result<String, String> {
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("expected the twelve digits of an account, such as 123456789012".to_owned()),
    }
}

pub(in crate::cli) fn position(text: &str) -> Result<Start, String> {
    match text {
        "trim-horizon" => Ok(Start::TrimHorizon),
        "latest" => Ok(Start::Latest),
        time => DateTime::parse_from_rfc3339(time)
            .map(|time| Start::At(time.timestamp()))
            .map_err(|_| "expected trim-horizon, latest, or a time such as 2026-11-24T12:00:00Z".to_owned()),
    }
}

pub(in crate::cli) fn json(text: &str) -> Result<String, String> {
    let parsed: Result<Value, _> = serde_json::from_str(text);
    match parsed {
        Ok(Value::Object(_)) => Ok(text.to_owned()),
        Ok(_) => Err("expected a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The types of authentication that Lambda has for Kafka clusters and schema registries. Subnets and security groups have options.
const ACCESS_TYPES: [&str; 12] = [
    "BASIC_AUTH",
    "SASL_SCRAM_256_AUTH",
    "SASL_SCRAM_512_AUTH",
    "CLIENT_CERTIFICATE_TLS_AUTH",
    "SERVER_ROOT_CA_CERTIFICATE",
    "OAUTHBEARER_AUTH",
    "OAUTHBEARER_SCOPE",
    "OAUTHBEARER_AUDIENCE",
    "OAUTHBEARER_LOGICAL_CLUSTER",
    "OAUTHBEARER_IDENTITY_POOL",
    "IAM_AUTH",
    "IAM_OAUTHBEARER_AUTH",
];

/// `TYPE=VALUE`: how Lambda authenticates, and the secret that it uses.
pub(super) fn access(text: &str) -> Result<SourceAccess, String> {
    let (kind, uri) = text.split_once('=').ok_or_else(|| {
        "expected TYPE=SECRET, such as SASL_SCRAM_512_AUTH=arn:aws:secretsmanager:…".to_owned()
    })?;
    if !ACCESS_TYPES.contains(&kind) {
        return Err(format!("expected one of the types {}", ACCESS_TYPES.join(", ")));
    }
    Ok(SourceAccess {
        kind: kind.to_owned(),
        uri: uri.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_positions_are_read_as_aws_spells_them() {
        assert_eq!(s3_event("ObjectCreated:*").as_deref(), Ok("s3:ObjectCreated:*"));
        assert_eq!(
            s3_event("s3:ObjectRemoved:Delete").as_deref(),
            Ok("s3:ObjectRemoved:Delete")
        );
        assert!(s3_event("ObjectMade").is_err());
        assert_eq!(position("1970-01-01T01:00:01+01:00"), Ok(Start::At(1)));
        assert!(position("oldest").is_err());
        assert!(json("[]").is_err() && json("{").is_err());
        assert_eq!(account("123456789012").as_deref(), Ok("123456789012"));
        assert!(account("12345678901").is_err() && account("orders-owner").is_err());
    }

    #[test]
    fn access_is_a_type_of_lambdas_and_a_secret() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka";
        let read = access(&format!("SASL_SCRAM_512_AUTH={secret}")).unwrap();
        assert_eq!(
            (read.kind.as_str(), read.uri.as_str()),
            ("SASL_SCRAM_512_AUTH", secret)
        );
        for text in [secret, "SCRAM=secret", "VPC_SUBNET=subnet:subnet-1"] {
            assert!(access(text).is_err(), "{text}");
        }
    }
}

//! Samples of the sources that have no builder: payloads as AWS sends them, with new ids each time.

use super::event::{TestEvent, put};
use super::origin::Number;
use crate::source::Source;
use serde_json::Value;

/// A payload of a source.
struct Sample {
    source: Source,
    json: &'static str,
    /// Where its ids are.
    ids: &'static [&'static str],
    /// Where the test's own object goes, if there is such a place.
    body: Option<&'static str>,
}

macro_rules! samples {
    ($($(#[$condition:meta])? $source:ident: $file:literal, ids: [$($id:literal),*], body: $body:expr;)*) => {
        const SAMPLES: &[Sample] = &[$($(#[$condition])? Sample {
            source: Source::$source,
            json: include_str!(concat!("samples/", $file)),
            ids: &[$($id),*],
            body: $body,
        },)*];
    };
}

samples! {
    Alexa: "alexa.json", ids: ["/request/requestId"], body: None;
    ApiGatewayAuthorizerHttp: "api_gateway_authorizer_http.json", ids: ["/requestContext/requestId"], body: None;
    ApiGatewayAuthorizerRequest: "api_gateway_authorizer_request.json", ids: ["/requestContext/requestId"], body: None;
    ApiGatewayAuthorizerToken: "api_gateway_authorizer_token.json", ids: ["/authorizationToken"], body: None;
    ApiGatewayAuthorizerWebsocket: "api_gateway_authorizer_websocket.json", ids: ["/requestContext/requestId", "/requestContext/connectionId"], body: None;
    AppsyncAuthorizer: "appsync_authorizer.json", ids: ["/requestContext/requestId"], body: None;
    AppsyncEvents: "appsync_events.json", ids: ["/events/0/id", "/events/1/id"], body: None;
    BedrockAgent: "bedrock_agent.json", ids: ["/sessionId"], body: Some("/sessionAttributes");
    Cloudformation: "cloudformation.json", ids: ["/RequestId"], body: Some("/ResourceProperties");
    Cloudfront: "cloudfront.json", ids: ["/Records/0/cf/config/requestId"], body: None;
    CloudwatchAlarm: "cloudwatch_alarm.json", ids: ["/alarmData/configuration/metrics/0/id"], body: None;
    Codecommit: "codecommit.json", ids: ["/Records/0/eventId"], body: None;
    Codedeploy: "codedeploy.json", ids: ["/LifecycleEventHookExecutionId"], body: None;
    Codepipeline: "codepipeline.json", ids: ["/CodePipeline.job/id"], body: None;
    CognitoSync: "cognito_sync.json", ids: ["/identityId"], body: None;
    Config: "config.json", ids: ["/resultToken"], body: None;
    Connect: "connect.json", ids: ["/Details/ContactData/ContactId"], body: Some("/Details/Parameters");
    Documentdb: "documentdb.json", ids: ["/events/0/event/_id/_data"], body: None;
    IotButton: "iot_button.json", ids: ["/serialNumber"], body: None;
    IotCustomAuth: "iot_custom_auth.json", ids: ["/connectionMetadata/id"], body: None;
    KinesisAnalytics: "kinesis_analytics.json", ids: ["/invocationId", "/records/0/recordId"], body: None;
    LambdaDestination: "lambda_destination.json", ids: ["/requestContext/requestId"], body: Some("/requestPayload");
    LambdaDestinationDynamodb: "lambda_destination_dynamodb.json", ids: ["/requestContext/requestId"], body: None;
    LambdaDestinationKafka: "lambda_destination_kafka.json", ids: ["/requestContext/requestId"], body: None;
    LambdaDestinationKinesis: "lambda_destination_kinesis.json", ids: ["/requestContext/requestId"], body: None;
    LexV1: "lex_v1.json", ids: ["/userId"], body: Some("/currentIntent/slots");
    LexV2: "lex_v2.json", ids: ["/sessionId"], body: None;
    S3ObjectLambda: "s3_object_lambda.json", ids: ["/xAmzRequestId"], body: None;
    SecretsmanagerRotation: "secretsmanager_rotation.json", ids: ["/ClientRequestToken"], body: None;
    #[cfg(test)]
    Tollbooth: "../../../tests/made_up/tollbooth.json", ids: ["/Records/0/passageId"], body: None;
    TransferFamily: "transfer_family.json", ids: ["/username"], body: None;
}

/// Whether the source has a sample.
pub(super) fn has_sample(source: Source) -> bool {
    find(source).is_some()
}

fn find(source: Source) -> Option<&'static Sample> {
    SAMPLES.iter().find(|sample| sample.source == source)
}

/// Where the sample of a source has a place for an object.
pub(super) fn body_place(source: Source) -> Option<&'static str> {
    find(source)?.body
}

/// The sample of a source that has one, with new ids.
pub(super) fn sample_json(source: Source) -> Value {
    let Sample { json, ids, .. } = find(source).expect("the source has a sample");
    let mut sample: Value = serde_json::from_str(json).expect("the samples are JSON");
    let number = Number::next();
    for pointer in *ids {
        let id = sample.pointer(pointer).and_then(Value::as_str);
        let id = renewed(id.expect("the samples have these ids"), number);
        put(&mut sample, pointer, id.into());
    }
    sample
}

/// A new id of the same kind.
fn renewed(id: &str, number: Number) -> String {
    let uuid = id.len().checked_sub(36).filter(|start| {
        let dashes = id.as_bytes().get(*start..).unwrap_or_default();
        [8, 13, 18, 23].iter().all(|at| dashes.get(*at) == Some(&b'-'))
    });
    match uuid {
        Some(start) => format!("{}{}", &id[..start], number.uuid()),
        None if id.bytes().all(|byte| byte.is_ascii_digit()) => {
            number.sequence(&id[..id.len() / 2], id.len())
        }
        None if id.bytes().all(|byte| byte.is_ascii_hexdigit()) => number.hex(id.len()),
        None => {
            let keep = id.len().saturating_sub(8);
            format!("{}{}", id.get(..keep).unwrap_or(id), number.hex(8))
        }
    }
}

/// An event of a source, complete as AWS sends it. [`TestEvent::set`] changes what a test is about.
///
/// The sources that have a builder in this module are made by it.
///
/// # Panics
/// For [`Source::Unknown`], which sends nothing.
///
/// # Example
///
/// ```
/// use switchboard::source::{Source, detect};
/// use switchboard::testing;
///
/// let event = testing::sample(Source::SecretsmanagerRotation).set("/Step", "testSecret");
/// assert_eq!(detect(event.to_json().as_bytes()).source, Source::SecretsmanagerRotation);
/// ```
#[must_use]
pub fn sample(source: Source) -> TestEvent {
    super::generate::generate(source, None, 1).unwrap_or_else(|error| panic!("{error}"))
}

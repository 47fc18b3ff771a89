//! Custom resources of AWS CloudFormation: the answer is sent to an address in the event, whatever becomes of the request.
//!
//! CloudFormation User Guide, “Custom resource request objects” and “Custom resource response objects”.

use super::{Delivery, Event, text_at};
use crate::source::Source;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The largest answer that CloudFormation takes, in bytes.
pub(crate) const MOST: usize = 4096;

/// What a resource is called whose creation has failed: its deletion, with which CloudFormation rolls back, has nothing to do.
pub(crate) const NOT_CREATED: &str = "switchboard:not-created";

/// What CloudFormation asks of a custom resource whose properties are `P`.
///
/// CloudFormation writes numbers and flags among the properties as text, and adds a `ServiceToken` to them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResourceRequest<P = Value> {
    /// What is to be done.
    pub request_type: ResourceRequestType,
    /// The resource's properties.
    pub resource_properties: P,
    /// The properties before an update.
    #[serde(default = "Option::default")]
    pub old_resource_properties: Option<P>,
    /// What an earlier answer has called the resource; nothing before it is created.
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    /// The resource's name in the template.
    pub logical_resource_id: String,
    /// `Custom::…`, or `AWS::CloudFormation::CustomResource`.
    pub resource_type: String,
    /// The stack's ARN.
    pub stack_id: String,
    /// The request's id, the same if it is delivered again.
    pub request_id: String,
}

/// What is to be done with a resource.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum ResourceRequestType {
    /// Create it.
    Create,
    /// Change it. An answer with another physical id means that it was replaced: CloudFormation then has the old one deleted.
    Update,
    /// Delete it. One that is not there any more is deleted, too.
    Delete,
}

/// What a custom resource is, for the template that declares it.
///
/// # Example
///
/// ```
/// use switchboard::event::Resource;
///
/// let database = Resource::named("shop-db").data("Endpoint", "shop-db.example.com:5432");
/// # let _ = database;
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[must_use = "CloudFormation is told what is returned"]
pub struct Resource {
    physical_id: Option<String>,
    data: Map<String, Value>,
    no_echo: bool,
}

impl Resource {
    /// The resource keeps its physical id. A new one gets the id of its request, which is the same if the request is delivered again.
    pub fn unchanged() -> Self {
        Self::default()
    }

    /// The resource has this physical id. Another id than before means that it was replaced.
    pub fn named(physical_id: impl Into<String>) -> Self {
        let physical_id = Some(physical_id.into());
        Self {
            physical_id,
            ..Self::default()
        }
    }

    /// A value that the template reads with `Fn::GetAtt`.
    pub fn data(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.insert(name.into(), value.into());
        self
    }

    /// CloudFormation shows the data as asterisks.
    pub fn no_echo(mut self) -> Self {
        self.no_echo = true;
        self
    }
}

/// One call per event.
pub(crate) struct ResourceEvent;

impl Event for ResourceEvent {
    const SOURCES: &'static [Source] = &[Source::Cloudformation];
    const DELIVERY: Delivery = Source::Cloudformation.delivery();
    const ID: &'static [&'static str] = &["RequestId"];
    type Item = Box<RawValue>;
    type Reply = ResourceAnswer;
}

/// What is sent to CloudFormation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceAnswer {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    physical_resource_id: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_echo: bool,
    #[serde(skip_serializing_if = "Map::is_empty")]
    data: Map<String, Value>,
}

/// Whether it is the deletion of a resource that was never created.
pub(crate) fn undoes_nothing(event: &[u8]) -> bool {
    let is = |path, text: &str| text_at(event, path).as_deref() == Some(text);
    is("RequestType", "Delete") && is("PhysicalResourceId", NOT_CREATED)
}

impl ResourceAnswer {
    /// The request was fulfilled. If the answer is larger than CloudFormation takes, the request has failed.
    pub(crate) fn success(event: &[u8], resource: Resource) -> Self {
        let known = text_at(event, "PhysicalResourceId");
        let is_deletion = text_at(event, "RequestType").as_deref() == Some("Delete");
        let own = resource.physical_id.filter(|_| !is_deletion);
        let id = own.or(known).or_else(|| text_at(event, "RequestId"));
        let answer = Self {
            no_echo: resource.no_echo,
            data: resource.data,
            ..Self::of(event, "SUCCESS", id.unwrap_or_default())
        };
        match serde_json::to_vec(&answer).map_or(usize::MAX, |json| json.len()) {
            0..=MOST => answer,
            size => {
                let reason =
                    format!("the answer has {size} bytes, but CloudFormation takes {MOST}: return less data");
                Self {
                    reason: Some(reason),
                    ..Self::of(event, "FAILED", answer.physical_resource_id)
                }
            }
        }
    }

    /// The request has failed. The reason is shown in the stack's events.
    pub(crate) fn failure(event: &[u8], reason: &str) -> Self {
        /// Bytes: leaves room for the ids, and for escapes.
        const REASON: usize = 1024;
        let id = text_at(event, "PhysicalResourceId").unwrap_or_else(|| NOT_CREATED.to_owned());
        let reason = reason.replace(char::is_control, " ");
        let fits = |at: &usize| reason.is_char_boundary(*at);
        let end = (0..=REASON.min(reason.len()))
            .rev()
            .find(fits)
            .unwrap_or_default();
        Self {
            reason: Some(reason[..end].to_owned()),
            ..Self::of(event, "FAILED", id)
        }
    }

    fn of(event: &[u8], status: &'static str, physical_resource_id: String) -> Self {
        let repeated = |path| text_at(event, path).unwrap_or_default();
        Self {
            status,
            reason: None,
            physical_resource_id,
            stack_id: repeated("StackId"),
            request_id: repeated("RequestId"),
            logical_resource_id: repeated("LogicalResourceId"),
            no_echo: false,
            data: Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(request: &str, id: Option<&str>) -> Vec<u8> {
        let mut event =
            json!({"RequestType": request, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"});
        if let Some(id) = id {
            event["PhysicalResourceId"] = id.into();
        }
        event.to_string().into_bytes()
    }

    fn written(answer: &ResourceAnswer) -> Value {
        serde_json::to_value(answer).unwrap()
    }

    #[test]
    fn a_resource_keeps_its_id_unless_it_says_another() {
        for (request, before, says, id) in [
            ("Create", None, None, "r"),
            ("Create", None, Some("db"), "db"),
            ("Update", Some("db"), None, "db"),
            ("Update", Some("db"), Some("db2"), "db2"),
            ("Delete", Some("db"), None, "db"),
            ("Delete", Some("db"), Some("db2"), "db"),
        ] {
            let resource = says.map_or_else(Resource::unchanged, Resource::named);
            let answer = written(&ResourceAnswer::success(&event(request, before), resource));
            let expected = json!({
                "Status": "SUCCESS", "PhysicalResourceId": id, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l",
            });
            assert_eq!(answer, expected, "{request} {before:?} {says:?}");
        }
    }

    #[test]
    fn a_creation_that_failed_has_nothing_to_undo() {
        let failed = written(&ResourceAnswer::failure(&event("Create", None), "no room"));
        let id = failed["PhysicalResourceId"].as_str().unwrap();
        assert_eq!(
            (&failed["Status"], &failed["Reason"]),
            (&json!("FAILED"), &json!("no room"))
        );
        assert!(undoes_nothing(&event("Delete", Some(id))));
        assert!(!undoes_nothing(&event("Update", Some(id))) && !undoes_nothing(&event("Delete", Some("db"))));
        let update = written(&ResourceAnswer::failure(&event("Update", Some("db")), ""));
        assert_eq!(update["PhysicalResourceId"], "db");
    }

    #[test]
    fn what_is_too_large_is_a_failure_that_fits() {
        let much = Resource::named("db").data("Text", "x".repeat(5000));
        let answer = written(&ResourceAnswer::success(&event("Create", None), much));
        assert_eq!(
            (&answer["Status"], &answer["PhysicalResourceId"]),
            (&json!("FAILED"), &json!("db"))
        );
        for long in ["ü", "x\u{1}", "\"", "aü"] {
            let long = ResourceAnswer::failure(&event("Create", None), &long.repeat(5000));
            assert!(serde_json::to_vec(&long).unwrap().len() <= MOST);
        }
        let full = Resource::named("db").data("Text", "x").no_echo();
        let full = written(&ResourceAnswer::success(&event("Create", None), full));
        assert_eq!(
            (&full["NoEcho"], &full["Data"]),
            (&json!(true), &json!({"Text": "x"}))
        );
    }
}

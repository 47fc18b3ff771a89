//! Details whose shape the function knows: the states of instances, jobs and executions.

use crate::Failure;
use crate::event::read_as;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The lives of the resources; what comes later stands later, what ends them all at the end.
const INSTANCE: &[&[&str]] = &[
    &["pending"],
    &["running"],
    &["stopping"],
    &["stopped"],
    &["shutting-down"],
    &["terminated"],
];
const JOB: &[&[&str]] = &[
    &["SUBMITTED"],
    &["PENDING"],
    &["RUNNABLE"],
    &["STARTING"],
    &["RUNNING"],
    &["SUCCEEDED", "FAILED"],
];
const EXECUTION: &[&[&str]] = &[
    &["PENDING_REDRIVE"],
    &["RUNNING"],
    &["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
];

/// The state of a resource, as a detail tells it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) resource_type: &'static str,
    /// The resource's ARN, or what is known of it: see [`Name`].
    pub(super) name: Name,
    pub(super) state: String,
    /// How far the state is in the resource's life.
    pub(super) rank: u8,
}

/// A resource's ARN, or its part behind region and account.
#[derive(Debug)]
pub(super) enum Name {
    Arn(String),
    Resource { service: &'static str, resource: String },
}

/// `detail` of an “EC2 Instance State-change Notification”.
#[derive(Deserialize)]
struct InstanceStateChange {
    #[serde(rename = "instance-id")]
    instance_id: String,
    state: String,
}

/// `detail` of a “Batch Job State Change”.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobStateChange {
    job_arn: Option<String>,
    job_id: String,
    status: String,
}

/// `detail` of a “Step Functions Execution Status Change”.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecutionStatusChange {
    execution_arn: String,
    status: String,
}

/// The state an event tells of; `None` for all whose detail is not known here.
///
/// # Errors
/// The detail is not of the shape AWS documents; the message names the JSON path.
pub(super) fn state(
    source: &str,
    detail_type: &str,
    detail: Option<&RawValue>,
) -> Result<Option<State>, Failure> {
    Ok(Some(match (source, detail_type) {
        ("aws.ec2", "EC2 Instance State-change Notification") => {
            let change: InstanceStateChange = read(detail)?;
            let resource = format!("instance/{}", change.instance_id);
            State {
                resource_type: "ec2.instance",
                name: Name::Resource {
                    service: "ec2",
                    resource,
                },
                rank: rank(INSTANCE, &change.state),
                state: change.state,
            }
        }
        ("aws.batch", "Batch Job State Change") => {
            let change: JobStateChange = read(detail)?;
            let resource = format!("job/{}", change.job_id);
            State {
                resource_type: "batch.job",
                name: change.job_arn.map_or(
                    Name::Resource {
                        service: "batch",
                        resource,
                    },
                    Name::Arn,
                ),
                rank: rank(JOB, &change.status),
                state: change.status,
            }
        }
        ("aws.states", "Step Functions Execution Status Change") => {
            let change: ExecutionStatusChange = read(detail)?;
            State {
                resource_type: "states.execution",
                name: Name::Arn(change.execution_arn),
                rank: rank(EXECUTION, &change.status),
                state: change.status,
            }
        }
        _ => return Ok(None),
    }))
}

/// States this release does not know come before all others.
fn rank(life: &[&[&str]], state: &str) -> u8 {
    let place = life.iter().position(|states| states.contains(&state));
    place
        .and_then(|place| u8::try_from(place + 1).ok())
        .unwrap_or_default()
}

/// Read inside of an object of its own, so that the path in the message starts at the event.
fn read<T: DeserializeOwned>(detail: Option<&RawValue>) -> Result<T, Failure> {
    #[derive(Deserialize)]
    struct Envelope<T> {
        detail: T,
    }
    let detail = detail.map_or("null", RawValue::get);
    let read = read_as::<Envelope<T>>(format!(r#"{{"detail":{detail}}}"#).as_bytes(), |_| {})?;
    Ok(read.item.detail)
}

//! Details with a known shape: the states of instances, jobs and executions.

use super::super::record::facts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;
use switchboard::Failure;
use switchboard::event::read_json;

/// The lives of the resources, in order; final states come last.
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

/// The state of a resource, as the detail says.
#[derive(Debug)]
pub(super) struct ResourceState {
    pub(super) resource_type: &'static str,
    /// The resource's ARN, or the part of it that is known: see [`ResourceName`].
    pub(super) name: ResourceName,
    pub(super) state: String,
    /// How far the state is in the resource's life.
    pub(super) rank: u8,
    /// Some details.
    pub(super) data: Option<Box<RawValue>>,
}

/// A resource's ARN, or its part after region and account.
#[derive(Debug)]
pub(super) enum ResourceName {
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
    job_name: Option<String>,
    job_queue: Option<String>,
    status: String,
    status_reason: Option<String>,
}

/// `detail` of a “Step Functions Execution Status Change”.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecutionStatusChange {
    execution_arn: String,
    state_machine_arn: Option<String>,
    name: Option<String>,
    status: String,
}

/// The state in an event; `None` if its detail is not known here.
///
/// # Errors
/// The detail is not of the shape AWS documents; the message names the JSON path.
pub(super) fn state(
    source: &str,
    detail_type: &str,
    detail: Option<&RawValue>,
) -> Result<Option<ResourceState>, Failure> {
    match (source, detail_type) {
        // Source and type together, because anyone may send a detail-type with this name on their own bus.
        ("aws.ec2", "EC2 Instance State-change Notification") => {
            read(detail).map(InstanceStateChange::state).map(Some)
        }
        ("aws.batch", "Batch Job State Change") => read(detail).map(JobStateChange::state).map(Some),
        ("aws.states", "Step Functions Execution Status Change") => {
            read(detail).map(ExecutionStatusChange::state).map(Some)
        }
        _ => Ok(None),
    }
}

impl InstanceStateChange {
    fn state(self) -> ResourceState {
        let resource = format!("instance/{}", self.instance_id);
        ResourceState {
            resource_type: "ec2.instance",
            name: ResourceName::Resource {
                service: "ec2",
                resource,
            },
            rank: rank(INSTANCE, &self.state),
            state: self.state,
            data: None,
        }
    }
}

impl JobStateChange {
    fn state(self) -> ResourceState {
        let resource = format!("job/{}", self.job_id);
        let Self {
            job_name,
            job_queue,
            status_reason,
            ..
        } = self;
        ResourceState {
            resource_type: "batch.job",
            name: self.job_arn.map_or(
                ResourceName::Resource {
                    service: "batch",
                    resource,
                },
                ResourceName::Arn,
            ),
            rank: rank(JOB, &self.status),
            state: self.status,
            data: facts(json!({ "jobName": job_name, "jobQueue": job_queue, "statusReason": status_reason })),
        }
    }
}

impl ExecutionStatusChange {
    fn state(self) -> ResourceState {
        ResourceState {
            resource_type: "states.execution",
            name: ResourceName::Arn(self.execution_arn),
            rank: rank(EXECUTION, &self.status),
            state: self.status,
            data: facts(json!({ "stateMachineArn": self.state_machine_arn, "name": self.name })),
        }
    }
}

/// States that this release does not know come before all others.
fn rank(life: &[&[&str]], state: &str) -> u8 {
    let place = life.iter().position(|states| states.contains(&state));
    place
        .and_then(|place| u8::try_from(place + 1).ok())
        .unwrap_or_default()
}

/// Read inside an object of its own, so that the path in the message starts at the event.
fn read<T: DeserializeOwned>(detail: Option<&RawValue>) -> Result<T, Failure> {
    #[derive(Deserialize)]
    struct DetailOnly<T> {
        detail: T,
    }
    let detail = detail.map_or("null", RawValue::get);
    let read: DetailOnly<T> = read_json(format!(r#"{{"detail":{detail}}}"#).as_bytes())?;
    Ok(read.detail)
}

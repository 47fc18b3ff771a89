//! Amazon S3 Batch Operations: each task has a result of its own.
//!
//! Amazon S3 User Guide, “Invoke AWS Lambda function”.

use super::answered::{ContractOfItems, FailedCall, written};
use super::s3::decode_key;
use super::{Unreadable, read_json};
use crate::source::Source;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// A task of a job: one object.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct S3BatchTask {
    /// The id by which its result is reported.
    pub task_id: String,
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// The object's version, if the job's manifest has versions.
    pub version: Option<String>,
    /// The job.
    pub job_id: Option<String>,
    /// The arguments that the job has for its function; schema version 2.0 only.
    pub user_arguments: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    invocation_schema_version: String,
    invocation_id: String,
    #[serde(default)]
    job: JobInfo,
    tasks: Vec<Task>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobInfo {
    id: Option<String>,
    user_arguments: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    task_id: String,
    s3_key: String,
    s3_version_id: Option<String>,
    s3_bucket: Option<String>,
    s3_bucket_arn: Option<String>,
}

impl Task {
    fn of(self, job: &JobInfo) -> S3BatchTask {
        let arn = self.s3_bucket_arn.unwrap_or_default();
        let named = || arn.rsplit(':').next().unwrap_or_default().to_owned();
        S3BatchTask {
            task_id: self.task_id,
            bucket: self.s3_bucket.unwrap_or_else(named),
            key: decode_key(&self.s3_key).into_owned(),
            version: self.s3_version_id,
            job_id: job.id.clone(),
            user_arguments: job.user_arguments.clone().unwrap_or_default(),
        }
    }
}

/// The contract of a job's tasks.
pub(crate) struct S3BatchTasks;

impl ContractOfItems for S3BatchTasks {
    const SOURCES: &'static [Source] = &[Source::S3Batch];
    type Item = S3BatchTask;
    type Reply = String;

    fn items(event: &[u8]) -> Result<Vec<Result<S3BatchTask, Unreadable>>, Unreadable> {
        let Job { job, tasks, .. } = read_json(event)?;
        Ok(tasks.into_iter().map(|task| Ok(task.of(&job))).collect())
    }

    fn answer(results: Vec<Result<String, FailedCall>>, event: &[u8]) -> Result<Box<RawValue>, String> {
        let job: Job = read_json(event).map_err(|error| error.to_string())?;
        let result = |(task, result): (&Task, Result<String, FailedCall>)| {
            let (code, text) = match result {
                Ok(text) => ("Succeeded", text),
                Err(failed) if failed.rejected => ("PermanentFailure", failed.message),
                Err(failed) => ("TemporaryFailure", failed.message),
            };
            json!({"taskId": task.task_id, "resultCode": code, "resultString": text})
        };
        let results: Vec<_> = job.tasks.iter().zip(results).map(result).collect();
        written(&json!({
            "invocationSchemaVersion": job.invocation_schema_version,
            "treatMissingKeysAs": "TemporaryFailure",
            "invocationId": job.invocation_id,
            "results": results,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn tasks_of_both_schemas_are_read() {
        let event = json!({
            "invocationSchemaVersion": "2.0", "invocationId": "i",
            "job": {"id": "j", "userArguments": {"size": "small"}},
            "tasks": [
                {"taskId": "1", "s3Key": "a+b%2Fc.jpg", "s3VersionId": null, "s3Bucket": "photos"},
                {"taskId": "2", "s3Key": "d", "s3VersionId": "v", "s3BucketArn": "arn:aws:s3:::photos"},
            ],
        });
        let tasks = S3BatchTasks::items(event.to_string().as_bytes()).unwrap();
        let [first, second] = &tasks[..] else { panic!() };
        let (first, second) = (first.as_ref().unwrap(), second.as_ref().unwrap());
        assert_eq!(
            (&*first.key, &*first.bucket, &*second.bucket),
            ("a b/c.jpg", "photos", "photos")
        );
        assert_eq!(
            (first.version.as_deref(), second.version.as_deref()),
            (None, Some("v"))
        );
        assert_eq!(first.user_arguments["size"], "small");
    }

    #[test]
    fn each_task_has_a_code() {
        let event = json!({
            "invocationSchemaVersion": "1.0", "invocationId": "i", "job": {"id": "j"},
            "tasks": (["1", "2", "3"].map(|id| json!({"taskId": id, "s3Key": "k", "s3BucketArn": "arn:aws:s3:::b"}))),
        });
        let failed = |rejected| {
            Err(FailedCall {
                message: "no".to_owned(),
                error_type: "HandlerFailed",
                rejected,
            })
        };
        let results = vec![Ok("done".to_owned()), failed(false), failed(true)];
        let answer = S3BatchTasks::answer(results, event.to_string().as_bytes()).unwrap();
        let answer: Value = serde_json::from_str(answer.get()).unwrap();
        let codes: Vec<_> = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["resultCode"])
            .collect();
        assert_eq!(codes, ["Succeeded", "TemporaryFailure", "PermanentFailure"]);
        assert_eq!(
            (&answer["invocationSchemaVersion"], &answer["invocationId"]),
            (&json!("1.0"), &json!("i"))
        );
        assert_eq!(answer["results"][2]["taskId"], "3");
    }
}

//! Failed calls to AWS: which call failed, on which resource, and what to do about it.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};

/// A call to AWS that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    kind: FailureKind,
    advice: Option<String>,
}

#[derive(Clone, Debug)]
enum FailureKind {
    /// AWS answered with an error.
    Answer {
        call: &'static str,
        on: String,
        code: String,
        message: String,
    },
    /// There was no answer, or an answer that cannot be read.
    NoAnswer {
        call: &'static str,
        on: String,
        cause: String,
        sent: bool,
    },
    /// No call failed, but its result cannot be used.
    Message(String),
}

impl Failure {
    /// Creates a failure that does not come from a call. The message says what failed, where, and what to do.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            kind: FailureKind::Message(message.into()),
            advice: None,
        }
    }

    /// The error code that AWS answered with, such as `ResourceNotFoundException`.
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            FailureKind::Answer { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The message that AWS answered with; empty without an answer.
    pub fn message(&self) -> &str {
        match &self.kind {
            FailureKind::Answer { message, .. } => message,
            _ => "",
        }
    }

    /// Whether the resource does not exist.
    pub fn is_not_found(&self) -> bool {
        const CODES: [&str; 17] = [
            "NotFound",
            "NotFoundException",
            "ResourceNotFoundException",
            "NoSuchBucket",
            "NoSuchBucketPolicy",
            "NoSuchEntity",
            "NoSuchTagSet",
            "NoSuchPublicAccessBlockConfiguration",
            "QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue",
            "StreamNotFoundException",
            "TargetGroupNotFound",
            "ListenerNotFound",
            "RuleNotFound",
            "LoadBalancerNotFound",
            "ProvisionedConcurrencyConfigNotFoundException",
            "ServerSideEncryptionConfigurationNotFoundError",
        ];
        self.code().is_some_and(|code| CODES.contains(&code))
    }

    /// Whether the caller lacks the right to make the call.
    pub fn is_denied(&self) -> bool {
        const CODES: [&str; 4] = [
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "UnauthorizedOperation",
        ];
        self.code().is_some_and(|code| CODES.contains(&code))
    }

    /// Whether AWS may have carried out the call anyway: the request was sent, and no answer came back.
    pub fn is_uncertain(&self) -> bool {
        matches!(self.kind, FailureKind::NoAnswer { sent: true, .. })
    }

    /// Adds what to do about the failure.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn default_advice(&self) -> Option<String> {
        match &self.kind {
            FailureKind::Answer { call, code, .. } => answer_advice(call, code),
            FailureKind::NoAnswer { cause, .. } => Some(no_answer_advice(cause).to_owned()),
            FailureKind::Message(_) => None,
        }
    }
}

fn answer_advice(call: &str, code: &str) -> Option<String> {
    let advice = match code {
        "AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "UnauthorizedOperation" => {
            format!("this command requires the {call} permission")
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "the credentials have expired; sign in again, for example with `aws sso login`".to_owned()
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch" => {
            "the credentials are not valid; check the profile with `aws sts get-caller-identity`".to_owned()
        }
        _ => return None,
    };
    Some(advice)
}

fn no_answer_advice(cause: &str) -> &'static str {
    if cause.contains("credential") || cause.contains("sso") {
        "pass --profile, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in, for example with `aws sso login`"
    } else {
        "check the network, the region and the endpoint (--endpoint-url, AWS_ENDPOINT_URL)"
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FailureKind::Answer {
                call,
                on,
                code,
                message,
            } => {
                write!(f, "{call} on {on}: {code}")?;
                if !message.is_empty() {
                    write!(f, ": {message}")?;
                }
            }
            FailureKind::NoAnswer { call, on, cause, .. } => write!(f, "{call} on {on}: {cause}")?,
            FailureKind::Message(message) => f.write_str(message)?,
        }
        let advice = self.advice.clone().or_else(|| self.default_advice());
        advice.map_or(Ok(()), |advice| write!(f, "\n  {advice}"))
    }
}

impl StdError for Failure {}

/// Converts the SDK's errors into a [`Failure`] that names the call.
pub trait CallContext<T> {
    /// Adds the call and its resource to an error. `call` is the permission that the call requires, such as
    /// `lambda:AddPermission`; `on` is the resource, such as `function orders`.
    fn call_context(self, call: &'static str, on: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E> CallContext<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    fn call_context(self, call: &'static str, on: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| Failure {
            kind: kind(&error, call, on.into()),
            advice: None,
        })
    }
}

fn kind<E>(error: &SdkError<E, HttpResponse>, call: &'static str, on: String) -> FailureKind
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    if let SdkError::ServiceError(answer) = error {
        let status = || format!("HTTP status {}", answer.raw().status().as_u16());
        return FailureKind::Answer {
            call,
            on,
            code: answer.err().code().map_or_else(status, str::to_owned),
            message: answer.err().message().unwrap_or_default().to_owned(),
        };
    }
    let connected = |error: &SdkError<E, HttpResponse>| match error {
        SdkError::ConstructionFailure(_) => false,
        // Missing credentials are dispatch failures too.
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        _ => true,
    };
    let cause = causes(error);
    FailureKind::NoAnswer {
        call,
        on,
        sent: connected(error) && !cause.contains("credential"),
        cause,
    }
}

/// Messages of the SDK's outer errors, which say nothing about the cause.
const UNINFORMATIVE: [&str; 3] = ["dispatch failure", "io error", "other"];

/// Joins the messages of an error and its sources, each once.
fn causes(error: &dyn StdError) -> String {
    let mut messages: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !UNINFORMATIVE.contains(&&*text) && !messages.iter().any(|earlier| earlier.contains(&text)) {
            messages.push(text);
        }
        next = error.source();
    }
    messages.join(": ")
}

/// Succeeds if the resource to remove no longer exists.
pub fn ok_if_gone<T>(removed: Result<T, Failure>) -> Result<(), Failure> {
    match removed {
        Err(failure) if failure.is_not_found() => Ok(()),
        done => done.map(drop),
    }
}

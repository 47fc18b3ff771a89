//! What AWS answered when it refused, in words that say which call, on what, and what to do.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};

/// A call of AWS that did not do what it was for.
#[derive(Clone, Debug)]
pub struct Failure {
    kind: Kind,
    advice: Option<String>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// AWS answered.
    Answer {
        call: &'static str,
        on: String,
        code: String,
        message: String,
    },
    /// There was no answer, or none that could be read.
    NoAnswer {
        call: &'static str,
        on: String,
        cause: String,
        sent: bool,
    },
    /// No call failed; what came back is not what was to be.
    Own(String),
}

impl Failure {
    /// A failure without a call that failed: the message says what, where and what to do.
    pub fn own(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Own(message.into()),
            advice: None,
        }
    }

    /// The code AWS answered with, such as `ResourceNotFoundException`.
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            Kind::Answer { code, .. } => Some(code),
            _ => None,
        }
    }

    /// What AWS said to it.
    pub fn message(&self) -> &str {
        match &self.kind {
            Kind::Answer { message, .. } => message,
            _ => "",
        }
    }

    /// Whether what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        const CODES: [&str; 9] = [
            "NotFoundException",
            "ResourceNotFoundException",
            "NoSuchBucket",
            "NoSuchEntity",
            "NoSuchTagSet",
            "NoSuchPublicAccessBlockConfiguration",
            "QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue",
            "StreamNotFoundException",
        ];
        self.code().is_some_and(|code| CODES.contains(&code))
    }

    /// Whether AWS may have done what was asked although it failed here: there was no answer to a request that went out.
    pub fn is_uncertain(&self) -> bool {
        matches!(self.kind, Kind::NoAnswer { sent: true, .. })
    }

    /// The same failure, with what to do about it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn standing_advice(&self) -> Option<String> {
        match &self.kind {
            Kind::Answer { call, code, .. } => answer_advice(call, code),
            Kind::NoAnswer { cause, .. } => Some(no_answer_advice(cause).to_owned()),
            Kind::Own(_) => None,
        }
    }
}

fn answer_advice(call: &str, code: &str) -> Option<String> {
    let advice = match code {
        "AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "UnauthorizedOperation" => {
            format!("whoever runs this command needs the right {call}")
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "the credentials have expired: sign in again, for instance with `aws sso login`".to_owned()
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch" => {
            "the credentials are not valid here: look at the profile with `aws sts get-caller-identity`"
                .to_owned()
        }
        _ => return None,
    };
    Some(advice)
}

fn no_answer_advice(cause: &str) -> &'static str {
    if cause.contains("credential") || cause.contains("sso") {
        "give --profile, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in, for instance with `aws sso login`"
    } else {
        "look at the network, the region and the endpoint (--endpoint-url, AWS_ENDPOINT_URL)"
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Answer {
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
            Kind::NoAnswer { call, on, cause, .. } => write!(f, "{call} on {on}: {cause}")?,
            Kind::Own(message) => f.write_str(message)?,
        }
        let advice = self.advice.clone().or_else(|| self.standing_advice());
        advice.map_or(Ok(()), |advice| write!(f, "\n  {advice}"))
    }
}

impl StdError for Failure {}

/// Turns what the SDK returns into a [`Failure`] that says which call it was.
pub trait Told<T> {
    /// `call` is the right that the call takes, such as `lambda:AddPermission`; `on` says what was to be read or changed, such
    /// as `function orders`.
    fn told(self, call: &'static str, on: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E> Told<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    fn told(self, call: &'static str, on: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| Failure {
            kind: kind(&error, call, on.into()),
            advice: None,
        })
    }
}

fn kind<E>(error: &SdkError<E, HttpResponse>, call: &'static str, on: String) -> Kind
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    if let SdkError::ServiceError(answer) = error {
        let status = || format!("HTTP status {}", answer.raw().status().as_u16());
        return Kind::Answer {
            call,
            on,
            code: answer.err().code().map_or_else(status, str::to_owned),
            message: answer.err().message().unwrap_or_default().to_owned(),
        };
    }
    let connected = |error: &SdkError<E, HttpResponse>| match error {
        SdkError::ConstructionFailure(_) => false,
        // Credentials that were not to be had are such failures too.
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        _ => true,
    };
    let cause = causes(error);
    Kind::NoAnswer {
        call,
        on,
        sent: connected(error) && !cause.contains("credential"),
        cause,
    }
}

/// What the SDK says before it says what happened.
const EMPTY: [&str; 3] = ["dispatch failure", "io error", "other"];

/// What an error and those below it say, each once.
fn causes(error: &dyn StdError) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !EMPTY.contains(&&*text) && !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    said.join(": ")
}
/// What was to be removed is not there any more, whoever removed it.
pub fn gone<T>(removed: Result<T, Failure>) -> Result<(), Failure> {
    match removed {
        Err(failure) if failure.is_not_found() => Ok(()),
        done => done.map(drop),
    }
}

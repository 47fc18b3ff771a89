//! Errors, as problem documents of RFC 9457.

use crate::journal::{InvalidEntry, StoreError};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::borrow::Cow;
use switchboard::Failure;

/// How many bytes of a client's input are repeated in an answer.
const SHOWN: usize = 512;

/// The text as it is repeated in an answer: long text is cut.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if text.len() <= SHOWN {
        return Cow::Borrowed(text);
    }
    let end = (0..=SHOWN).rev().find(|&end| text.is_char_boundary(end));
    Cow::Owned(format!("{}…", &text[..end.unwrap_or_default()]))
}

/// A problem document and its status.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    /// The cause: the member's name and value.
    blame: Vec<(&'static str, Value)>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            blame: Vec::new(),
        }
    }

    pub(super) fn parameter(name: &str, problem: &str) -> Self {
        let name = shown(name);
        Self::new(
            StatusCode::BAD_REQUEST,
            format!("parameter `{}`: {problem}", name.escape_debug()),
        )
        .blame("parameter", name)
    }

    /// Adds the cause as a member.
    pub(super) fn blame(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.blame.push((name, value.into()));
        self
    }

    /// The journal cannot be read or written. The store's error is logged.
    pub(super) fn unhealthy(error: StoreError) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..error.into()
        }
    }

    /// The problem with the member `reason`, for programs.
    fn because(mut self, reason: &'static str) -> Self {
        self.blame.push(("reason", reason.into()));
        self
    }
}

impl From<InvalidEntry> for Problem {
    fn from(error: InvalidEntry) -> Self {
        let mut this = Self::new(StatusCode::BAD_REQUEST, shown(&error.to_string()));
        this.blame
            .extend(error.name().map(|name| ("attribute", shown(name).into())));
        this.blame
            .extend(error.index().map(|index| ("index", index.into())));
        this
    }
}

/// The store's error is logged; the client need not know where the journal is.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // The only failure that the client caused.
        if error.is_invalid_cursor() {
            return Self::parameter("cursor", &error.to_string());
        }
        let reason = error.reason();
        let status = match error.is_unsupported() {
            true => StatusCode::NOT_IMPLEMENTED,
            false => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let error = Failure::from(error);
        tracing::error!(%error, reason, "the journal failed");
        Self::new(status, message(reason)).because(reason)
    }
}

/// What the client gets for a [reason](StoreError::reason).
fn message(reason: &str) -> &'static str {
    match reason {
        "busy" => "the journal is busy; try again",
        "damaged" => "the requested entry or the journal is damaged",
        "full" => "the journal has no space left",
        "io" => "the disk or file system of the journal failed",
        "moved" => "the journal was deleted or replaced while it was open",
        "newer-schema" => "the journal was written by a newer release",
        "unsupported" => "the store of this journal cannot do that",
        "read-only" => "the journal can only be read",
        _ => "the journal cannot be read or written at the moment",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        for (name, value) in self.blame {
            body[name] = value;
        }
        (
            self.status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    }
}

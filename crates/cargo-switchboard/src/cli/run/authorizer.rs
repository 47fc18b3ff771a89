//! The Lambda authorizer of `run`: its options, and the function that answers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::setup::found;
use crate::Error;
use crate::compile::compile;
use lambda_sandbox::http::{AuthorizerPayload, AuthorizerSettings, IdentitySource, PayloadFormat};

/// The authorizer is the function itself.
const ITSELF: &str = "auto";

/// No identity source.
const NONE: &str = "none";

#[derive(Args)]
pub(in crate::cli) struct AuthorizerArgs {
    /// Ask a Lambda authorizer about every HTTP request: this binary of the package, or `auto`, the function itself
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = ITSELF, conflicts_with = "exit")]
    authorizer_function: Option<String>,
    /// Ask this executable, a Lambda authorizer, about every HTTP request; nothing is built for it
    #[arg(long, value_name = "PATH", conflicts_with_all = ["authorizer_function", "exit"])]
    authorizer_binary: Option<PathBuf>,
    /// What the authorizer gets [default: 2.0 of an HTTP API, request of a REST API]
    #[arg(long, value_enum, value_name = "FORMAT")]
    authorizer_payload: Option<AskedPayload>,
    /// Where the caller's identity is, as API Gateway spells it: without it, 401 and no call; may be repeated, and `none` calls the
    /// authorizer for every request [default: $request.header.Authorization]
    #[arg(long = "identity-source", value_name = "SOURCE", value_parser = source)]
    identity_sources: Vec<Option<IdentitySource>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum AskedPayload {
    /// The request, in format 2.0 of an HTTP API
    #[value(name = "2.0")]
    Version2,
    /// The request, in format 1.0 of an HTTP API
    #[value(name = "1.0")]
    Version1,
    /// The request, of a REST API
    Request,
    /// The value of one header, of a REST API
    Token,
}

impl AuthorizerArgs {
    /// How the authorizer is called, if there is one.
    ///
    /// # Errors
    /// If the gateway has no such authorizer, or there is none to configure.
    pub(super) fn settings(&self, format: PayloadFormat) -> Result<Option<AuthorizerSettings>, Error> {
        if self.authorizer_function.is_none() && self.authorizer_binary.is_none() {
            return match self.authorizer_payload.is_some() || !self.identity_sources.is_empty() {
                true => Err(Error::other(
                    "--authorizer-payload and --identity-source are of a Lambda authorizer; choose it with --authorizer-function",
                )),
                false => Ok(None),
            };
        }
        let mut settings = AuthorizerSettings::new(format)?;
        if !self.identity_sources.is_empty() {
            settings =
                settings.identity_sources(self.identity_sources.iter().flatten().cloned().collect())?;
        }
        match self.authorizer_payload {
            Some(payload) => Ok(Some(settings.payload(payload.into())?)),
            None => Ok(Some(settings)),
        }
    }

    /// The authorizer's executable; `None` if it is the function itself. A binary of the package is built.
    ///
    /// # Errors
    /// If the build fails, or there is no such executable.
    pub(super) async fn program(&self, cargo_args: &[String]) -> Result<Option<PathBuf>, Error> {
        match (&self.authorizer_binary, self.authorizer_function.as_deref()) {
            (Some(binary), _) => found(binary).map(Some),
            (None, None | Some(ITSELF)) => Ok(None),
            (None, Some(name)) => compile(Some(name), cargo_args).await.map(Some),
        }
    }
}

impl From<AskedPayload> for AuthorizerPayload {
    fn from(payload: AskedPayload) -> Self {
        match payload {
            AskedPayload::Version2 => AuthorizerPayload::Version2,
            AskedPayload::Version1 => AuthorizerPayload::Version1,
            AskedPayload::Request => AuthorizerPayload::Request,
            AskedPayload::Token => AuthorizerPayload::Token,
        }
    }
}

fn source(text: &str) -> Result<Option<IdentitySource>, String> {
    match text {
        NONE => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|error: lambda_sandbox::Error| error.to_string()),
    }
}

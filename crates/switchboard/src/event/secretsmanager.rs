//! Rotation of secrets in AWS Secrets Manager.
//!
//! Secrets Manager User Guide, “Lambda rotation functions”.

use super::{Delivery, Event};
use crate::source::Source;
use serde::Deserialize;

/// A step of a secret's rotation. Secrets Manager calls the function once for each, and may call it again for the same version: every
/// step has to be idempotent.
///
/// # Example
///
/// ```
/// use switchboard::event::{RotationStep, SecretRotation};
/// use switchboard::{Context, Failure, Router};
///
/// async fn rotate(rotation: SecretRotation, _cx: Context<()>) -> Result<(), Failure> {
///     match rotation.step {
///         RotationStep::CreateSecret => { /* put the new value, with the label AWSPENDING, unless it is there */ }
///         RotationStep::SetSecret => { /* set it in the database */ }
///         RotationStep::TestSecret => { /* log in with it */ }
///         RotationStep::FinishSecret => { /* move the label AWSCURRENT to it */ }
///     }
///     Ok(())
/// }
///
/// let router = Router::new(()).secret_rotation(rotate);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SecretRotation {
    /// What is to be done.
    pub step: RotationStep,
    /// The secret's ARN.
    pub secret_id: String,
    /// The version that is being made; the same in all four steps.
    pub client_request_token: String,
    /// Proves the identity of the caller where the secret's permissions ask for it.
    #[serde(default)]
    pub rotation_token: Option<String>,
}

/// What a rotation function is called for, in this order.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum RotationStep {
    /// Make the new version of the secret.
    CreateSecret,
    /// Set it where it is used.
    SetSecret,
    /// Try it.
    TestSecret,
    /// Make it the current version.
    FinishSecret,
}

/// One call per step; the answer is not read, but an error ends the rotation until it is tried again.
impl Event for SecretRotation {
    const SOURCES: &'static [Source] = &[Source::SecretsmanagerRotation];
    const DELIVERY: Delivery = Source::SecretsmanagerRotation.delivery();
    const ID: &'static [&'static str] = &["SecretId", "ClientRequestToken", "Step"];
    type Item = Self;
    type Reply = ();
}

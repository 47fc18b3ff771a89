//! Finds what loses events in a deployment before it happens.
//!
//! Templates and live functions are read into one model, which the rules check, so the same fault has the same code
//! everywhere. What is unknown before the deployment (a parameter without a default, a policy of another stack) is left
//! open; the rules never guess.
//!
//! In the order in which a deployment passes through:
//!
//! - `place`, `text`: positions in a file; names with unknown parts.
//! - `deployment`: the model.
//! - `template`: reads SAM and CloudFormation into the model.
//! - `live`: reads a deployed function into the model.
//! - `rules`: check the model for faults.
//! - `mend`: mends in a template what leaves no choice.
//! - `report`: findings as text, JSON, SARIF and annotations of a pull request.

mod place;
mod text;

mod deployment;
pub(crate) use deployment::{Deployment, Function, Nested, Unread};

mod template;
pub(crate) use template::load;

#[cfg(feature = "aws")]
mod live;
#[cfg(feature = "aws")]
pub(crate) use live::load as load_live;

mod rules;
pub(crate) use rules::{Finding, OF_ROUTES, Rule, Severity, check};

mod mend;
pub(crate) use mend::mend;

mod report;
pub(crate) use report::{DoctorReport, ReportFormat, Unchecked};

//! Finds what loses events in a deployment, before it does.
//!
//! A template and a live function are read into one model, at which the rules look, so that the same fault has the same
//! code wherever it is found. What cannot be known before the deployment (a parameter without a default, a policy of
//! another stack) is left open, and nothing is found by guess.
//!
//! In the order in which a deployment goes through them:
//!
//! - `place`, `text`: where something stands; names of which parts are not known.
//! - `deployment`: the model.
//! - `template`: SAM and CloudFormation into the model.
//! - `live`: what AWS answers about a function into the model.
//! - `rules`: the model into findings.
//! - `report`: findings as text, JSON and SARIF.

mod place;
mod text;

mod deployment;
pub(crate) use deployment::{Deployment, Function};

mod template;
pub(crate) use template::load;

#[cfg(feature = "aws")]
mod live;
#[cfg(feature = "aws")]
pub(crate) use live::load as load_live;

mod rules;
pub(crate) use rules::{Finding, OF_ROUTES, Severity, check};

mod report;
pub(crate) use report::{DoctorReport, ReportFormat, Unchecked};

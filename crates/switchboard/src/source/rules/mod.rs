//! Which clues make which source, from top to bottom: the first rule that holds decides.
//!
//! A rule asks for what the source's documentation says all its events carry and no relative's do, and for no
//! more, because people's test events leave much out. Above each stands the document it follows, the AWS Lambda
//! Developer Guide where no other is named. To teach detection a source: its keys into `clue.rs`, a rule here, a
//! payload into the tests.

mod rule;

mod settled;

mod records;

mod streams;

mod requests;

mod services;

mod partial;

mod partial_requests;

use super::packed::{Rule, rule};

#[cfg(fuzzing)]
pub(super) use rule::settling;
pub(super) use rule::{decide, may_settle, may_settle_by_text, settled};

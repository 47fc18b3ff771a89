//! The deployed function that is being read.

use crate::doctor::deployment::named;
use switchboard_aws::{Arn, Aws};

/// A deployed function, whose triggers and permissions are being read.
pub(super) struct LiveFunction<'a> {
    pub(super) aws: &'a Aws,
    /// The name without an alias.
    pub(super) name: String,
    /// The ARN with the alias that was asked for, which has its own policy and triggers.
    pub(super) arn: Arn,
    /// The alias or version that was asked for; empty for none.
    pub(super) qualifier: String,
}

impl LiveFunction<'_> {
    /// Whether `text` names this function, as the alias or version that was asked for.
    pub(super) fn is_meant(&self, text: &str) -> bool {
        let named = named(text);
        named.name == self.name && named.qualifier == self.qualifier
    }
}

//! The deployed function that is being read.

use switchboard_aws::{Arn, Aws};

/// A deployed function, whose triggers and permissions are being read.
pub(super) struct LiveFunction<'a> {
    pub(super) aws: &'a Aws,
    /// The name without an alias.
    pub(super) name: String,
    /// The ARN with the alias that was asked for, which has its own policy and triggers.
    pub(super) arn: Arn,
}

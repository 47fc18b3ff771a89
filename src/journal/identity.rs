//! What distinguishes an event from every other, in its source's terms.

use std::fmt;

/// The source's own identity of an event: the same at every delivery, and different for every other event.
///
/// # Example
///
/// ```
/// use switchboard_function::journal::Identity;
///
/// let identity = Identity::new(["kinesis", "arn:aws:kinesis:eu-west-1:123456789012:stream/s", "shardId-0:49"]);
/// assert_ne!(identity, Identity::new(["kinesis", "arn:aws:kinesis:eu-west-1:123456789012:stream/s shardId-0:49"]));
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Identity(String);

impl Identity {
    /// Makes an identity from its parts, which may have any content: different parts make a different identity.
    #[must_use]
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let parts: Vec<&str> = parts.into_iter().collect();
        // As JSON, because parts may contain any separator.
        Self(serde_json::to_string(&parts).expect("strings are always valid JSON"))
    }

    /// An `id` for an event whose source gives none: a hash of the identity. If two identities have the same hash, the
    /// store keeps both events.
    #[must_use]
    pub fn to_id(&self) -> String {
        format!("{:016x}", stable_hash(&self.0))
    }

    /// The identity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// FNV-1a: the same on every machine and in every release, which is all that is needed.
pub(crate) fn stable_hash(text: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

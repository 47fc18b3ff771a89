//! Names and tags that identify the resources this command created.

use sha2::{Digest as _, Sha256};

use super::Function;

/// The tag of taggable resources. Its value is the function's ARN, with its alias.
pub(super) const TAG: &str = "switchboard:function";

/// A distinct name for each trigger that is the same in each run: `switchboard-s3-0a1b2c3d4e`.
pub(super) fn mark(kind: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // A separator keeps adjacent parts apart.
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let hex: String = hash.finalize()[..5]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("switchboard-{kind}-{hex}")
}

/// Whether [`mark`] makes names like this for this kind of trigger.
pub(super) fn is_mark(kind: &str, name: &str) -> bool {
    let hex = name
        .strip_prefix("switchboard-")
        .and_then(|rest| rest.strip_prefix(kind)?.strip_prefix('-'));
    hex.is_some_and(|hex| hex.len() == 10 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether these tags mark a resource that this command created for this function.
pub(super) fn is_ours<'a>(
    function: &Function,
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> bool {
    let target = function.target();
    tags.into_iter()
        .any(|(key, value)| key == TAG && *value == target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_depends_on_its_parts_only() {
        assert_eq!(mark("s3", &["a", "b"]), mark("s3", &["a", "b"]));
        assert_ne!(mark("s3", &["a", "b"]), mark("s3", &["ab", ""]));
        assert!(is_mark("s3", &mark("s3", &["a"])));
        assert!(!is_mark("s3", &mark("events", &["a"])) && !is_mark("s3", "switchboard-s3-mine"));
    }
}

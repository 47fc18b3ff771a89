//! The keys of items: limited in length, and spread over the partitions of an index.

use crate::journal::identity::stable_hash;
use crate::journal::position::head;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// How many partitions of an index entries or resources are spread over. Part of the table's layout.
pub(super) const PARTITIONS: u64 = 4;

/// How many bytes a part of a key may have: two of them and a prefix fit a partition key (2,048 bytes), one with a time
/// and a hash fits a sort key (1,024 bytes).
const KEY_BYTES: usize = 900;

/// How many bytes of a longer text come before its hash.
const HEAD_BYTES: usize = 800;

/// The text, or its beginning and a hash of all of it. It is equal only for equal texts, and short enough for a key.
pub(super) fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= KEY_BYTES {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…{}", head(text, HEAD_BYTES), hash(&[text])))
}

/// The key of the entry with this source and id. A source never has a space.
pub(super) fn entry(source: &str, id: &str) -> String {
    format!("entry#{} {}", bounded(source), bounded(id))
}

/// The prefix of the keys of a document's parts, which their numbers follow. Another event with the same id, and
/// another document of the same event, have parts of their own. Older releases wrote no hash of the document.
pub(super) fn parts(source: &str, id: &str, identity: &str, digest: Option<&str>) -> String {
    let of = [source, id, identity].map(bounded);
    let of = of.iter().map(AsRef::as_ref).chain(digest);
    format!("part#{}#", hash(&of.collect::<Vec<&str>>()))
}

/// The key of a resource.
pub(super) fn resource(urn: &str) -> String {
    format!("resource#{}", bounded(urn))
}

/// The partition of an index for the item with this key.
pub(super) fn partition(group: &str, key: &str) -> String {
    numbered(group, stable_hash(key) % PARTITIONS)
}

/// All partitions of a group.
pub(super) fn partitions(group: &str) -> Vec<String> {
    (0..PARTITIONS).map(|number| numbered(group, number)).collect()
}

fn numbered(group: &str, number: u64) -> String {
    format!("{group}#{number}")
}

/// The group of all entries.
pub(super) const ENTRIES: &str = "entries";

/// The group of all resources.
pub(super) const RESOURCES: &str = "resources";

/// The group of a source's entries.
pub(super) fn of_source(source: &str) -> String {
    format!("source#{}", bounded(source))
}

/// The group of a type's resources.
pub(super) fn of_type(resource_type: &str) -> String {
    format!("type#{}", bounded(resource_type))
}

/// The single partition of a subject's entries.
pub(super) fn of_subject(subject: &str) -> String {
    format!("subject#{}", bounded(subject))
}

/// A hash of texts, which depends on how they are divided.
pub(super) fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_fit_and_distinguish_all_texts(a in "[aü𝄞]{0,400}", b in "[aü𝄞]{0,400}", tail in "[ab]{0,3}") {
            prop_assert!(bounded(&a).len() <= KEY_BYTES);
            prop_assert_eq!(bounded(&a) == bounded(&b), a == b);
            let longer = format!("{a}{tail}");
            prop_assert_eq!(bounded(&a) == bounded(&longer), tail.is_empty());
            prop_assert!(entry(&a, &b).len() <= 2048);
            // A partition key of two attributes is as long as both of them.
            let first = of_source(&a).len().max(of_subject(&a).len()) + "#0".len();
            prop_assert!(first + bounded(&b).len() <= 2048);
            // What is bounded already stays as it is, so that it can be compared again.
            let bound = bounded(&a);
            prop_assert_eq!(bounded(&bound), bound.clone());
        }
    }
}

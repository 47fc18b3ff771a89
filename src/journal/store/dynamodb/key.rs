//! The keys of items: bounded, and spread over the partitions of an index.

use crate::journal::identity::stable_hash;
use crate::journal::position::head;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// How many partitions an index spreads its entries, or resources, over. Part of the table's layout.
pub(super) const PARTITIONS: u64 = 4;

/// What a part of a key holds, in bytes: two of them and a prefix fit a partition key (2,048), one with a time and a hash a
/// sort key (1,024).
const KEY_BYTES: usize = 900;

/// How much of a longer text stands before its hash, in bytes.
const HEAD_BYTES: usize = 800;

/// The text, or its beginning and a hash of all of it: equal for equal texts only, and as short as keys have to be.
pub(super) fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= KEY_BYTES {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…{}", head(text, HEAD_BYTES), hash(&[text])))
}

/// The key of the entry with this source and id. No source holds a space.
pub(super) fn entry(source: &str, id: &str) -> String {
    format!("entry#{} {}", bounded(source), bounded(id))
}

/// What the keys of the parts of an entry's document begin with: their numbers follow. Another event of the same id, and
/// another document of the same event, have parts of their own. Older releases wrote no digest of the document.
pub(super) fn parts(source: &str, id: &str, identity: &str, digest: Option<&str>) -> String {
    let of = [source, id, identity].map(bounded);
    let of = of.iter().map(AsRef::as_ref).chain(digest);
    format!("part#{}#", hash(&of.collect::<Vec<&str>>()))
}

/// The key of a resource.
pub(super) fn resource(urn: &str) -> String {
    format!("resource#{}", bounded(urn))
}

/// The partition of an index that the item with this key is in.
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

/// The partition of a subject's entries: there is one for each.
pub(super) fn of_subject(subject: &str) -> String {
    format!("subject#{}", bounded(subject))
}

/// The hash of texts: of other texts, and of the same that are divided otherwise, it is another.
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
        fn keys_fit_and_tell_all_texts_apart(a in "[aü𝄞]{0,400}", b in "[aü𝄞]{0,400}", tail in "[ab]{0,3}") {
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

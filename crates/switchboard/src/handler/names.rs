//! The names of records in a partial answer. They are stored compactly, because there may be very many.

use super::MAX_REPLY;
use serde::ser::{SerializeSeq as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

/// The least that surrounds a name in an answer: `{"itemIdentifier":""},`.
const AROUND_ID: usize = 22;

/// The same for a partition and an offset: `{"itemIdentifier":{"partition":"","offset":0}},`.
const AROUND_OFFSET: usize = 47;

/// Ids of records, in the order of the batch.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Ids {
    /// The ids, concatenated.
    text: String,
    /// Where each id ends.
    ends: Vec<usize>,
}

impl Ids {
    pub(crate) fn one(id: &str) -> Self {
        let mut ids = Self::default();
        ids.push(id);
        ids
    }

    pub(crate) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether the ids fit into an answer.
    pub(crate) fn fit(&self) -> bool {
        self.text.len() + self.len() * AROUND_ID <= MAX_REPLY
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }
}

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Identified))
    }
}

/// Records of a Kafka topic by their offsets, grouped by partition, in the order of the batch.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Offsets {
    partitions: Vec<Partition>,
    size: usize,
}

/// The partition (the topic, a dash, and the partition's number: the records' key in the event) and the offsets.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Partition {
    name: String,
    offsets: Vec<i64>,
}

impl Offsets {
    /// Adds a record, unless it equals the last one.
    pub(crate) fn push(&mut self, partition: String, offset: i64) {
        let size = partition.len() + AROUND_OFFSET;
        match self.partitions.last_mut() {
            Some(last) if last.name == partition => match last.offsets.last() {
                Some(same) if *same == offset => return,
                _ => last.offsets.push(offset),
            },
            _ => self.partitions.push(Partition {
                name: partition,
                offsets: vec![offset],
            }),
        }
        self.size += size;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    /// Whether the records fit into an answer.
    pub(crate) fn fit(&self) -> bool {
        self.size <= MAX_REPLY
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Offset<'_>> {
        self.partitions.iter().flat_map(|Partition { name, offsets }| {
            offsets.iter().map(move |offset| Offset {
                partition: name,
                offset: *offset,
            })
        })
    }
}

impl Serialize for Offsets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for offset in self.iter() {
            list.serialize_element(&Identified(offset))?;
        }
        list.end()
    }
}

/// A record of a Kafka topic.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Offset<'o> {
    pub(crate) partition: &'o str,
    pub(crate) offset: i64,
}

/// An element of `batchItemFailures`.
struct Identified<T>(T);

impl<T: Serialize> Serialize for Identified<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut failure = serializer.serialize_struct("BatchItemFailure", 1)?;
        failure.serialize_field("itemIdentifier", &self.0)?;
        failure.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(names: &impl Serialize) -> String {
        serde_json::to_string(names).unwrap()
    }

    #[test]
    fn they_are_written_as_sources_take_them() {
        let mut ids = Ids::one("a");
        ids.push("");
        ids.push("b\"");
        assert_eq!((ids.len(), Vec::from_iter(ids.iter())), (3, vec!["a", "", "b\""]));
        assert_eq!(
            written(&ids),
            r#"[{"itemIdentifier":"a"},{"itemIdentifier":""},{"itemIdentifier":"b\""}]"#
        );
        let mut offsets = Offsets::default();
        for (partition, offset) in [("t-0", 7), ("t-0", 7), ("t-0", 8), ("t-1", 8)] {
            offsets.push(partition.to_owned(), offset);
        }
        assert_eq!(offsets.iter().count(), 3);
        assert!(written(&offsets).starts_with(r#"[{"itemIdentifier":{"partition":"t-0","offset":7}},"#));
    }

    /// Without what needs more room than that: escapes, long numbers.
    #[test]
    fn what_fits_is_what_is_written() {
        let (mut ids, mut offsets) = (Ids::default(), Offsets::default());
        for number in 0..9 {
            ids.push("id");
            offsets.push("t-0".to_owned(), number);
        }
        assert_eq!(written(&ids).len() - 1, ids.text.len() + ids.len() * AROUND_ID);
        assert_eq!(written(&offsets).len() - 1, offsets.size);
    }
}

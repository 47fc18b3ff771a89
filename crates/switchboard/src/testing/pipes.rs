//! Batches of EventBridge Pipes: a bare list of records. EventBridge User Guide, “Amazon EventBridge Pipes batching and
//! concurrency”.

use serde_json::{Value, json};

/// The records of an event, as Lambda or as Pipes delivers them.
pub(super) fn bare_list(bare: bool, records: &[Value]) -> Value {
    match bare {
        true => records.into(),
        false => json!({"Records": records}),
    }
}

/// The method of events that pipes read from their source.
macro_rules! piped {
    ($builder:ident) => {
        impl $builder {
            /// The batch as EventBridge Pipes delivers it, to its enrichment and to its target alike: a bare list.
            #[must_use]
            pub fn in_pipe(mut self) -> Self {
                self.bare = true;
                self
            }
        }
    };
}

pub(super) use piped;

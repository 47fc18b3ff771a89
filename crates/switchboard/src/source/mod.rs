//! Which event source sent the payload, and the evidence.
//!
//! [`detect`] reads the raw bytes once. `survey` walks over them with `scan`'s cursor (and `block`, which skips
//! everything unimportant 64 bytes at a time) and notes the `clue`s that it finds. `facts` has one row for each source
//! with all that is known of it, including the clues that identify it, expressed as a `test`. `rules` tries these;
//! `evidence` describes them in words; and `unknown` gives the reason if no rule holds. `records` then splits a batch
//! into its records, `parts` finds a few values in one, and `normal` converts a value to the one `spelling` by which it
//! is compared. `fingerprint` computes a number from the content.

mod detect;
mod name;

mod facts;
mod rules;

mod test;

mod clue;
mod clues;
mod keys;
mod survey;

mod block;
mod marks;
mod scan;
mod tail;

mod check;
mod packed;

mod evidence;
mod unknown;

mod outline;
mod place;
mod records;

mod fingerprint;
#[cfg(feature = "idempotency")]
mod normal;
mod parts;
#[cfg(feature = "idempotency")]
mod spelling;

#[cfg(fuzzing)]
pub use detect::is_of_several;
pub(crate) use detect::source_of;
pub use detect::{Detected, detect};
#[cfg(feature = "http")]
pub(crate) use facts::RequestForm;
pub use facts::{Delivery, Embedded, Invoker};
pub(crate) use facts::{MAX_REPLY, NameKind, ReplyForm, TextForm};
#[cfg(feature = "otel")]
pub(crate) use facts::{Messages, RecordPaths, RequestPaths, Trigger};
pub use fingerprint::Fingerprint;
pub(crate) use marks::string_mark;
pub use name::{Source, UnknownSourceName};
#[cfg(feature = "idempotency")]
pub(crate) use normal::normal;
#[cfg(all(test, feature = "dynamodb", feature = "idempotency"))]
pub(crate) use normal::tests::nested;
pub(crate) use outline::{Elements, Entries};
pub(crate) use parts::{first_part, parts};
pub(crate) use place::path_at;
pub(crate) use records::{Cut, Records, is_bare, key_text, records};
#[cfg(feature = "idempotency")]
pub(crate) use spelling::Spelling;

#[cfg(test)]
mod tests;

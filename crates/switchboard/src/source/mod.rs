//! Which event source composed the payload, and what gives it away.
//!
//! [`detect`] takes one look at the raw bytes: `survey` walks over them with `scan`'s cursor (and `block`, which
//! skips what is of no interest 64 bytes at a time) and notes the `clue`s on its way; `facts`, which has one row for each
//! source with all that is known of it, says by which clues a source is identified, in terms of `test`; `rules` tries them; `evidence` puts them in words, and `unknown` the reason where no rule holds.
//! `records` then cuts a batch into its records, `parts` finds a few values in one, and `normal` gives a value the
//! one `spelling` it is compared by; `fingerprint` makes a number of what it says.

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
pub(crate) use facts::{MAX_REPLY, ReplyForm};
#[cfg(feature = "otel")]
pub(crate) use facts::{Messages, Record, Request, Trigger};
pub use fingerprint::Fingerprint;
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

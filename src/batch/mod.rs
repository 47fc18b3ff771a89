//! Records one by one: reading, outcomes, lanes, the deadline, and the answer their source's contract asks for.

mod deliver;
mod tally;

mod run;

mod clock;
mod item;
mod walk;

pub(crate) use deliver::deliver;
#[cfg(feature = "http")]
pub(crate) use item::panic_message;

//! Records one by one: reading, outcomes, and the answer their source's contract asks for.

mod deliver;
mod item;

pub(crate) use deliver::deliver;
#[cfg(feature = "http")]
pub(crate) use item::panic_message;

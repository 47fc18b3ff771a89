//! Records one by one: reading, outcomes, lanes, the deadline, and the answer that the source's contract asks for.

mod deliver;

#[cfg(feature = "durable")]
mod durably;

mod run;

mod lanes;
mod open;
mod outcomes;
mod pass;

mod bulk;

#[cfg(feature = "idempotency")]
mod memo;

mod window;

mod enrichment;
mod stream;

mod clock;
mod cursor;
mod item;

mod answer;
mod results;

#[cfg(feature = "testing")]
mod watched;

pub(crate) use bulk::deliver as deliver_batch;
#[cfg(feature = "testing")]
pub(crate) use bulk::single;
pub use bulk::{Batch, Outcome, Pending};
pub(crate) use deliver::{deliver_records, deliver_unread, deliver_whole};
#[cfg(feature = "durable")]
pub(crate) use durably::deliver_durably;
pub(crate) use enrichment::deliver as deliver_enrichment;
pub(crate) use item::reading;
pub(crate) use stream::deliver as deliver_stream;
pub(crate) use window::deliver as deliver_window;
pub use window::{Window, Windowed};

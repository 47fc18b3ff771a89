//! Changes in the table of orders, with both images of an item as an `Order`.

use crate::app::{App, Order};
use switchboard::{Change, ChangeKind, Context, Failure};

pub(crate) async fn on_change(change: Change<Order>, cx: Context<App>) -> Result<(), Failure> {
    match (change.kind, change.old, change.new) {
        (ChangeKind::Modify, Some(old), Some(new)) if old.cents != new.cents => {
            cx.state()
                .note(format!("{} costs {} instead of {}", new.id, new.cents, old.cents));
        }
        (ChangeKind::Remove, Some(old), _) => cx.state().note(format!("{} is gone", old.id)),
        _ => {}
    }
    Ok(())
}

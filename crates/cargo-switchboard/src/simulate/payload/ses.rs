//! Mail that Amazon SES receives.

use serde_json::Value;
use switchboard::testing::Ses;

use super::Item;

pub(in crate::simulate) fn event(items: &[Item]) -> Value {
    let mail = |item: &Item| {
        let mail = Ses::mail("sender@example.com", "simulated@example.org");
        mail.id(&item.record.identifier).subject(&item.text())
    };
    items
        .iter()
        .map(|item| item.made(mail).into())
        .next()
        .unwrap_or_default()
}

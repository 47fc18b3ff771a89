//! A journal's table on an emulator of DynamoDB.

pub(crate) use switchboard_test_support::emulator::{client, create_table, variable};

/// Makes a table for a journal, as `template.yaml` does.
pub(crate) async fn journal_table(name: &str) {
    let indexes = [
        ("gsi1", &["gsi1pk"][..]),
        ("gsi2", &["gsi2pk"]),
        ("gsi3", &["gsi3pk"]),
        ("gsi4", &["gsi1pk", "type"]),
        ("gsi5", &["gsi2pk", "type"]),
        ("gsi6", &["gsi3pk", "source"]),
        ("gsi7", &["gsi3pk", "type"]),
    ];
    create_table(name, "pk", &indexes, "position").await;
}

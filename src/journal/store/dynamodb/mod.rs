//! The store on AWS: one DynamoDB table.
//!
//! # Items
//!
//! The table has the partition key `pk` and three indexes (`gsi1`, `gsi2`, `gsi3`) that hold whole items, each with the
//! partition key of its name (`gsi1pk` …) and the sort key `position`. All of these are strings.
//!
//! | item | `pk` | `gsi1pk` | `gsi2pk` | `gsi3pk` | `position` |
//! |---|---|---|---|---|---|
//! | entry | `entry#<source> <id>` | `entries#<n>` | `source#<source>#<n>` | `subject#<subject>` | [`Position`](crate::journal::Position): time, then id |
//! | part of a document that is too large for its entry's item | `part#<hash of the entry and its document>#<k>` | | | | |
//! | state of a resource | `resource#<urn>` | `resources#<n>` | `type#<type>#<n>` | | `<urn>` |
//!
//! `<n>` is 0 to 3, by a hash of `pk`: a partition of an index takes 1,000 writes a second, so that the journal takes 4,000
//! entries a second, and one subject 1,000. What is too long for a key is cut, and a hash of it added. `expires` is for
//! DynamoDB's time to live; states have none.
//!
//! # Access patterns
//!
//! | question | call |
//! |---|---|
//! | an entry by source and id | `GetItem` |
//! | the state of a resource | `GetItem` |
//! | entries by time | `Query` of `gsi1`, each `<n>` |
//! | entries of a source by time | `Query` of `gsi2`, each `<n>` |
//! | entries of a subject, which is what a resource is called within its source, by time | `Query` of `gsi3` |
//! | resources by name, of a type or all | `Query` of `gsi2` or `gsi1`, each `<n>` |
//!
//! # Guarantees
//!
//! Entries and parts are inserted where no item has their key (`INSERT` of PartiQL, 25 in a call): no call that writes them
//! can put anything over an item, and the function needs no right to. States alone are put (`PutItem`), under keys that begin
//! with `resource#`, to which its right is confined.
//!
//! An entry is written before the state it brings about, and a state only over one of a smaller order. Whatever fails or
//! stops in between, the batch is appended again and finds what is there: nothing is lost, nothing is kept twice. Single
//! answers are read consistently; lists may lag a moment behind, as DynamoDB's indexes do.

mod append;
mod bulk;
mod connection;
mod health;
mod insert;
mod item;
mod key;
mod query;
mod read;

#[cfg(test)]
mod tests;

pub use connection::Dynamodb;

//! The store on AWS: one DynamoDB table.
//!
//! # Items
//!
//! All attributes that are keys are strings. The table has the partition key `pk`.
//!
//! | item | `pk` | `gsi1pk` | `gsi2pk` | `gsi3pk` | `position` |
//! |---|---|---|---|---|---|
//! | entry | `entry#<source> <id>` | `entries#<n>` | `source#<source>#<n>` | `subject#<subject>` | [`Position`](crate::journal::Position): time, then id |
//! | part of a document that is too large for its entry's item | `part#<hash of the entry and its document>#<k>` | | | | |
//! | state of a resource | `resource#<urn>` | `resources#<n>` | `type#<type>#<n>` | | `<urn>` |
//!
//! `<n>` is 0 to 3, by a hash of `pk`: a partition of an index takes 1,000 writes a second, so that the journal takes 4,000
//! entries a second, and one subject 1,000. What is too long for a key is cut, and a hash of it added. `expires` is for
//! DynamoDB's time to live; states have none. An entry has its `source` and `type` as attributes, too.
//!
//! # Indexes
//!
//! Each holds whole items, sorted by `position`.
//!
//! | index | partition key | question | calls |
//! |---|---|---|---|
//! | `gsi1` | `gsi1pk` | entries by time; resources by name | 4, one for each `<n>` |
//! | `gsi2` | `gsi2pk` | of a source; resources of a type | 4 |
//! | `gsi3` | `gsi3pk` | of a subject, which is what a resource is called within its source | 1 |
//! | `gsi4` | `gsi1pk`, `type` | of a type | 4 |
//! | `gsi5` | `gsi2pk`, `type` | of a source and a type | 4 |
//! | `gsi6` | `gsi3pk`, `source` | of a source and a subject | 1 |
//! | `gsi7` | `gsi3pk`, `type` | of a type and a subject | 1 |
//!
//! The last four have a partition key of two attributes, which are an entry's own: nothing has to be composed, so nothing can be taken for
//! something else, and entries of older releases stand in them as soon as the table has them. A table may be without any of the four. What
//! it has answers then, and the function says so once in its log.
//!
//! With all three filters each pair of them is asked for a page, until one has it; if none has, the one that came farthest, which is the
//! rarest, goes on, and the third filter is a filter expression. (An index of all three could refuse entries: a partition key has 2,048
//! bytes, all of its attributes together.)
//!
//! An entry by source and id, and the state of a resource, are one `GetItem` each.
//!
//! # Write units
//!
//! A write takes one unit for each KB of the item that it begins, in the table and again in each index that the item stands in. An entry
//! of up to 1 KB with a subject stands in all seven and takes 8 units (4 with the first three indexes), one without in `gsi1`, `gsi2`,
//! `gsi4` and `gsi5` and takes 5 (3). A state stands in two and takes 3.
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
mod indexes;
mod insert;
mod item;
mod key;
mod query;
mod read;

#[cfg(test)]
mod query_tests;
#[cfg(test)]
mod tests;

pub use connection::Dynamodb;

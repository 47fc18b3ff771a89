//! The store on AWS: one DynamoDB table.
//!
//! # Items
//!
//! All key attributes are strings. The table has the partition key `pk`.
//!
//! | item | `pk` | `gsi1pk` | `gsi2pk` | `gsi3pk` | `position` |
//! |---|---|---|---|---|---|
//! | entry | `entry#<source> <id>` | `entries#<n>` | `source#<source>#<n>` | `subject#<subject>` | [`Position`](crate::journal::Position): time, then id |
//! | part of a document that is too large for its entry's item | `part#<hash of the entry and its document>#<k>` | | | | |
//! | state of a resource | `resource#<urn>` | `resources#<n>` | `type#<type>#<n>` | | `<urn>` |
//! | log of arrivals: the number of its last slot | `arrivals#<log>` | | | | |
//! | slot of a log: the keys of the entries that arrived in it | `arrival#<log>#<number>` | | | | |
//!
//! `<n>` is 0 to 3, by a hash of `pk`: a partition of an index accepts 1,000 writes per second, so the journal accepts
//! 4,000 entries per second, and 1,000 for one subject. Values that are too long for a key are cut and end with a hash.
//! `expires` is for DynamoDB's time to live; states, logs and closed slots do not have it. An entry also has its
//! `source` and `type` as attributes.
//!
//! # Indexes
//!
//! Each index has whole items, sorted by `position`.
//!
//! | index | partition key | query | calls |
//! |---|---|---|---|
//! | `gsi1` | `gsi1pk` | entries by time; resources by name | 4, one for each `<n>` |
//! | `gsi2` | `gsi2pk` | of a source; resources of a type | 4 |
//! | `gsi3` | `gsi3pk` | of a subject, which is what a resource is called within its source | 1 |
//! | `gsi4` | `gsi1pk`, `type` | of a type | 4 |
//! | `gsi5` | `gsi2pk`, `type` | of a source and a type | 4 |
//! | `gsi6` | `gsi3pk`, `source` | of a source and a subject | 1 |
//! | `gsi7` | `gsi3pk`, `type` | of a type and a subject | 1 |
//!
//! The last four have a partition key of two attributes of the entry. Nothing is composed, so nothing can be ambiguous,
//! and entries of older releases are in these indexes as soon as the table has them. A table may lack any of the four.
//! Another index then answers, and the function logs this once.
//!
//! For all three filters, each pair of them is queried for one page, until one of them fills it. If none does, the
//! query that came farthest, which has the rarest pair, continues, and the third filter is a filter expression. (An
//! index of all three could refuse entries: a partition key may have 2,048 bytes for all of its attributes together.)
//!
//! An entry by source and id, and the state of a resource, take one `GetItem` each.
//!
//! # Arrivals
//!
//! There are four logs, so that the journal accepts 4,000 appends per second. An append chooses one at random and takes
//! as many slots as it needs (`UpdateItem` adds to the number of the last slot), one for each transaction. A
//! transaction (`ExecuteTransaction`) inserts up to 99 entries and the slot that names them: all or nothing. So every
//! existing entry is in a log exactly once. An entry that existed before cancels the transaction, which is retried
//! without it.
//!
//! A follower has a position in each log; together they are the cursor. It reads the slots after its positions
//! (`BatchGetItem`, consistent), then the entries. Items of a transaction become visible one after the other, so a
//! seemingly missing entry is read together with its slot (`TransactGetItems`): an entry that is missing then was
//! deleted, or has expired.
//!
//! An assigned but empty slot is a gap: its transaction is running, or its writer was stopped, or frozen by Lambda,
//! which may thaw it hours later. A follower stops before a gap. If later slots of the log are older than ten seconds,
//! the follower closes the gap by inserting the slot without names. Of the two insertions one is first, and DynamoDB
//! refuses the other. A writer whose slot is closed takes another one, after everything that followers have seen. So
//! neither clocks nor durations decide what a follower gets, but only when: nothing is ever inserted before a cursor.
//!
//! Slots expire with their entries. A follower that starts before expired slots closes them, too, 25 in a call. Closed
//! slots have no names, and stay.
//!
//! # Write units
//!
//! A write takes one unit per KB of the item, in the table and again in each index that has the item. In a transaction
//! the table's part counts twice, because it is prepared and committed. (Indexes are written once, after that.) An
//! entry of up to 1 KB with a subject is in all seven indexes and takes 9 units (5 with the first three indexes); one
//! without a subject is in `gsi1`, `gsi2`, `gsi4` and `gsi5` and takes 6 (4). A state is in two and takes 3. Each
//! append adds 1 for its log, and each transaction 2 per KB of names. So a single entry takes 3 more, 12 in total; of
//! 99 entries together, with names of 100 bytes, each takes 9.2. A single redelivered entry takes 1 for the log, 1 for
//! the slot that is closed, and what DynamoDB charges for a cancelled transaction.
//!
//! # Guarantees
//!
//! Entries, slots and parts are inserted only if their key does not exist (PartiQL `INSERT`): no call that writes them
//! can overwrite an item, and the function does not need that right. Only states are put (`PutItem`), under keys that
//! begin with `resource#`, and only logs are updated (`UpdateItem`), under keys that begin with `arrivals#`. The
//! function's rights are limited to these.
//!
//! An entry is written before the state that it causes, and a state replaces only one with a smaller order. If anything
//! fails or stops in between, the batch is appended again and completed: nothing is lost, and nothing is stored twice.
//! Single items are read consistently. Lists may be a moment behind, like DynamoDB's indexes.

mod append;
mod bulk;
mod connection;
mod follow;
mod health;
mod indexes;
mod insert;
mod item;
mod key;
mod lane;
mod log;
mod place;
mod query;
mod read;
mod transact;

#[cfg(test)]
mod follow_tests;
#[cfg(test)]
mod query_tests;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use connection::Dynamodb;

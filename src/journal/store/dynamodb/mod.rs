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
//! | log of arrivals: the number of its last slot | `arrivals#<log>` | | | | |
//! | slot of a log: the keys of the entries that arrived in it | `arrival#<log>#<number>` | | | | |
//!
//! `<n>` is 0 to 3, by a hash of `pk`: a partition of an index takes 1,000 writes a second, so that the journal takes 4,000
//! entries a second, and one subject 1,000. What is too long for a key is cut, and a hash of it added. `expires` is for
//! DynamoDB's time to live; states, logs and closed slots have none. An entry has its `source` and `type` as attributes, too.
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
//! # Arrivals
//!
//! There are four logs, so that the journal takes 4,000 appends a second. An append takes one of them by chance and as many slots of it as
//! it needs (`UpdateItem` adds to the number of the last), one for each transaction. A transaction (`ExecuteTransaction`) inserts up
//! to 99 entries and the slot that names them: all of it, or nothing. So an entry that is there is in a log, once. An entry that
//! was there before cancels the transaction, which is tried again without it.
//!
//! Whoever follows has a place in each log, which together are the cursor, and reads the slots behind it (`BatchGetItem`, consistent),
//! then the entries. Items of a transaction become visible one before the other, so an entry that seems to be missing is asked for
//! together with its slot (`TransactGetItems`): what is missing then was deleted, or has expired.
//!
//! A slot that was given out and is empty is a gap: its transaction is under way, or its writer was stopped, or frozen by Lambda, which may
//! thaw it after hours. A follower stops before a gap. If what came after it in the log is older than ten seconds, the follower closes it:
//! it inserts the slot without names. One of the two insertions comes first, and DynamoDB refuses the other; a writer whose slot is
//! closed takes another, behind all that was handed out. So neither clocks nor the time that anything takes decide what a follower
//! gets, but only how soon: nothing is ever inserted before a cursor.
//!
//! Slots expire with their entries. Who begins behind expired ones closes them, too, 25 in a call: closed slots have no names, and stay.
//!
//! # Write units
//!
//! A write takes one unit for each KB of the item that it begins, in the table and again in each index that the item stands in. In a
//! transaction the table's part counts twice: it is prepared and committed. (Indexes are written after that, once.) An entry
//! of up to 1 KB with a subject stands in all seven and takes 9 units (5 with the first three indexes), one without in `gsi1`, `gsi2`,
//! `gsi4` and `gsi5` and takes 6 (4). A state stands in two and takes 3. For each append there is 1 for its log, and for each transaction 2
//! for each KB of names. So an entry alone takes 3 more, 12; of 99 together, with names of 100 bytes, each takes 9.2. What comes again
//! alone takes 1 for the log, 1 for the slot that is closed, and what DynamoDB counts for a transaction that it cancels.
//!
//! # Guarantees
//!
//! Entries, slots and parts are inserted where no item has their key (`INSERT` of PartiQL): no call that writes them
//! can put anything over an item, and the function needs no right to. States alone are put (`PutItem`), under keys that begin
//! with `resource#`, and logs alone are updated (`UpdateItem`), under keys that begin with `arrivals#`: its rights are confined to these.
//!
//! An entry is written before the state it brings about, and a state only over one of a smaller order. Whatever fails or
//! stops in between, the batch is appended again and finds what is there: nothing is lost, nothing is kept twice. Single
//! answers are read consistently; lists may lag a moment behind, as DynamoDB's indexes do.

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

//! The journal's HTTP API, for REST and HTTP APIs, function URLs and ALB alike.
//!
//! | request | answer |
//! |---|---|
//! | `GET /events` | entries by `time`, the oldest first, as `application/cloudevents-batch+json`; one without `time` stands where it was appended. Filters: `source`, `type`, `subject` (exactly), `since` (inclusive), `until` (exclusive), both RFC 3339, on `time` |
//! | `GET /events?after=…` | entries in the order of their arrival: `after=0` from the first on, then what `Link` has as `rel="next"`, which is always there; nothing is ever inserted before it. `Retry-After` if nothing more is there yet. Filters: `source`, `type`, `subject` |
//! | `GET /events`, `Accept: text/event-stream` | the same as server-sent events, up to what is there: the client connects again and says by `Last-Event-ID` what was last |
//! | `GET /events/{source}/{id}` | one entry, as `application/cloudevents+json` |
//! | `POST /events` | appends CloudEvents in binary, structured or batch mode. One: 201 with `Location`, or 200 if it was there. A batch: nothing is appended unless all of it is valid; 201, or 200 if none is new, and how many were `appended` and `duplicates`. What failed may be posted again: nothing is kept twice |
//! | `GET /resources` | the current state of resources by name, as a JSON array. Filter: `type` |
//! | `GET /resources/{urn}` | the current state of one |
//! | `GET /health` | `{"status":"ok"}`, or 503 with the `reason`: `busy`, `damaged`, `full`, `io`, `moved` (deleted or replaced while it was open), `newer-schema`, `read-only` or `unavailable`. Reading and writing are both tried |
//!
//! Lists take `limit` (1 to 1000, else 100) and `cursor`; if there is more, `Link` has the next page as `rel="next"`. A page may
//! hold fewer than `limit`, as pages are bounded by their size, too. What is damaged costs itself only: it is left out, named in the
//! log, and in the header `Switchboard-Damaged` by its address.
//! `{source}`, `{id}` and `{urn}` may hold slashes, encoded or not. What goes wrong is told by a problem document
//! (RFC 9457, `application/problem+json`), which names the `parameter` or `attribute` to blame.
//!
//! # Bounds
//!
//! | what | at most | else |
//! |---|---|---|
//! | a body | 1 MB | 413 |
//! | events in a batch | 1,000 | 413 |
//! | an attribute's value: `id`, `source`, `type`, `subject`, `datacontenttype`, `dataschema`, extensions | 1,024 bytes | 400 |
//! | extension attributes of an event, and the name of one | 64, and 64 bytes | 400 |
//! | `time` | 24 hours ahead of the journal's clock | 400 |
//! | a query parameter's value | 4,096 bytes | 400 |
//! | a path | 16,384 bytes | 414 |
//! | slashes in `{source}/{id}` | 32; more if all but the one between them are encoded | 404 |
//!
//! # Who wrote an entry
//!
//! The attribute `writtenby` ([`WRITTEN_BY`](crate::journal::WRITTEN_BY)) says it, in each list: `client` of what was posted, else
//! the handler of the event of AWS that it was made of. It is set here, whatever a client says of it. Nor may a client post
//! under the `source`s that AWS's own entries have, which begin with `aws.`, `aws:` or `arn:aws`: that is 400.

mod accept;
mod binding;
mod events;
mod follow;
mod links;
mod parameters;
mod problem;
mod reference;
mod resources;
mod routes;
mod service;
#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;

pub use routes::router;
pub use service::Api;

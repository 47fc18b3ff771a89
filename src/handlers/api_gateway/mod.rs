//! The journal's HTTP API, for REST and HTTP APIs, function URLs and ALB alike.
//!
//! | request | answer |
//! |---|---|
//! | `GET /events` | entries by `time`, the oldest first, as `application/cloudevents-batch+json`. An entry without `time` is at the time when it was appended. Filters: `source`, `type`, `subject` (exactly), `since` (inclusive), `until` (exclusive), both RFC 3339, on `time` |
//! | `GET /events?after=…` | entries in the order of arrival: `after=0` starts with the first one; then follow `rel="next"` in `Link`, which is always present. Nothing is ever inserted before it. `Retry-After` if there is nothing more yet. Filters: `source`, `type`, `subject` |
//! | `GET /events`, `Accept: text/event-stream` | the same as server-sent events, up to the last entry: the client reconnects and sends the last id as `Last-Event-ID` |
//! | `GET /events/{source}/{id}` | one entry, as `application/cloudevents+json` |
//! | `POST /events` | appends CloudEvents in binary, structured or batch mode. One event: 201 with `Location`, or 200 if it existed. A batch: nothing is appended unless all of it is valid; 201, or 200 if none is new, with the numbers of `appended` and `duplicates`. A failed request may be repeated: nothing is stored twice |
//! | `GET /resources` | the current states of resources by name, as a JSON array. Filter: `type` |
//! | `GET /resources/{urn}` | the current state of one resource |
//! | `GET /openapi.json` | this API as a document of OpenAPI 3.1 |
//! | `GET /health` | `{"status":"ok"}`, or 503 with the `reason`: `busy`, `damaged`, `full`, `io`, `moved` (deleted or replaced while it was open), `newer-schema`, `read-only` or `unavailable`. Reading and writing are both tried |
//!
//! Lists accept `limit` (1 to 1000, default 100) and `cursor`. If there is more, `Link` has the next page as
//! `rel="next"`. A page may have fewer than `limit` entries, because its size is limited, too. A damaged entry does not
//! affect others: it is left out, and its address is in the log and in the header `Switchboard-Damaged`. `{source}`,
//! `{id}` and `{urn}` may have slashes, encoded or not. Errors are problem documents (RFC 9457,
//! `application/problem+json`), with the `parameter` or `attribute` that caused them.
//!
//! # Limits
//!
//! | what | at most | otherwise |
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
//! The attribute `writtenby` ([`WRITTEN_BY`](crate::journal::WRITTEN_BY)) says this in every list: `client` for posted
//! entries, otherwise the handler of the AWS event. It is set here, whatever a client sends. A client cannot post under
//! the `source`s of AWS's own entries, which begin with `aws.`, `aws:` or `arn:aws`: that is 400.

mod accept;
mod binding;
mod events;
mod follow;
mod links;
mod openapi;
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

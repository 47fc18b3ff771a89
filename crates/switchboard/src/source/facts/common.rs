//! Tests that several sources share.

use super::super::clue::Clue;
use super::super::survey::List;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Has, In, Is, Lacks, Object, String};

pub(super) const IN_RECORDS: Test = In(List::Records);

pub(super) const WINDOW: Test = Any(&[
    Has(Clue::Window),
    Has(Clue::IsFinalInvoke),
    Has(Clue::IsWindowTerminatedEarly),
    Object(Clue::State),
]);

/// The payload is an array.
pub(super) const BARE: Test = In(List::Bare);

/// The record does not name its source.
pub(super) const UNSAID: Test = All(&[
    Any(&[Lacks(Clue::RecordSource), Is(Clue::RecordSource, &[""])]),
    Lacks(Clue::RecordSourceCapital),
]);

/// The Kinesis and DynamoDB APIs answer `GetRecords` with `Records`, too.
pub(super) const NO_RESULT: Test = All(&[Lacks(Clue::NextShardIterator), Lacks(Clue::MillisBehindLatest)]);

/// What only request contexts of WebSocket APIs have; some REST requests have a `connectionId` as well.
pub(super) const SOCKET: Test = Any(&[
    Is(Clue::SocketEventType, &["CONNECT", "MESSAGE", "DISCONNECT"]),
    Is(Clue::RouteKey, &["$connect", "$disconnect"]),
    All(&[String(Clue::ConnectionId), String(Clue::RouteKey)]),
]);

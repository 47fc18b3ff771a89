//! The arguments of `wire` and `unwire`.

mod command;
pub(super) use command::{Common, List, UnwireTrigger, WireTrigger};
pub(in crate::cli) use command::{Unwire, Wire};

mod polled;
pub(super) use polled::{Kafka, KafkaTopic, Polling, RecordFormat, RecordPart, RegistryArgs, Sqs, Stream};

mod pushed;
pub(super) use pushed::{Events, FilterScope, RuleArgs, Sns, UnwireEvents, UnwireS3};

mod http;
pub(super) use http::{Alb, ApiArgs, Auth};

//! The stock function: an activity journal of what happens in S3, API Gateway, DynamoDB, Kinesis and CloudWatch Events.
//!
//! It is a library besides the binary, so that another binary can use a handler or the journal, and so that tests,
//! benchmarks and fuzz targets can reach them. In the order in which an event meets them:
//!
//! * [`handlers`]: a module for each source, with its handler first.
//! * [`journal`]: what the handlers keep: CloudEvents, the states of resources, the stores.

pub mod handlers;
pub mod journal;

//! The stock function: an activity journal of what happens in S3, API Gateway, DynamoDB, Kinesis and CloudWatch Events.
//!
//! A library beside the binary, so that another binary may take a handler or the journal from here, and so that tests, benchmarks
//! and fuzz targets reach them. In the order in which an event meets them:
//!
//! * [`handlers`]: a module for each source, with its handler first.
//! * [`journal`]: what they keep: CloudEvents, the state of resources, stores.

pub mod handlers;
pub mod journal;

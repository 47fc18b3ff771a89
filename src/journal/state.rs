//! The current state of each resource the journal knows of.

use super::order::Order;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;

/// What an entry says of the state of a resource.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// The resource's name: its ARN, or one of the same form where AWS gives none.
    pub urn: String,
    /// The type of the resource, for instance `s3.object`.
    pub resource_type: &'static str,
    /// The state the resource is in from here on, in its service's words.
    pub state: String,
    /// How late the change is; a change that is not later than the one known changes nothing.
    pub order: Order,
    /// A few details, as JSON.
    pub data: Option<Box<RawValue>>,
}

/// A resource and its current state.
#[derive(Clone, Debug, Serialize)]
pub struct Resource {
    /// The resource's name.
    pub urn: String,
    /// The type of the resource, for instance `s3.object`.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// The state the resource is in.
    pub state: String,
    /// When it came into this state, as far as the source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
    /// `source` of the entry that says so.
    pub source: String,
    /// `id` of the entry that says so.
    pub id: String,
    /// A few details.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

//! The current state of each known resource.

use super::order::Order;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;

/// The change of a resource's state in an entry.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// The resource's name: its ARN, or a name of the same form if AWS gives none.
    pub urn: String,
    /// The type of the resource, for instance `s3.object`.
    pub resource_type: &'static str,
    /// The resource's new state, in its service's terms.
    pub state: String,
    /// How late the change is. A change that is not later than the known one changes nothing.
    pub order: Order,
    /// Some details, as JSON.
    pub data: Option<Box<RawValue>>,
}

/// A resource and its current state.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Resource {
    /// The resource's name.
    pub urn: String,
    /// The type of the resource, for instance `s3.object`.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// The current state.
    pub state: String,
    /// When the resource got this state, if the source says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
    /// `source` of the entry with the change.
    pub source: String,
    /// `id` of the entry with the change.
    pub id: String,
    /// Some details.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Box<RawValue>>,
}

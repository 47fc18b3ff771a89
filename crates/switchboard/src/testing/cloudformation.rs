//! Custom resources of CloudFormation. CloudFormation User Guide, “Custom resource request objects”.

use super::event::{Compose, enveloped, event, tree};
use super::samples::sample_json;
use crate::source::Source;
use serde::Serialize;
use serde_json::Value;

/// A request to a custom resource.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::CustomResource;
///
/// let event = CustomResource::update("Custom::SeedData", &json!({"Table": "old"}), &json!({"Table": "new"}));
/// # assert!(event.to_json().contains("OldResourceProperties"));
/// ```
#[derive(Clone, Debug)]
pub struct CustomResource {
    event: Value,
}

impl CustomResource {
    /// A request to create the resource.
    ///
    /// # Panics
    /// If the properties cannot be written as JSON.
    #[must_use]
    pub fn create<T: Serialize + ?Sized>(resource_type: &str, properties: &T) -> Self {
        Self::new("Create", resource_type, properties)
    }

    /// A request to update the resource.
    ///
    /// # Panics
    /// If the properties cannot be written as JSON.
    #[must_use]
    pub fn update<T: Serialize + ?Sized>(resource_type: &str, old: &T, new: &T) -> Self {
        let event = Self::new("Update", resource_type, new).set("/OldResourceProperties", properties(old));
        event.physical_id("resource-1")
    }

    /// A request to delete the resource.
    ///
    /// # Panics
    /// If the properties cannot be written as JSON.
    #[must_use]
    pub fn delete<T: Serialize + ?Sized>(resource_type: &str, properties: &T) -> Self {
        Self::new("Delete", resource_type, properties).physical_id("resource-1")
    }

    /// What an earlier answer has called the resource.
    #[must_use]
    pub fn physical_id(self, id: &str) -> Self {
        self.set("/PhysicalResourceId", id)
    }

    /// Where to send the answer.
    #[must_use]
    pub fn response_url(self, url: &str) -> Self {
        self.set("/ResponseURL", url)
    }

    fn new<T: Serialize + ?Sized>(request: &str, resource_type: &str, given: &T) -> Self {
        let event = Self {
            event: sample_json(Source::Cloudformation),
        };
        let event = event
            .set("/RequestType", request)
            .set("/ResourceType", resource_type);
        event.set("/ResourceProperties", properties(given))
    }
}

/// The properties, with the token that every resource has among them.
fn properties<T: Serialize + ?Sized>(given: &T) -> Value {
    let mut properties = tree(given);
    if properties.is_object() {
        properties["ServiceToken"] = sample_json(Source::Cloudformation)["ServiceToken"].clone();
    }
    properties
}

impl Compose for CustomResource {
    fn compose(&self) -> Value {
        self.event.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.event)
    }
}

event!(CustomResource);
enveloped!(CustomResource);

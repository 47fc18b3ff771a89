//! The API's own description: a document of OpenAPI.

use super::{events, resources, routes};
use crate::journal::Resource;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Content, ObjectBuilder, RefOr, ResponseBuilder, Schema, Type};
use utoipa::{OpenApi, PartialSchema, ToResponse, ToSchema};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "The journal",
        description = "What has happened, as CloudEvents, and the current state of resources."
    ),
    paths(
        events::list,
        events::one,
        events::append,
        resources::list,
        resources::one,
        routes::health,
        document
    ),
    components(schemas(CloudEvent, ProblemDocument, Resource), responses(Refused))
)]
struct Document;

/// `GET /openapi.json`
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "This document.", content_type = "application/json", body = Object))
)]
pub(super) async fn document() -> Response {
    let document = serde_json::to_string(&Document::openapi())
        .expect("names are strings and values are plain, so nothing can fail");
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// A CloudEvent of version 1.0 in JSON.
pub(super) struct CloudEvent;

impl PartialSchema for CloudEvent {
    fn schema() -> RefOr<Schema> {
        let text = |most: usize| {
            let text = ObjectBuilder::new().schema_type(Type::String);
            text.min_length(Some(1)).max_length(Some(most))
        };
        // In JSON an attribute that is not there may be null.
        let optional =
            |most: usize| text(most).schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let source = text(1024).description(Some("A URI-reference. Those of AWS's own events are refused."));
        let time = optional(64).description(Some("RFC 3339, at most 24 hours ahead."));
        let event = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .property("specversion", text(3).enum_values(Some(["1.0"])))
            .property("id", text(1024))
            .property("source", source)
            .property("type", text(1024))
            .property("subject", optional(1024))
            .property("time", time)
            .property("datacontenttype", optional(1024))
            .property("dataschema", optional(1024))
            .property("data", ObjectBuilder::new().schema_type(SchemaType::AnyValue));
        let event = ["specversion", "id", "source", "type"]
            .into_iter()
            .fold(event, ObjectBuilder::required);
        let example = json!({"specversion": "1.0", "id": "7", "source": "/sensors/roof", "type": "com.example.temperature",
            "datacontenttype": "application/json", "data": {"celsius": 21.5}});
        event.examples([example]).into()
    }
}

impl ToSchema for CloudEvent {}

/// A problem document of RFC 9457.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ProblemDocument {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    /// The query parameter that caused it.
    parameter: Option<String>,
    /// The attribute that caused it.
    attribute: Option<String>,
    /// Which event of a batch caused it, from 0.
    index: Option<u64>,
    /// What is wrong with the journal, for programs.
    reason: Option<String>,
}

/// Why a request was not answered as asked.
pub(super) struct Refused;

impl<'r> ToResponse<'r> for Refused {
    fn response() -> (&'r str, RefOr<utoipa::openapi::Response>) {
        let problem = Content::new(Some(utoipa::openapi::Ref::from_schema_name("Problem")));
        let refused = ResponseBuilder::new()
            .description("A problem document.")
            .content("application/problem+json", problem);
        ("Refused", refused.build().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_table_is_described() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let described: Vec<&str> = paths.keys().map(String::as_str).collect();
        assert_eq!(
            described,
            [
                "/events",
                "/events/{source}/{id}",
                "/health",
                "/openapi.json",
                "/resources",
                "/resources/{urn}"
            ]
        );
        assert_eq!(paths["/events"].as_object().unwrap().len(), 2);
    }
}

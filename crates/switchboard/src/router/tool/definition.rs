//! The definition of a tool, as a gateway's target takes it.

use super::schema::narrowed;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use std::borrow::Cow;

/// What an agent is told of a tool. Schemas are made when they are asked for: start-up does not pay for them.
#[derive(Clone)]
pub(in crate::router) struct Tool {
    pub(super) name: Cow<'static, str>,
    description: Cow<'static, str>,
    input: fn() -> Value,
    output: fn() -> Value,
}

impl Tool {
    pub(super) fn of<T: JsonSchema, R: JsonSchema>(
        name: Cow<'static, str>,
        description: Cow<'static, str>,
    ) -> Self {
        Self {
            name,
            description,
            input: || schema::<T>(settings().for_deserialize()),
            output: || schema::<R>(settings().for_serialize()),
        }
    }

    /// # Errors
    /// What the gateway would not take.
    pub(super) fn written(&self) -> Result<Value, String> {
        let Self {
            name, description, ..
        } = self;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(format!(
                "has the tool name {name:?}, but a name has letters, digits, `_` and `-` only"
            ));
        }
        if description.trim().is_empty() {
            return Err(format!(
                "has no description of the tool {name}, which agents choose it by"
            ));
        }
        let input = narrowed(&(self.input)()).map_err(|problem| {
            format!("has arguments of the tool {name} that a gateway cannot describe: {problem}")
        })?;
        let mut definition = json!({"name": name, "description": description, "inputSchema": input});
        if let Ok(output) = narrowed(&(self.output)()) {
            definition["outputSchema"] = output;
        }
        Ok(definition)
    }
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    })
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Value {
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

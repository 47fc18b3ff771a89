//! The part of JSON Schema that a gateway's target takes.
//!
//! Amazon Bedrock AgentCore Control API Reference, “SchemaDefinition”: `type`, `properties`, `required`, `items`, `description`.

use serde_json::{Map, Value, json};

type SchemaMembers = Map<String, Value>;

/// The schema of an object, with nothing but what the target takes. What it cannot say otherwise, descriptions say.
///
/// # Errors
/// The schema is not an object's, or something in it has no single type. The message names the path.
pub(super) fn narrowed(schema: &Value) -> Result<Value, String> {
    let narrow = narrow(schema, "")?;
    match narrow["type"].as_str() {
        Some("object") => Ok(narrow),
        _ => Err("they are not an object".to_owned()),
    }
}

fn narrow(schema: &Value, path: &str) -> Result<Value, String> {
    let Some(schema) = schema.as_object() else {
        return Err(format!("{} may be anything", shown(path)));
    };
    if schema.contains_key("$ref") {
        return Err(format!("{} contains itself", shown(path)));
    }
    let mut parts = Vec::new();
    if let Some(choices) = choices(schema) {
        parts.push(choice(&choices, path)?);
    }
    for part in list(schema, "allOf") {
        parts.push(narrow(part, path)?);
    }
    if parts.is_empty() || schema.contains_key("properties") {
        parts.push(plain(schema, path)?);
    }
    let several = || format!("{} may have several types", shown(path));
    let joined = parts
        .into_iter()
        .map(Some)
        .reduce(|one, other| both(one?, &other?));
    let mut narrow = joined.flatten().ok_or_else(several)?;
    describe(&mut narrow, schema);
    Ok(narrow)
}

fn list<'s>(schema: &'s SchemaMembers, name: &str) -> impl Iterator<Item = &'s Value> {
    schema.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The alternatives of a schema, without `null`: that a member may be missing is said by `required`.
fn choices(schema: &SchemaMembers) -> Option<Vec<&Value>> {
    let name = ["anyOf", "oneOf"]
        .into_iter()
        .find(|name| schema.contains_key(*name))?;
    Some(
        list(schema, name)
            .filter(|choice| choice["type"] != "null")
            .collect(),
    )
}

/// One schema for all alternatives.
fn choice(choices: &[&Value], path: &str) -> Result<Value, String> {
    let narrow: Vec<Value> = choices
        .iter()
        .map(|choice| narrow(choice, path))
        .collect::<Result<_, _>>()?;
    let Some((first, others)) = narrow.split_first() else {
        return Err(format!("{} is always null", shown(path)));
    };
    others.iter().try_fold(first.clone(), |all, other| {
        either(all, other).ok_or_else(|| format!("{} may have several types", shown(path)))
    })
}

/// A schema that takes what either takes. `None` if their types differ.
fn either(one: Value, other: &Value) -> Option<Value> {
    let names = |mine: &[&str], others: &[&str]| {
        let shared = mine.iter().filter(|name| others.contains(name));
        json!(shared.collect::<Vec<_>>())
    };
    joined(one, other, " Or ", names)
}

/// A schema that takes what both take. `None` if their types differ.
fn both(one: Value, other: &Value) -> Option<Value> {
    let names = |mine: &[&str], others: &[&str]| {
        let more = others.iter().filter(|name| !mine.contains(name));
        json!(mine.iter().chain(more).collect::<Vec<_>>())
    };
    joined(one, other, " ", names)
}

/// Two schemas of one type in one. `required` says which of their members have to be there.
fn joined(
    mut one: Value,
    other: &Value,
    between: &str,
    names: fn(&[&str], &[&str]) -> Value,
) -> Option<Value> {
    if one["type"] != other["type"] {
        return None;
    }
    if let Some(properties) = other.get("properties").and_then(Value::as_object) {
        one["required"] = names(&required(&one), &required(other));
        for (name, schema) in properties {
            let known = one["properties"].get(name).cloned();
            let schema = match known {
                Some(known) => joined(known, schema, between, names)?,
                None => schema.clone(),
            };
            one["properties"][name] = schema;
        }
    }
    if let Some(items) = other.get("items") {
        one["items"] = joined(one["items"].take(), items, between, names)?;
    }
    let mut said: Vec<&str> = [&one, other]
        .into_iter()
        .filter_map(|schema| schema.get("description")?.as_str())
        .collect();
    said.dedup();
    if !said.is_empty() {
        one["description"] = said.join(between).into();
    }
    Some(one)
}

fn required(schema: &Value) -> Vec<&str> {
    let names = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    names.filter_map(Value::as_str).collect()
}

/// A schema without alternatives.
fn plain(schema: &SchemaMembers, path: &str) -> Result<Value, String> {
    let kind = kind(schema).ok_or_else(|| match schema.get("type") {
        Some(Value::Array(_)) => format!("{} may have several types", shown(path)),
        _ => format!("{} may be anything", shown(path)),
    })?;
    let mut narrow = json!({"type": kind});
    match kind {
        "object" => {
            let mut properties = SchemaMembers::new();
            for (name, property) in schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let at = match path {
                    "" => name.clone(),
                    _ => format!("{path}.{name}"),
                };
                properties.insert(name.clone(), self::narrow(property, &at)?);
            }
            narrow["properties"] = properties.into();
            narrow["required"] = schema.get("required").cloned().unwrap_or(json!([]));
        }
        "array" => narrow["items"] = items(schema, &format!("{path}[]"))?,
        _ => {}
    }
    Ok(narrow)
}

/// The schema of all elements of an array.
fn items(schema: &SchemaMembers, path: &str) -> Result<Value, String> {
    match (
        schema.get("prefixItems").and_then(Value::as_array),
        schema.get("items"),
    ) {
        (Some(places), _) => choice(&places.iter().collect::<Vec<_>>(), path),
        (None, Some(items)) => narrow(items, path),
        (None, None) => Err(format!("{} may be anything", shown(path))),
    }
}

/// The one type of a schema. `None` if it has several, or says nothing.
fn kind(schema: &SchemaMembers) -> Option<&str> {
    let said = match schema.get("type") {
        Some(Value::String(kind)) => Some(kind.as_str()),
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds
                .iter()
                .filter_map(Value::as_str)
                .filter(|kind| *kind != "null");
            let one = kinds.next();
            kinds.next().is_none().then_some(one).flatten()
        }
        _ => {
            let mut kinds = list(schema, "enum").chain(schema.get("const")).map(kind_of);
            let first = kinds.next()?;
            kinds.all(|kind| kind == first).then_some(first)
        }
    };
    said.filter(|kind| *kind != "null")
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Adds the schema's description, and in words what the target has no keyword for.
fn describe(narrow: &mut Value, schema: &SchemaMembers) {
    let own = schema.get("description").and_then(Value::as_str);
    let own = match (schema.get("const"), own) {
        (Some(value), Some(own)) => Some(format!("`{}`: {own}", text(value))),
        (Some(value), None) => Some(format!("`{}`.", text(value))),
        (None, own) => own.map(str::to_owned),
    };
    // Of the alternatives.
    let inner = narrow
        .get("description")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let said: Vec<String> = own.into_iter().chain(inner).chain(notes(schema)).collect();
    if !said.is_empty() {
        narrow["description"] = said.join(" ").into();
    }
}

/// What a keyword says, in words.
fn notes(schema: &SchemaMembers) -> Vec<String> {
    schema
        .iter()
        .filter_map(|(name, value)| note(name, value))
        .collect()
}

fn note(name: &str, value: &Value) -> Option<String> {
    let listed = |value: &Value| match value.as_array() {
        Some(values) => values
            .iter()
            .map(|value| format!("`{}`", text(value)))
            .collect::<Vec<_>>()
            .join(", "),
        None => format!("`{}`", text(value)),
    };
    let shown = listed(value);
    Some(match name {
        "enum" if value.as_array().is_some_and(|values| values.len() == 1) => format!("{shown}."),
        "enum" => format!("One of {shown}."),
        "minimum" => format!("At least {shown}."),
        "maximum" => format!("At most {shown}."),
        "exclusiveMinimum" => format!("More than {shown}."),
        "exclusiveMaximum" => format!("Less than {shown}."),
        "multipleOf" => format!("A multiple of {shown}."),
        "minLength" => format!("Its length is at least {shown}."),
        "maxLength" => format!("Its length is at most {shown}."),
        "minItems" => format!("At least {shown} elements."),
        "maxItems" => format!("At most {shown} elements."),
        "pattern" => format!("It matches {shown}."),
        "default" if !value.is_null() => format!("{shown} by default."),
        "format" if !is_width(value) => format!("Format: {shown}."),
        "additionalProperties" => match value.get("type").map(listed) {
            Some(kind) => format!("Any names; each value is of type {kind}."),
            None => return None,
        },
        _ => return None,
    })
}

/// Rust's numbers have names that say nothing to an agent: `uint32`, `double`.
fn is_width(format: &Value) -> bool {
    let format = format.as_str().unwrap_or_default();
    ["int", "uint", "float", "double"]
        .iter()
        .any(|name| format.starts_with(name))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn shown(path: &str) -> String {
    match path {
        "" => "the type".to_owned(),
        path => format!("`{path}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::definition::Tool;
    use super::*;
    use schemars::JsonSchema;

    fn input<T: JsonSchema>() -> Result<Value, String> {
        let tool = Tool::of::<T, String>("tool".into(), "A tool.".into());
        tool.written().map(|definition| definition["inputSchema"].clone())
    }

    /// Nothing but the keywords of the target's model, and a type everywhere.
    fn is_taken(schema: &Value) {
        const TYPES: [&str; 6] = ["string", "number", "object", "array", "boolean", "integer"];
        let members = schema.as_object().unwrap();
        assert!(TYPES.contains(&schema["type"].as_str().unwrap()), "{schema}");
        for (name, value) in members {
            match name.as_str() {
                "type" | "description" => assert!(value.is_string()),
                "required" => assert!(value.as_array().unwrap().iter().all(Value::is_string)),
                "properties" => value.as_object().unwrap().values().for_each(is_taken),
                "items" => is_taken(value),
                _ => panic!("{name} in {schema}"),
            }
        }
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    struct Order {
        /// Who ordered.
        customer: String,
        #[schemars(range(min = 1, max = 99))]
        pieces: u32,
        price: f64,
        note: Option<String>,
        tags: Vec<String>,
        place: (f64, f64),
        payment: Payment,
        size: Size,
        labels: std::collections::BTreeMap<String, String>,
        #[schemars(length(max = 3))]
        address: Option<Address>,
        #[serde(flatten)]
        delivery: Delivery,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    struct Address {
        street: String,
    }

    #[derive(JsonSchema)]
    #[serde(tag = "by")]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    enum Payment {
        Card { number: String, holder: String },
        Transfer { account: String, holder: String },
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    enum Size {
        /// Fits a letterbox.
        Small,
        Large,
    }

    #[derive(JsonSchema)]
    #[serde(tag = "delivery")]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    enum Delivery {
        Home { floor: i8 },
        Shop { shop: String },
    }

    #[test]
    fn what_the_target_has_no_keyword_for_is_described() {
        let schema = input::<Order>().unwrap();
        is_taken(&schema);
        let of = |name: &str| &schema["properties"][name];
        assert_eq!(
            *of("customer"),
            json!({"type": "string", "description": "Who ordered."})
        );
        assert_eq!(of("pieces")["description"], "At most `99`. At least `1`.");
        assert_eq!(*of("price"), json!({"type": "number"}));
        assert_eq!(*of("note"), json!({"type": "string"}));
        assert_eq!(*of("tags"), json!({"type": "array", "items": {"type": "string"}}));
        assert_eq!(of("place")["items"]["type"], "number");
        assert_eq!(
            of("size")["description"],
            "`Large`. Or `Small`: Fits a letterbox."
        );
        assert_eq!(of("payment")["required"], json!(["by", "holder"]));
        assert_eq!(
            of("payment")["properties"]["by"]["description"],
            "`Card`. Or `Transfer`."
        );
        assert_eq!(
            of("labels")["description"],
            "Any names; each value is of type `string`."
        );
        assert_eq!(of("address")["properties"]["street"]["type"], "string");
        assert_eq!(of("delivery")["type"], "string");
        let required = required(&schema);
        assert!(
            required.contains(&"customer") && required.contains(&"delivery"),
            "{required:?}"
        );
        assert!(
            !required.contains(&"note") && !required.contains(&"floor"),
            "{required:?}"
        );
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    struct Tree {
        children: Vec<Tree>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    struct Free {
        order: Loose,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    struct Loose {
        value: Value,
    }

    #[derive(JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    enum TextOrNumber {
        Text(String),
        Number(u8),
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only their schemas are looked at")]
    struct Either {
        id: TextOrNumber,
    }

    #[test]
    fn what_the_target_cannot_say_is_refused_by_its_path() {
        for (schema, problem) in [
            (input::<Tree>(), "`children[]` contains itself"),
            (input::<Free>(), "`order.value` may be anything"),
            (input::<Either>(), "`id` may have several types"),
            (input::<String>(), "not an object"),
            (input::<()>(), "may be anything"),
        ] {
            let refused = schema.unwrap_err();
            assert!(refused.contains(problem), "{refused}");
        }
    }

    #[test]
    fn a_reply_that_is_no_object_has_no_schema() {
        let of = |tool: Tool| tool.written().unwrap();
        let text = of(Tool::of::<Address, String>("tool".into(), "A tool.".into()));
        assert!(text.get("outputSchema").is_none(), "{text}");
        let object = of(Tool::of::<Address, Address>("tool".into(), "A tool.".into()));
        is_taken(&object["outputSchema"]);
        for (name, description) in [("", "x"), ("a b", "x"), ("a", " ")] {
            assert!(
                Tool::of::<Address, Address>(name.into(), description.into())
                    .written()
                    .is_err()
            );
        }
    }
}

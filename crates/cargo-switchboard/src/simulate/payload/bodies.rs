//! Bodies of records, from a file of templates.

use serde_json::Value;

use crate::Error;
use crate::simulate::plan::{Record, Task};
use crate::simulate::source::uuid;

/// Names that stand in double braces in a template.
const PLACEHOLDERS: [&str; 7] = ["id", "number", "lane", "uuid", "seed", "do", "ms"];

/// What records hold: templates, which take turns.
///
/// `{{id}}` is the record's id, such as `r-17`, `{{number}}` its number, `{{lane}}` that of its partition key, item or message group, `{{uuid}}` a UUID of
/// its own, `{{seed}}` the simulation's. A record holds the same at every delivery, except for `{{do}}` and `{{ms}}`: what the function is
/// to do with it this time.
///
/// ```
/// use cargo_switchboard::simulate::Bodies;
///
/// let orders = Bodies::read(r#"{"order": "{{id}}", "customer": {{lane}}, "cents": 24900}"#);
/// assert!(orders.is_ok());
/// let error = Bodies::read("{{customer}}").unwrap_err().to_string();
/// assert!(error.contains("{{customer}}"));
/// ```
#[derive(Clone, Debug)]
pub struct Bodies {
    templates: Vec<Vec<Part>>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Placeholder(&'static str),
}

impl Bodies {
    /// Reads a template of one JSON value, which may have several lines, or a template in each line.
    ///
    /// # Errors
    /// If there is none, or a placeholder that has no meaning.
    pub fn read(text: &str) -> Result<Self, Error> {
        let whole = parts(text.trim())?;
        let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        let templates = match is_json(&example(&whole)) {
            true => vec![whole],
            false => {
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.map(parts).collect::<Result<_, _>>()?
            }
        };
        match templates.is_empty() {
            true => Err(Error::other("there is no body")),
            false => Ok(Self { templates }),
        }
    }

    /// Whether they say what the function is to do.
    pub(in crate::simulate) fn tell(&self) -> bool {
        let tells = |part: &Part| matches!(part, Part::Placeholder("do"));
        self.templates.iter().flatten().any(tells)
    }

    /// # Errors
    /// If a template is not a JSON object.
    pub(in crate::simulate) fn check_objects(&self, what: &str) -> Result<(), Error> {
        for (number, template) in self.templates.iter().enumerate() {
            let value = serde_json::from_str::<Value>(&example(template));
            if !value.is_ok_and(|value| value.is_object()) {
                return Err(Error::other(format!(
                    "body {} is not a JSON object, which {what} is",
                    number + 1
                )));
            }
        }
        Ok(())
    }

    /// What the record holds in this delivery.
    pub(in crate::simulate) fn body(&self, seed: u64, index: usize, record: &Record, task: Task) -> String {
        let template = &self.templates[index % self.templates.len()];
        render(template, |name| match name {
            "id" => record.id.clone(),
            "number" => index.to_string(),
            "lane" => record.lane.to_string(),
            "uuid" => uuid(seed ^ u64::MAX, index),
            "seed" => seed.to_string(),
            "do" => task.what.to_owned(),
            _ => task.ms.to_string(),
        })
    }
}

fn example(template: &[Part]) -> String {
    render(template, |_| "1".to_owned())
}

fn render(template: &[Part], value: impl Fn(&str) -> String) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Placeholder(name) => value(name),
    };
    template.iter().map(part).collect()
}

/// # Errors
/// If a placeholder has no meaning.
fn parts(text: &str) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        // JSON has such braces, too: only a word between them is a placeholder.
        let name = after.split_once("}}").filter(|(name, _)| is_word(name.trim()));
        let Some((name, behind)) = name else {
            parts.push(Part::Text(format!("{before}{{{{")));
            rest = after;
            continue;
        };
        let known = PLACEHOLDERS.iter().find(|known| **known == name.trim());
        let known = known.ok_or_else(|| {
            let all: Vec<String> = PLACEHOLDERS
                .iter()
                .map(|name| format!("{{{{{name}}}}}"))
                .collect();
            Error::other(format!(
                "{{{{{name}}}}} has no meaning; there are {}",
                all.join(", ")
            ))
        })?;
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Placeholder(known));
        rest = behind;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::plan::plan;
    use crate::simulate::{Simulation, Source};

    fn rendered(text: &str, index: usize) -> String {
        let records = plan(&Simulation::new(Source::Sqs).records(9));
        let task = Task { what: "fail", ms: 3 };
        Bodies::read(text).unwrap().body(5, index, &records[index], task)
    }

    #[test]
    fn lines_take_turns_and_a_json_value_may_have_several() {
        let lines = "{\"id\": \"{{id}}\"}\n\n{\"n\": {{ number }}}\n";
        assert_eq!(rendered(lines, 2), r#"{"id": "r-2"}"#);
        assert_eq!(rendered(lines, 3), r#"{"n": 3}"#);
        let one = "{\n  \"id\": \"{{id}}\",\n  \"tree\": {\"of\": {\"seed\": {{seed}}}}\n}\n";
        let body: Value = serde_json::from_str(&rendered(one, 8)).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"id": "r-8", "tree": {"of": {"seed": 5}}})
        );
        assert_eq!(rendered("photos/{{do}}-{{ms}}.jpg", 0), "photos/fail-3.jpg");
    }

    #[test]
    fn every_placeholder_has_a_value_and_others_are_refused() {
        for name in PLACEHOLDERS {
            let text = rendered(&format!("<{{{{{name}}}}}>"), 1);
            assert!(text.len() > 2 && !text.contains("{{"), "{text}");
        }
        for text in ["{{customer}}", "", "\n\n"] {
            assert!(Bodies::read(text).is_err(), "{text}");
        }
        assert!(
            Bodies::read("{{id}}\n{\"n\":1}")
                .unwrap()
                .check_objects("a detail")
                .is_err()
        );
        assert!(Bodies::read("{{do}}").unwrap().tell() && !Bodies::read("{{id}}").unwrap().tell());
    }

    #[test]
    fn a_record_has_the_same_uuid_every_time() {
        assert_eq!(rendered("{{uuid}}", 4), rendered("{{uuid}}", 4));
        assert_ne!(rendered("{{uuid}}", 4), rendered("{{uuid}}", 5));
    }
}

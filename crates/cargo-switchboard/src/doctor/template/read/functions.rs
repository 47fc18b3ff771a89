//! The functions of a template, and which of them a text means.

use std::collections::HashMap;

use super::super::value::{Value, ValueKind};
use crate::doctor::deployment::{Function, Setting, Trigger, Unread, named};
use crate::doctor::text::UNKNOWN;

/// The functions of a template. Whatever names a function (a name, an ARN with or without qualifier, the URI of an API)
/// is looked up here.
pub(super) struct Functions {
    pub(super) all: Vec<Function>,
    by_name: HashMap<String, usize>,
    /// Triggers whose function is not known.
    pub(super) unread: Vec<Unread>,
}

impl Functions {
    pub(super) fn new(all: Vec<Function>) -> Self {
        let names = all.iter().enumerate();
        let by_name = names.map(|(place, function)| (function.name.clone(), place));
        Self {
            by_name: by_name.collect(),
            all,
            unread: Vec::new(),
        }
    }

    /// The function that `text` means, and the version or alias; empty for none.
    pub(super) fn find(&mut self, text: &str) -> Option<(&mut Function, String)> {
        let named = named(text);
        let place = *self.by_name.get(named.name)?;
        // API Gateway fills in the variables of its stages.
        let qualifier = match named.qualifier.contains("${") {
            true => UNKNOWN.to_string(),
            false => named.qualifier.to_owned(),
        };
        Some((self.all.get_mut(place)?, qualifier))
    }

    /// Adds a trigger to the function that `target` means.
    pub(super) fn add(&mut self, target: &Setting<String>, trigger: Trigger) {
        match target {
            Setting::Known(text) => {
                if let Some((function, qualifier)) = self.find(text) {
                    function.triggers.push(Trigger { qualifier, ..trigger });
                }
            }
            Setting::Unknown => self.unclear(&trigger.label),
            Setting::Absent => {}
        }
    }

    /// Adds a trigger to every function that `value` names anywhere.
    pub(super) fn add_everywhere(&mut self, value: &Value, trigger: &Trigger) {
        match &value.kind {
            // A document may be a text, with its values in quotes.
            ValueKind::Text(text) => {
                for part in text.split('"') {
                    if let Some((function, qualifier)) = self.find(part) {
                        function.triggers.push(Trigger {
                            qualifier,
                            ..trigger.clone()
                        });
                    }
                }
            }
            ValueKind::List(items) => items.iter().for_each(|item| self.add_everywhere(item, trigger)),
            ValueKind::Map(entries) => {
                entries
                    .iter()
                    .for_each(|(_, value)| self.add_everywhere(value, trigger));
            }
            ValueKind::Null | ValueKind::Unknown => {}
        }
    }

    fn unclear(&mut self, label: &str) {
        self.unread.push(Unread {
            label: label.to_owned(),
            reason: "which function it invokes depends on what is known only when it is deployed".to_owned(),
            triggers: true,
            permits: false,
        });
    }

    /// Notes a permission whose function is not known.
    pub(super) fn unclear_permission(&mut self, label: &str) {
        self.unread.push(Unread {
            label: label.to_owned(),
            reason: "which function it is for depends on what is known only when it is deployed".to_owned(),
            triggers: false,
            permits: true,
        });
    }
}

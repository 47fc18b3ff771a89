//! How a finding is mended in the text of a template.

use crate::doctor::place::Place;

/// Event source mappings, and the events that SAM makes them of.
pub(crate) const MAPPINGS: &[&str] = &[
    "AWS::Lambda::EventSourceMapping",
    "Kinesis",
    "DynamoDB",
    "SQS",
    "MSK",
    "MQ",
    "SelfManagedKafka",
    "DocumentDB",
];
pub(crate) const QUEUES: &[&str] = &["AWS::SQS::Queue"];
pub(crate) const FUNCTIONS: &[&str] = &["AWS::Serverless::Function", "AWS::Lambda::Function"];
/// Roles, and the functions of which SAM makes them.
pub(crate) const ROLES: &[&str] = &["AWS::IAM::Role", "AWS::Serverless::Function"];
pub(crate) const SAM_FUNCTIONS: &[&str] = &["AWS::Serverless::Function"];

/// A way to mend a finding that leaves no choice: what is changed in the template.
#[derive(Clone, Debug)]
pub(crate) struct Fix {
    /// The place of the resource, event or property that is changed.
    pub(crate) at: Place,
    /// The types it may have, or the keys that it may be the value of. SAM's resources are expanded, so what a finding is about may be
    /// something else in the template.
    pub(crate) kinds: &'static [&'static str],
    pub(crate) edits: Vec<Edit>,
}

/// A change of the template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Edit {
    /// Sets a property to a YAML value, by its path from the place. What is there may only be a scalar.
    Set {
        path: String,
        yaml: String,
    },
    /// Adds a YAML value to a list, or makes the list.
    Append {
        path: String,
        yaml: String,
    },
    Remove {
        path: String,
    },
    /// Adds a resource.
    Add {
        id: String,
        yaml: String,
    },
    /// Lets the resource at this place wait until another one is created.
    Wait {
        at: Place,
        id: String,
    },
}

impl Edit {
    pub(crate) fn set(path: &str, yaml: impl ToString) -> Self {
        Self::Set {
            path: path.to_owned(),
            yaml: yaml.to_string(),
        }
    }

    pub(crate) fn append(path: &str, yaml: impl Into<String>) -> Self {
        Self::Append {
            path: path.to_owned(),
            yaml: yaml.into(),
        }
    }

    pub(crate) fn remove(path: &str) -> Self {
        let path = path.to_owned();
        Self::Remove { path }
    }

    pub(crate) fn add(id: impl Into<String>, yaml: impl Into<String>) -> Self {
        Self::Add {
            id: id.into(),
            yaml: yaml.into(),
        }
    }

    pub(crate) fn wait(at: Place, id: impl Into<String>) -> Self {
        let id = id.into();
        Self::Wait { at, id }
    }

    /// A new queue for what failed, which keeps messages for as long as there is.
    pub(crate) fn add_queue(id: impl Into<String>, fifo: bool) -> Self {
        let fifo = if fifo { "  FifoQueue: true\n" } else { "" };
        Self::add(
            id,
            format!("Type: AWS::SQS::Queue\nProperties:\n{fifo}  MessageRetentionPeriod: 1209600\n"),
        )
    }
}

//! Conditions: which events or records of its source a handler takes.
//!
//! [`Handler::when`](crate::Handler::when) attaches a condition. Conditions are made by [`field`], which compares any field, and by
//! the functions of this module that know where a source has its names: [`queue`], [`stream`], [`table`], [`topic`], [`bucket`],
//! [`detail_type`] and the others. They combine by [`When::and`]. A condition on a name that the handler's source does not have is an
//! error at start, `InvalidRoute`.
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "sqs")] {
//! use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
//! use switchboard::when::queue;
//! use switchboard::{Context, Failure, Handler, Router};
//!
//! async fn on_order(_message: SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
//!     Ok(())
//! }
//!
//! async fn on_refund(_message: SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
//!     Ok(())
//! }
//!
//! let router = Router::new(())
//!     .on::<SqsEvent>(on_order.when(queue("orders.fifo")))
//!     .on::<SqsEvent>(on_refund.when(queue("refunds")).concurrency(8));
//! # let _ = router;
//! # }
//! ```

mod describe;
mod fit;
mod names;
mod place;

use self::place::TextPlace;
use super::CallerContext;
#[cfg(feature = "cloudwatch_logs")]
use crate::event::log_group_of;
use crate::source::NameKind;
use std::borrow::Cow;

pub(crate) use describe::ConditionDescription;
#[cfg(feature = "cloudwatch_logs")]
pub use names::log_group;
pub use names::{
    bucket, detail_type, event_name, intent, key_prefix, key_suffix, queue, resolver, rule, stream, table,
    topic, trigger, user_pool,
};

/// A condition on an event, or on a record of a batch: the handler takes those that meet it.
///
/// Made by the functions of [this module](self), and attached by [`Handler::when`](crate::Handler::when).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct When {
    /// All of them hold.
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Condition {
    Text { at: TextPlaces, is: TextCondition },
    Tool(Cow<'static, str>),
}

/// Where the text may be.
#[derive(Clone, Debug, Eq, PartialEq)]
enum TextPlaces {
    /// At a path that the application names.
    Field(&'static str),
    /// Where sources have this name: the same may be at different places.
    Named(NameKind, Vec<TextPlace>),
}

/// What a text is compared with.
#[derive(Clone, Debug, Eq, PartialEq)]
enum TextCondition {
    OneOf(Vec<Cow<'static, str>>),
    Prefix(Cow<'static, str>),
    Suffix(Cow<'static, str>),
}

/// A field of the event or record, by its JSON path from the root: keys with dots between them.
///
/// If the field is a list of texts, one of them has to meet the condition. A number or a flag is compared as it is written.
///
/// # Example
///
/// ```
/// use switchboard::when::field;
/// use switchboard::{Context, Failure, Handler, Router};
///
/// #[derive(serde::Deserialize)]
/// struct Refund {
///     payment: String,
/// }
///
/// async fn refund(task: Refund, _cx: Context<()>) -> Result<String, Failure> {
///     Ok(format!("refunded {}", task.payment))
/// }
///
/// // Takes `{"task":"refund","payment":"p-17"}`.
/// let router = Router::new(()).direct(refund.when(field("task").is("refund")));
/// # let _ = router;
/// ```
pub fn field(path: &'static str) -> Field {
    Field { path }
}

/// A field to compare: see [`field`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a field is not a condition yet: say what it has to be"]
pub struct Field {
    path: &'static str,
}

impl Field {
    /// The field is this text.
    #[must_use]
    pub fn is(self, text: impl Into<Cow<'static, str>>) -> When {
        self.compared(TextCondition::OneOf(vec![text.into()]))
    }

    /// The field is one of these texts.
    #[must_use]
    pub fn is_one_of<T: Into<Cow<'static, str>>>(self, texts: impl IntoIterator<Item = T>) -> When {
        self.compared(TextCondition::OneOf(texts.into_iter().map(Into::into).collect()))
    }

    /// The field's text begins with this prefix.
    #[must_use]
    pub fn starts_with(self, prefix: impl Into<Cow<'static, str>>) -> When {
        self.compared(TextCondition::Prefix(prefix.into()))
    }

    /// The field's text ends with this suffix.
    #[must_use]
    pub fn ends_with(self, suffix: impl Into<Cow<'static, str>>) -> When {
        self.compared(TextCondition::Suffix(suffix.into()))
    }

    fn compared(self, is: TextCondition) -> When {
        When::text(TextPlaces::Field(self.path), is)
    }
}

/// The tool that an agent calls through a gateway of Amazon Bedrock AgentCore.
///
/// The gateway invokes the function with the tool's bare arguments and names the tool in the client context
/// (`bedrockAgentCoreToolName`), after the name of its target. `name` is the tool's own name, as in the target's tool schema.
///
/// Amazon Bedrock AgentCore Developer Guide, “Understand how AgentCore Gateway tools are named” and “Lambda function input
/// format”.
///
/// # Example
///
/// ```
/// use switchboard::when::tool;
/// use switchboard::{Context, Failure, Handler, Router};
///
/// #[derive(serde::Deserialize)]
/// struct Lookup {
///     order: String,
/// }
///
/// async fn lookup(arguments: Lookup, _cx: Context<()>) -> Result<serde_json::Value, Failure> {
///     Ok(serde_json::json!({"order": arguments.order, "state": "shipped"}))
/// }
///
/// let router = Router::new(()).direct(lookup.when(tool("lookup_order")));
/// # let _ = router;
/// ```
#[must_use]
pub fn tool(name: impl Into<Cow<'static, str>>) -> When {
    When {
        conditions: vec![Condition::Tool(name.into())],
    }
}

impl When {
    fn text(at: TextPlaces, is: TextCondition) -> Self {
        Self {
            conditions: vec![Condition::Text { at, is }],
        }
    }

    /// Both conditions hold.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::when::{detail_type, field};
    ///
    /// let placed = field("source").is("shop.orders").and(detail_type("OrderPlaced"));
    /// # let _ = placed;
    /// ```
    #[must_use]
    pub fn and(mut self, other: When) -> When {
        self.conditions.extend(other.conditions);
        self
    }

    /// Whether the event, or the record, meets the condition.
    pub(crate) fn takes(&self, event: &[u8], caller: Option<&CallerContext>) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.holds(event, caller))
    }

    /// Whether every event that meets `other` also meets this condition. Then a handler with `other`, registered later, never gets an event.
    pub(crate) fn covers(&self, other: &When) -> bool {
        self.conditions
            .iter()
            .all(|condition| other.conditions.iter().any(|narrower| condition.covers(narrower)))
    }

    /// Whether it asks for an agent's tool.
    pub(crate) fn names_tool(&self) -> bool {
        self.conditions
            .iter()
            .any(|condition| matches!(condition, Condition::Tool(_)))
    }
}

impl Condition {
    fn holds(&self, event: &[u8], caller: Option<&CallerContext>) -> bool {
        match self {
            Condition::Text { at, is } => at.any(event, |text| is.met(text)),
            Condition::Tool(name) => caller
                .and_then(CallerContext::tool)
                .is_some_and(|called| is_tool(&called, name)),
        }
    }

    fn covers(&self, narrower: &Condition) -> bool {
        match (self, narrower) {
            (
                Condition::Text { at, is },
                Condition::Text {
                    at: other,
                    is: narrower,
                },
            ) => at == other && is.covers(narrower),
            (Condition::Tool(name), Condition::Tool(other)) => is_tool(other, name),
            (Condition::Text { .. }, Condition::Tool(_)) | (Condition::Tool(_), Condition::Text { .. }) => {
                false
            }
        }
    }
}

impl TextPlaces {
    fn any(&self, event: &[u8], meets: impl Fn(&str) -> bool) -> bool {
        match self {
            TextPlaces::Field(path) => TextPlace::plain(path).any(event, meets),
            #[cfg(feature = "cloudwatch_logs")]
            TextPlaces::Named(NameKind::LogGroup, _) => {
                log_group_of(event).is_some_and(|group| meets(&group))
            }
            TextPlaces::Named(_, places) => places.iter().any(|place| place.any(event, &meets)),
        }
    }
}

impl TextCondition {
    fn met(&self, text: &str) -> bool {
        match self {
            TextCondition::OneOf(texts) => texts.iter().any(|one| one == text),
            TextCondition::Prefix(prefix) => text.starts_with(&**prefix),
            TextCondition::Suffix(suffix) => text.ends_with(&**suffix),
        }
    }

    fn covers(&self, narrower: &TextCondition) -> bool {
        match (self, narrower) {
            (_, TextCondition::OneOf(texts)) => texts.iter().all(|text| self.met(text)),
            (TextCondition::Prefix(prefix), TextCondition::Prefix(longer)) => longer.starts_with(&**prefix),
            (TextCondition::Suffix(suffix), TextCondition::Suffix(longer)) => longer.ends_with(&**suffix),
            // Infinitely many texts have a prefix or a suffix; only the empty ones are in all texts.
            (TextCondition::OneOf(_), TextCondition::Prefix(_) | TextCondition::Suffix(_)) => false,
            (TextCondition::Prefix(all), TextCondition::Suffix(_))
            | (TextCondition::Suffix(all), TextCondition::Prefix(_)) => all.is_empty(),
        }
    }
}

/// The gateway puts the target's name and underscores before the tool's own name: three according to one page of AWS, two according to another.
fn is_tool(called: &str, name: &str) -> bool {
    called == name
        || called
            .strip_suffix(name)
            .is_some_and(|target| target.ends_with("__"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        "[ab]{0,3}"
    }

    fn condition() -> impl Strategy<Value = When> {
        let path = prop_oneof![Just("a"), Just("b")];
        let one =
            (path, prop::collection::vec(text(), 1..3), 0..3).prop_map(|(path, texts, how)| match how {
                0 => field(path).starts_with(texts[0].clone()),
                1 => field(path).ends_with(texts[0].clone()),
                _ => field(path).is_one_of(texts),
            });
        prop::collection::vec(one, 1..3).prop_map(|all| all.into_iter().reduce(When::and).unwrap())
    }

    proptest! {
        #[test]
        fn a_condition_that_covers_another_takes_all_that_it_takes(
            (wide, narrow) in (condition(), condition()),
            (a, b) in (text(), text()),
        ) {
            let payload = serde_json::json!({"a": a, "b": b}).to_string();
            let takes = |when: &When| when.takes(payload.as_bytes(), None);
            prop_assert!(!wide.covers(&narrow) || !takes(&narrow) || takes(&wide));
            prop_assert!(narrow.covers(&narrow));
            prop_assert!(narrow.covers(&narrow.clone().and(wide.clone())));
            prop_assert_eq!(takes(&wide.clone().and(narrow.clone())), takes(&wide) && takes(&narrow));
        }
    }

    #[test]
    fn a_prefix_covers_its_texts_and_no_text_covers_a_prefix() {
        let [prefix, text] = [field("a").starts_with("or"), field("a").is("order")];
        assert!(prefix.covers(&text) && !text.covers(&prefix));
        assert!(!prefix.covers(&field("b").is("order")));
        assert!(!tool("a").covers(&text) && !text.covers(&tool("a")));
    }

    #[test]
    fn a_tool_is_known_behind_its_targets_name() {
        for called in ["look", "t__look", "t___look", "a__b___look"] {
            assert!(is_tool(called, "look"), "{called}");
        }
        for called in ["", "overlook", "t_look", "t___looks", "look___t"] {
            assert!(!is_tool(called, "look"), "{called}");
        }
    }
}

//! Which events of its source a handler takes: [`Handler::when`](crate::Handler::when).

use super::CallerContext;
use crate::source::parts;
use std::borrow::Cow;

/// A condition on an event: the handler takes the events that meet it.
///
/// Made by [`field`] and [`tool`], and attached by [`Handler::when`](crate::Handler::when).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct When {
    /// All of them hold.
    tests: Vec<Condition>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Condition {
    Field { path: &'static str, text: TextCondition },
    Tool(Cow<'static, str>),
}

/// What the text of a field has to be.
#[derive(Clone, Debug, Eq, PartialEq)]
enum TextCondition {
    OneOf(Vec<Cow<'static, str>>),
    Prefix(Cow<'static, str>),
}

/// A field of the event, by its JSON path from the root: keys with dots between them.
///
/// # Example
///
/// ```
/// use switchboard::{Context, Failure, Handler, Router, field};
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

/// A field that has yet to be compared: see [`field`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a field is not a condition yet: say what it has to be"]
pub struct Field {
    path: &'static str,
}

impl Field {
    /// The field is this text. A number or a flag is compared as it is written.
    #[must_use]
    pub fn is(self, text: impl Into<Cow<'static, str>>) -> When {
        self.compared(TextCondition::OneOf(vec![text.into()]))
    }

    /// The field is one of these texts.
    #[must_use]
    pub fn is_one_of<T: Into<Cow<'static, str>>>(self, texts: impl IntoIterator<Item = T>) -> When {
        self.compared(TextCondition::OneOf(texts.into_iter().map(Into::into).collect()))
    }

    /// The field's text begins with this one.
    #[must_use]
    pub fn starts_with(self, prefix: impl Into<Cow<'static, str>>) -> When {
        self.compared(TextCondition::Prefix(prefix.into()))
    }

    fn compared(self, text: TextCondition) -> When {
        let path = self.path;
        When {
            tests: vec![Condition::Field { path, text }],
        }
    }
}

/// The tool that an agent calls through a gateway of Amazon Bedrock AgentCore.
///
/// The gateway invokes the function with the tool's bare arguments and names the tool in the client context
/// (`bedrockAgentCoreToolName`), behind the name of its target. `name` is the tool's own name, as in the target's tool schema.
///
/// Amazon Bedrock AgentCore Developer Guide, “Understand how AgentCore Gateway tools are named” and “Lambda function input
/// format”.
///
/// # Example
///
/// ```
/// use switchboard::{Context, Failure, Handler, Router, tool};
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
        tests: vec![Condition::Tool(name.into())],
    }
}

impl When {
    /// Both conditions hold.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::field;
    ///
    /// let placed = field("source").is("shop.orders").and(field("detail-type").is("OrderPlaced"));
    /// # let _ = placed;
    /// ```
    #[must_use]
    pub fn and(mut self, other: When) -> When {
        self.tests.extend(other.tests);
        self
    }

    /// Whether the event meets the condition.
    pub(crate) fn takes(&self, payload: &[u8], sent: Option<&CallerContext>) -> bool {
        self.tests.iter().all(|test| test.holds(payload, sent))
    }

    /// Whether every event that meets `other` meets this condition, too: a handler registered behind this one's never gets one.
    pub(crate) fn covers(&self, other: &When) -> bool {
        self.tests
            .iter()
            .all(|test| other.tests.iter().any(|narrower| test.covers(narrower)))
    }

    /// Whether it asks for a tool of an agent.
    pub(crate) fn names_tool(&self) -> bool {
        self.tests.iter().any(|test| matches!(test, Condition::Tool(_)))
    }
}

impl Condition {
    fn holds(&self, payload: &[u8], sent: Option<&CallerContext>) -> bool {
        match self {
            Condition::Field { path, text } => field_text(payload, path).is_some_and(|found| text.is(&found)),
            Condition::Tool(name) => sent
                .and_then(CallerContext::tool)
                .is_some_and(|called| is_tool(&called, name)),
        }
    }

    fn covers(&self, narrower: &Condition) -> bool {
        match (self, narrower) {
            (
                Condition::Field { path, text },
                Condition::Field {
                    path: other,
                    text: narrower,
                },
            ) => path == other && text.covers(narrower),
            (Condition::Tool(name), Condition::Tool(other)) => is_tool(other, name),
            (Condition::Field { .. }, Condition::Tool(_)) | (Condition::Tool(_), Condition::Field { .. }) => {
                false
            }
        }
    }
}

impl TextCondition {
    fn is(&self, text: &str) -> bool {
        match self {
            TextCondition::OneOf(texts) => texts.iter().any(|one| one == text),
            TextCondition::Prefix(prefix) => text.starts_with(&**prefix),
        }
    }

    fn covers(&self, narrower: &TextCondition) -> bool {
        match (self, narrower) {
            (_, TextCondition::OneOf(texts)) => texts.iter().all(|text| self.is(text)),
            (TextCondition::Prefix(prefix), TextCondition::Prefix(longer)) => longer.starts_with(&**prefix),
            // Infinitely many texts begin with the prefix.
            (TextCondition::OneOf(_), TextCondition::Prefix(_)) => false,
        }
    }
}

/// The text of a field: a number or a flag as it is written.
fn field_text<'p>(payload: &'p [u8], path: &str) -> Option<Cow<'p, str>> {
    let [raw] = parts(payload, [Some(path)]);
    let raw = std::str::from_utf8(raw?).ok()?;
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).map(Cow::Owned).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// The gateway puts the target's name and underscores before the tool's own: three by one page of AWS's, two by another.
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
            (path, prop::collection::vec(text(), 1..3), any::<bool>()).prop_map(|(path, texts, prefix)| {
                match prefix {
                    true => field(path).starts_with(texts[0].clone()),
                    false => field(path).is_one_of(texts),
                }
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

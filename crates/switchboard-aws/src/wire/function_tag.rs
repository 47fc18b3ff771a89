//! A tag of the function that marks a trigger as ours, for triggers that have neither a name nor tags of their own.

use aws_sdk_lambda::Client;

use super::plan::{BoxFuture, Found, Resource};
use super::{Function, Slot};
use crate::{Aws, CallContext as _, Failure};

/// A tag of the function.
pub(super) struct FunctionTag<Exists> {
    client: Client,
    function: Function,
    key: String,
    /// What the tag marks, for display: `the URL`.
    marked: String,
    /// Whether this command created what the tag marks, for the resources after this one.
    ours: Slot<bool>,
    exists: Exists,
}

impl<Exists: AsyncFn() -> Result<bool, Failure>> FunctionTag<Exists> {
    /// `exists` says whether there already is what the tag marks.
    pub(super) fn new(
        aws: &Aws,
        function: &Function,
        key: String,
        marked: impl Into<String>,
        exists: Exists,
    ) -> Self {
        Self {
            client: aws.lambda(),
            function: function.clone(),
            key,
            marked: marked.into(),
            ours: Slot::new("whether this command created it"),
            exists,
        }
    }

    /// Is set when the tag is read.
    pub(super) fn ours(&self) -> Slot<bool> {
        self.ours.clone()
    }
}

impl<Exists: AsyncFn() -> Result<bool, Failure>> Resource for FunctionTag<Exists> {
    fn name(&self) -> String {
        format!("tag {} of function {}", self.key, self.function.name)
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!("lets `unwire` recognize {}", self.marked)]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let ours = has_tag(&self.client, &self.function, &self.key).await?;
            self.ours.set(Some(ours));
            if ours {
                return Ok(Found::Ours(Vec::new()));
            }
            // What someone else created gets no tag.
            Ok(match (self.exists)().await? {
                true => Found::Foreign(Vec::new()),
                false => Found::Absent,
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let arn = self.function.arn.to_string();
            let call = self
                .client
                .tag_resource()
                .resource(arn)
                .tags(&self.key, "cargo-switchboard");
            call.send()
                .await
                .call_context("lambda:TagResource", self.name())
                .map(drop)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let arn = self.function.arn.to_string();
            let call = self.client.untag_resource().resource(arn).tag_keys(&self.key);
            call.send()
                .await
                .call_context("lambda:UntagResource", self.name())
                .map(drop)
        })
    }
}

/// Whether the function has a tag with this key.
///
/// # Errors
/// If the function's tags cannot be read.
pub(super) async fn has_tag(client: &Client, function: &Function, key: &str) -> Result<bool, Failure> {
    let asked = client.list_tags().resource(function.arn.to_string()).send().await;
    let tags = asked.call_context("lambda:ListTags", format!("function {}", function.name))?;
    Ok(tags.tags().is_some_and(|tags| tags.contains_key(key)))
}

//! The name of the durable execution that a record starts.

use super::Context;
use crate::source::{Source, parts};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The longest name that Lambda takes, in characters.
const LONGEST: usize = 64;

impl<S> Context<S> {
    /// A name for the durable execution that this record starts, the same at every delivery of the record and of no other
    /// one: its source and a hash of its [`identity`](Self::identity) and of where it comes from. `None` if it has no
    /// identity. The feature `durable-start` has it.
    ///
    /// Lambda starts one execution of a name. If the record is delivered again, it differs (in its receive count, say), and
    /// Lambda answers `DurableExecutionAlreadyStartedException`: the execution is there, and the record is done.
    ///
    /// # Example
    ///
    /// ```
    /// use aws_lambda_events::kinesis::KinesisEventRecord;
    /// use switchboard::{Context, Failure};
    ///
    /// async fn on_record(_record: KinesisEventRecord, cx: Context<()>) -> Result<(), Failure> {
    ///     let name = cx.start_name().ok_or("the record has no identity")?;
    ///     // client.invoke().function_name("checkout:live").invocation_type(InvocationType::Event)
    ///     //     .durable_execution_name(name).payload(Blob::new(cx.raw())).send().await
    /// #   let _ = name;
    ///     Ok(())
    /// }
    /// # let _ = switchboard::Router::new(()).kinesis(on_record);
    /// ```
    #[must_use]
    pub fn start_name(&self) -> Option<String> {
        let identity = self.identity()?;
        let [origin] = parts(self.raw(), [Some("eventSourceARN")]);
        Some(name(self.source(), origin.unwrap_or_default(), &identity))
    }
}

/// A name of the characters that Lambda takes: letters, digits, `-` and `_`.
fn name(source: Source, origin: &[u8], identity: &str) -> String {
    let mut hash = Sha256::new();
    for part in [source.as_str().as_bytes(), origin, identity.as_bytes()] {
        // With their lengths, so that no two records say the same.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut name = format!("{source}-");
    for byte in hash.finalize() {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name.truncate(LONGEST);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// A name must not change from one release to the next: a record could start a second execution.
    #[test]
    fn a_name_stays_what_it_is() {
        assert_eq!(
            name(
                Source::Sqs,
                br#""arn:aws:sqs:eu-west-1:123456789012:orders""#,
                "m-1"
            ),
            "sqs-36119bdb83ba447fa4a0fe680804cc17ff114f3e37155b0819756a2db95f"
        );
    }

    proptest! {
        #[test]
        fn lambda_takes_every_name_and_no_two_records_share_one(
            source in select(Source::ALL),
            a in ("[a-c:]{0,3}", "\\PC{0,4}"),
            b in ("[a-c:]{0,3}", "\\PC{0,4}"),
        ) {
            let of = |(origin, identity): &(String, String)| name(source, origin.as_bytes(), identity);
            let taken = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
            prop_assert!(of(&a).len() <= 64 && of(&a).chars().all(taken), "{}", of(&a));
            prop_assert_eq!(of(&a) == of(&b), a == b);
        }
    }
}

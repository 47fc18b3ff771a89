//! Every sample, through the function's router, in any order and more than once: the journal ends up the same.

use super::testing::{app, entries, outcome};
use super::{App, router};
use crate::Payload;
use lambda_runtime::LambdaEvent;
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use tower::Service as _;

/// The sources whose samples become entries.
const SOURCES: [&str; 4] = ["s3", "dynamodb", "kinesis", "cloudwatch_events"];

fn samples() -> Vec<PathBuf> {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let list = |source: &str| {
        std::fs::read_dir(events.join(source))
            .unwrap()
            .map(|file| file.unwrap().path())
    };
    let mut samples: Vec<_> = SOURCES.into_iter().flat_map(list).collect();
    samples.sort();
    samples
}

async fn deliver(app: &App, sample: &Path) {
    let payload = Payload::new(std::fs::read(sample).unwrap());
    let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
    let reply = router(app.clone()).call(event).await;
    let reply = format!(
        "{:?}",
        reply.unwrap_or_else(|error| panic!("{}: {error}", sample.display()))
    );
    let failed = reply.contains("itemIdentifier");
    assert!(!failed, "{}: {reply}", sample.display());
}

#[tokio::test]
async fn no_sample_is_taken_for_another() {
    let app = app();
    for sample in samples() {
        let before = entries(&app).await.len();
        deliver(&app, &sample).await;
        let new = entries(&app).await.len() - before;
        let silent = ["s3_test", "test_event", "control"]
            .iter()
            .any(|name| sample.to_str().unwrap().contains(name));
        assert_eq!(new == 0, silent, "{} made {new} entries", sample.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn samples_leave_the_same_journal_in_any_order(
        arrival in Just([samples(), samples(), samples()].concat()).prop_shuffle(),
    ) {
        super::testing::block_on(async {
            let (once, often) = (app(), app());
            for sample in samples() {
                deliver(&once, &sample).await;
            }
            for sample in arrival {
                deliver(&often, &sample).await;
            }
            prop_assert_eq!(outcome(&once).await, outcome(&often).await);
            Ok(())
        })?;
    }
}

//! Detection asks what a payload says, not how it is written: the order of keys, white space, escapes and keys that no source has
//! change nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use switchboard::fuzzing::is_of_several;
use switchboard::source::detect;
use switchboard_fuzz::{Choices, rewritten};

fuzz_target!(|data: &[u8]| {
    let found = detect(data);
    assert!(found.evidence().count() > 0);
    assert!(
        !found.to_string().contains(char::is_control),
        "evidence is a line"
    );

    let Ok(value) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let plain = value.to_string();
    // What says for good that it is of two sources is of the one whose keys come first: no sender writes such a thing.
    if is_of_several(plain.as_bytes()) {
        return;
    }
    let plain = detect(plain.as_bytes());
    let mut choices = Choices::of(data);
    let written = rewritten(&value, &mut choices, false);
    assert_eq!(plain.source, detect(written.as_bytes()).source, "{written}");
    let written = rewritten(&value, &mut choices, true);
    assert_eq!(plain.source, detect(written.as_bytes()).source, "{written}");
});

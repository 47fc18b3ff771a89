//! Templates: whatever stands in a file, `doctor` reads it or says where it is none, in the time that its size allows; its reports
//! are well-formed; and how JSON is written changes nothing of what it finds.

#![no_main]

use cargo_switchboard::fuzzing::diagnose;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use switchboard_fuzz::{Choices, rewritten, tolerate_panics_of_libraries};

/// What the functions of a template serve.
const SERVED: &[u8] = include_bytes!("../../crates/cargo-switchboard/tests/doctor/routes.json");

fuzz_target!(init: tolerate_panics_of_libraries(), |data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = findings(text);
    let Ok(template @ Value::Object(_)) = serde_json::from_str(text) else { return };
    // YAML has no escapes for halves of pairs, and keys of more than 1024 characters are none of it.
    let found = findings(&template.to_string());
    let rewritten = rewritten(&template, &mut Choices::of(data), false);
    assert_eq!(found.ok(), findings(&rewritten).ok(), "{rewritten}");
});

/// What is found, whatever its place.
fn findings(template: &str) -> Result<Vec<String>, String> {
    let [text, json, sarif, annotations] = diagnose(template, SERVED).map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_str(&json).expect("the report is JSON");
    let sarif: Value = serde_json::from_str(&sarif).expect("the report is SARIF");
    let listed = report["findings"].as_array().expect("findings are a list");
    // What concerns several functions is listed for each of them, and once for people.
    let results = sarif["runs"][0]["results"].as_array().map_or(0, Vec::len);
    assert!(results <= listed.len() && (results == 0) == listed.is_empty());
    assert_eq!(
        annotations.lines().filter(|line| line.starts_with("::")).count(),
        results
    );
    let mut found = Vec::new();
    for finding in listed {
        let code = finding["code"].as_str().expect("each finding has a code");
        assert!(text.contains(code), "{code} in {text}");
        found.push(format!("{code} {} {}", finding["resource"], finding["function"]));
    }
    found.sort();
    Ok(found)
}

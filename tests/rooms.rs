//! Which package of the workspace depends on which: none knows one that it does not need.

use std::collections::BTreeMap;
use std::path::Path;

/// Each package's manifest, and the packages of the workspace that it is built with.
const ROOMS: [(&str, &[&str]); 7] = [
    ("crates/switchboard", &[]),
    ("crates/lambda-event-source-mapping", &[]),
    ("crates/lambda-sandbox", &[]),
    ("crates/switchboard-aws", &["lambda-event-source-mapping"]),
    ("crates/switchboard-durable", &["switchboard"]),
    (
        "crates/cargo-switchboard",
        &[
            "lambda-event-source-mapping",
            "lambda-sandbox",
            "switchboard",
            "switchboard-aws",
        ],
    ),
    (".", &["switchboard"]),
];

/// What the workspace's packages are called in manifests.
const NAMES: [&str; 9] = [
    "cargo-switchboard",
    "lambda-event-source-mapping",
    "lambda-sandbox",
    "lambda-switchboard",
    "switchboard",
    "switchboard-aws",
    "switchboard-benches",
    "switchboard-function",
    "switchboard-test-support",
];

/// The packages of the workspace among the dependencies that are built, not those of tests.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut section = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let built = section.ends_with("dependencies]") && !section.contains("dev-");
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if built && NAMES.contains(&name) {
            found.push(name.to_owned());
        }
    }
    found.sort();
    found
}

#[test]
fn no_package_knows_one_that_it_does_not_need() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found: BTreeMap<&str, Vec<String>> = ROOMS
        .iter()
        .map(|(room, _)| {
            let manifest = std::fs::read_to_string(root.join(room).join("Cargo.toml")).unwrap();
            // The workspace's own list is before its first package.
            let package = manifest.split_once("[package]").unwrap().1;
            (*room, dependencies(package))
        })
        .collect();
    for (room, expected) in ROOMS {
        assert_eq!(found[room], expected, "{room}");
    }
}

#[test]
fn dependencies_are_seen_in_any_form() {
    let manifest = "[dependencies]\nswitchboard = { workspace = true }\nlambda-sandbox.workspace = true\n\
        [target.'cfg(unix)'.dependencies]\nswitchboard-aws = \"1\"\n[dev-dependencies]\nswitchboard-test-support.workspace = true\n";
    assert_eq!(
        dependencies(manifest),
        ["lambda-sandbox", "switchboard", "switchboard-aws"]
    );
}

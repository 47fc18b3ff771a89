//! What is promised names the test that holds it: no promise is without one, and every name is a test's.

use std::path::Path;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Where tests are, of the function, the library, the sandbox and the companion.
const TESTS: [&str; 4] = [
    "tests",
    "crates/switchboard/tests",
    "crates/lambda-sandbox/tests",
    "crates/cargo-switchboard/tests/companion",
];

/// `file::test`, for the test `test` in `tests/file.rs` or `tests/file/mod.rs`.
fn is_a_test(name: &str) -> bool {
    let Some((module, test)) = name.split_once("::") else {
        return false;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    TESTS.iter().any(|tests| {
        let places = [format!("{module}.rs"), format!("{module}/mod.rs")];
        places.iter().any(|place| {
            let source = std::fs::read_to_string(root.join(tests).join(place)).unwrap_or_default();
            // Those of property tests have no attribute right above.
            source.contains(&format!("fn {test}("))
        })
    })
}

#[test]
fn each_promise_names_tests_or_a_command() {
    let promises = file("docs/promises.md");
    let rows: Vec<&str> = promises
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .collect();
    assert!(rows.len() >= 15, "{rows:?}");
    for row in rows {
        let held_by = row.rsplit(" | ").next().unwrap();
        assert!(quoted(held_by).next().is_some(), "nothing holds this: {row}");
        for name in quoted(held_by) {
            assert!(
                name.starts_with("make ") || is_a_test(name),
                "`{name}` is no test: {row}"
            );
        }
    }
}

#[test]
fn security_names_each_fuzz_target() {
    let security = file("SECURITY.md");
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let targets: Vec<_> = std::fs::read_dir(targets).unwrap().map(Result::unwrap).collect();
    assert!(targets.len() >= 13, "{targets:?}");
    for target in targets {
        let name = target.path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            quoted(&security).any(|quoted| quoted == name),
            "SECURITY.md does not name the target `{name}`"
        );
        assert!(
            file("fuzz/Cargo.toml").contains(&format!("name = \"{name}\"")),
            "{name}"
        );
    }
}

#[test]
fn security_names_tests_that_are_there() {
    let security = file("SECURITY.md");
    let names: Vec<&str> = quoted(&security).filter(|name| name.contains("::")).collect();
    assert!(names.len() >= 15, "{names:?}");
    for name in names {
        assert!(is_a_test(name), "SECURITY.md: `{name}` is no test");
    }
}

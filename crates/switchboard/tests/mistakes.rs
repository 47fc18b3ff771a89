//! What the compiler says about mistakes that people make. Each file in `mistakes/` is one of them, and begins with the lines that the
//! compiler's messages must have (`//~ …`), and with the beginning of those that it must say once (`//~once …`). Other lines of the messages are the compiler's own, and differ between its versions.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The features of the library that the cases are compiled with. `kafka` and `idempotency` are missed on purpose.
const FEATURES: [&str; 3] = ["envelopes", "http", "sqs"];

/// What the cases depend on beside the library; versions are those of the workspace.
const DEPENDENCIES: &str = r#"
http = "1"
lambda_http = { version = "1", default-features = false }
serde = { version = "1", features = ["derive"] }
tower = { version = "0.5", default-features = false, features = ["util"] }
tracing = { version = "0.1", default-features = false, features = ["std"] }
"#;

#[test]
fn the_compiler_says_what_to_do_about_a_mistake() {
    let cases = cases();
    assert!(cases.len() >= 20, "{}", cases.len());
    let package = package(&cases);
    let said = compile(&package);
    let mut wrong = String::new();
    for (name, path) in &cases {
        let messages = said.get(name).map_or("it compiles", String::as_str);
        let source = fs::read_to_string(path).unwrap();
        let expected: Vec<_> = source
            .lines()
            .filter_map(|line| line.strip_prefix("//~ "))
            .collect();
        let missing = expected.iter().filter(|line| !messages.contains(**line));
        let missing: Vec<_> = missing.collect();
        let once = source.lines().filter_map(|line| line.strip_prefix("//~once "));
        let errors = |of: &str| {
            messages
                .lines()
                .filter(|line| line.starts_with("error") && line.contains(of))
                .count()
        };
        let not_once: Vec<_> = once.clone().filter(|line| errors(line) != 1).collect();
        if !missing.is_empty() || !not_once.is_empty() || (expected.is_empty() && once.count() == 0) {
            writeln!(
                wrong,
                "== {name}: {missing:?} not in, {not_once:?} not once in:\n{messages}"
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The files of the cases by their names.
fn cases() -> BTreeMap<String, PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    let files = fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.map(|path| (name(&path), path)).collect()
}

/// A package whose binaries are the cases, outside the workspace: `cargo build` there must not meet them. Profile and lock file are
/// the workspace's, so that what the library depends on is compiled once for both.
fn package(cases: &BTreeMap<String, PathBuf>) -> PathBuf {
    let library = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = library.ancestors().nth(2).unwrap();
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
    fs::create_dir_all(&package).unwrap();
    let root = fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
    let profiles = &root[root.find("[profile.dev]").unwrap()..root.find("[profile.release]").unwrap()];
    let mut manifest = format!(
        "[workspace]\n\n[package]\nname = \"mistakes\"\nedition = \"2024\"\n\n[dependencies]\n\
         switchboard = {{ package = \"lambda-switchboard\", path = {library:?}, default-features = false, features = {FEATURES:?} }}\n\
         {DEPENDENCIES}\n{profiles}"
    );
    for (name, path) in cases {
        writeln!(manifest, "\n[[bin]]\nname = \"{name}\"\npath = {path:?}").unwrap();
    }
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    package
}

/// Compiles the cases, and returns what the compiler said about each.
fn compile(package: &Path) -> BTreeMap<String, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "--keep-going",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(package)
        .output()
        .unwrap();
    let mut said = BTreeMap::<_, String>::new();
    for line in String::from_utf8(cargo.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(rendered) = line["message"]["rendered"].as_str() {
            let name = line["target"]["name"].as_str().unwrap().to_owned();
            said.entry(name).or_default().push_str(rendered);
        }
    }
    assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&cargo.stderr));
    said
}

//! `Cargo.toml` of a new function.

use std::collections::BTreeSet;

use super::known::SourceTemplate;
use super::package::LibraryOrigin;

/// The versions of what handlers need.
const VERSIONS: [(&str, &str); 3] = [
    (
        "axum",
        "{ version = \"0.8\", default-features = false, features = [\"json\", \"query\"] }",
    ),
    ("serde", "{ version = \"1\", features = [\"derive\"] }"),
    ("serde_json", "\"1\""),
];

const PROFILE: &str = r#"
[profile.release]
codegen-units = 1
lto = "fat"
# cargo-lambda makes it "abort" where nothing is said, and then the panic of one record would end the process and fail the whole batch.
panic = "unwind"
strip = "symbols"
"#;

pub(super) fn manifest(name: &str, sources: &[&SourceTemplate], origin: &LibraryOrigin) -> String {
    let mut lines = vec![
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n"),
        "[dependencies]".to_owned(),
        library(sources, origin),
    ];
    lines.extend(versions(sources, |known| known.needs));
    lines.push("tracing = \"0.1\"\n\n[dev-dependencies]".to_owned());
    lines.push(format!("lambda-sandbox = {{ {} }}", origin.of("lambda-sandbox")));
    lines.extend(versions(sources, |known| known.tests_need));
    lines.push(format!(
        "switchboard = {{ package = \"lambda-switchboard\", {}, default-features = false, features = [\"testing\"] }}",
        origin.of("switchboard")
    ));
    lines.push("tokio = { version = \"1\", features = [\"macros\", \"rt\"] }".to_owned());
    format!("{}\n{PROFILE}", lines.join("\n"))
}

/// The entries of what the handlers, or their tests, need.
fn versions(
    sources: &[&SourceTemplate],
    needs: fn(&SourceTemplate) -> &'static [&'static str],
) -> impl Iterator<Item = String> {
    let needs: BTreeSet<&str> = sources.iter().flat_map(|known| needs(known)).copied().collect();
    VERSIONS
        .iter()
        .filter(move |(package, _)| needs.contains(package))
        .map(|(package, version)| format!("{package} = {version}"))
}

fn library(sources: &[&SourceTemplate], origin: &LibraryOrigin) -> String {
    let mut library = format!(
        "switchboard = {{ package = \"lambda-switchboard\", {}",
        origin.of("switchboard")
    );
    // HTTP is the library's default feature.
    if !sources.iter().any(|known| known.is_http()) {
        library.push_str(", default-features = false");
    }
    let features: BTreeSet<&str> = sources.iter().filter_map(|known| known.feature).collect();
    if !features.is_empty() {
        library.push_str(&format!(", features = {}", list(features)));
    }
    library + " }"
}

fn list(words: BTreeSet<&str>) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(", "))
}

//! What is known of a source is one row of facts: no code asks which source it has and means all the others by `_`.

use crate::law::{attributes, files_of, is_of_tests};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// The crates that know sources. A `Source` is the library's or one that is simulated; `Detected` is another name of the
/// library's.
const ROOTS: [&str; 4] = [
    "crates/switchboard/src/lib.rs",
    "crates/cargo-switchboard/src/lib.rs",
    "src/lib.rs",
    "src/main.rs",
];
const SOURCES: [&str; 2] = ["Source", "Detected"];

/// Where code distinguishes sources and means some of them by a pattern that does not name them.
#[derive(Default)]
struct RestPatterns {
    found: Vec<String>,
}

/// Whether the path is that of a source. `Unknown` does not count: code may compare with it.
fn is_source(path: &syn::Path) -> bool {
    let segments: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let [.., of, name] = &segments[..] else {
        return false;
    };
    let is_variant = name != "Unknown" && name.chars().any(char::is_lowercase);
    let is_name = name.starts_with(char::is_uppercase) && (is_variant || name == "S3");
    SOURCES.contains(&of.as_str()) && is_name
}

/// Whether a pattern, or an expression, names a source.
#[derive(Default)]
struct NamesSource(bool);

impl<'ast> Visit<'ast> for NamesSource {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0 |= is_source(path);
    }
}

fn names_source(pattern: &syn::Pat) -> bool {
    let mut names = NamesSource::default();
    names.visit_pat(pattern);
    names.0
}

fn is_rest(pattern: &syn::Pat) -> bool {
    match pattern {
        syn::Pat::Wild(_) => true,
        syn::Pat::Ident(name) => name.subpat.is_none(),
        syn::Pat::Tuple(tuple) => tuple.elems.iter().all(is_rest),
        syn::Pat::Or(or) => or.cases.iter().any(is_rest),
        syn::Pat::Paren(inner) => is_rest(&inner.pat),
        _ => false,
    }
}

impl RestPatterns {
    fn of(file: &syn::File) -> Vec<String> {
        let mut rests = Self::default();
        rests.visit_file(file);
        rests.found
    }

    fn note(&mut self, what: &str) {
        self.found.push(what.to_owned());
    }
}

impl<'ast> Visit<'ast> for RestPatterns {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_of_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        let named = expression.arms.iter().any(|arm| names_source(&arm.pat));
        if named && expression.arms.iter().any(|arm| is_rest(&arm.pat)) {
            self.note("a `match` with a rest");
        }
        visit::visit_expr_match(self, expression);
    }

    /// `if let`, `while let`.
    fn visit_expr_let(&mut self, expression: &'ast syn::ExprLet) {
        if names_source(&expression.pat) {
            self.note("a `let` in a condition");
        }
        visit::visit_expr_let(self, expression);
    }

    /// `let … else`.
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if names_source(&local.pat) {
            self.note("a `let … else`");
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_binary(&mut self, expression: &'ast syn::ExprBinary) {
        let compares = matches!(expression.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_));
        let mut names = NamesSource::default();
        names.visit_expr(&expression.left);
        names.visit_expr(&expression.right);
        if compares && names.0 {
            self.note("a comparison");
        }
        visit::visit_expr_binary(self, expression);
    }

    /// What is in a macro's call is not parsed.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let text = call.tokens.to_string().replace(' ', "");
        let mut paths = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        let named = paths.any(|path| syn::parse_str(path).is_ok_and(|path| is_source(&path)));
        if named && call.path.is_ident("matches") {
            self.note("a `matches!`");
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn nothing_means_the_other_sources_by_a_rest() {
    let mut read = 0;
    let mut found = Vec::new();
    for crate_root in ROOTS {
        for (path, _, file) in files_of(&root().join(crate_root)) {
            read += 1;
            let rests = RestPatterns::of(&file).into_iter();
            found.extend(rests.map(|rest| format!("{}: {rest} over sources", path.display())));
        }
    }
    assert!(
        found.is_empty(),
        "what differs between sources is a fact of `source/facts`, in:\n{}",
        found.join("\n")
    );
    assert!(read > 300, "{read}");
}

#[test]
fn a_rest_is_seen() {
    for (code, seen) in [
        ("match source { Source::Sqs => 1, _ => 2 }", true),
        (
            "match (source, x) { (source::Source::Sqs, _) => 1, (_, _) => 2 }",
            true,
        ),
        ("match source { Source::S3 | Source::Sqs => 1, other => 2 }", true),
        ("if let Some(Source::Sqs) = source { f() }", true),
        ("{ let Some(Detected::Sqs) = source else { return }; }", true),
        ("matches!(source, Source::Sqs | Source::Sns)", true),
        ("source == Source::Sqs", true),
        ("match source { Source::Sqs => 1, Source::S3 => 2 }", false),
        ("match source.delivery() { Delivery::Queue => 1, _ => 2 }", false),
        ("source == Source::Unknown", false),
        ("Source::ALL.iter().any(|known| known == source)", false),
        ("f(Source::Sqs)", false),
    ] {
        let file = syn::parse_file(&format!("fn f() {{ {code} }}")).unwrap();
        assert_eq!(!RestPatterns::of(&file).is_empty(), seen, "{code}");
    }
}

/// The files that name the made-up source of `made_up.rs`. Tests do not count, nor do the lines that only include its files: `mod`
/// lines, and the sample's.
#[test]
fn a_source_is_added_in_four_places() {
    fn walk(dir: &Path, places: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, places);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let code = text.split("mod tests {").next().unwrap_or_default();
            let includes =
                |line: &&str| line.ends_with("mod tollbooth;") || line.contains("/tollbooth.json\"");
            let mut lines = code.lines().filter(|line| !includes(line));
            if lines.any(|line| line.to_lowercase().contains("tollbooth")) {
                let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                places.push(path.display().to_string());
            }
        }
    }
    let mut places = Vec::new();
    for dir in ["src", "tests"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir), &mut places);
    }
    places.retain(|place| !["src/made_up.rs", "tests/rows.rs"].contains(&place.as_str()));
    places.sort();
    let expected = [
        "src/event/tollbooth.rs",
        "src/source/facts/tollbooth.rs",
        "src/source/name.rs",
        "tests/made_up/tollbooth.json",
    ];
    assert_eq!(places, expected);
    let guide = std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    for place in expected {
        assert!(guide.contains(&format!("crates/switchboard/{place}")), "{place}");
    }
}

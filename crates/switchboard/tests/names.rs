//! The law of names: a type's name means one thing in its crate.

use crate::law::{attributes, is_of_tests, named};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// The crates whose types are looked at, and their roots.
const CRATES: [&str; 6] = [
    "crates/switchboard",
    "crates/lambda-event-source-mapping",
    "crates/lambda-sandbox",
    "crates/switchboard-aws",
    "crates/cargo-switchboard",
    ".",
];

/// Where a type is defined, and the conditions (`#[cfg(…)]`) under which it is compiled.
struct Definition {
    file: PathBuf,
    conditions: Vec<String>,
}

/// The types of a crate, in functions too; those that only tests have are left out.
#[derive(Default)]
struct Types {
    file: PathBuf,
    /// Where the modules of the file are.
    folder: PathBuf,
    conditions: Vec<String>,
    found: BTreeMap<String, Vec<Definition>>,
}

impl Types {
    fn of(root: &Path) -> Self {
        let mut types = Self::default();
        types.read(root);
        types
    }

    fn read(&mut self, path: &Path) {
        let text = std::fs::read_to_string(path).unwrap();
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let is_root = ["lib.rs", "mod.rs"].iter().any(|name| path.ends_with(name));
        let folder = match is_root {
            true => path.parent().unwrap().to_owned(),
            false => path.with_extension(""),
        };
        let outside = (
            std::mem::replace(&mut self.file, path.to_owned()),
            std::mem::replace(&mut self.folder, folder),
        );
        self.visit_file(&file);
        (self.file, self.folder) = outside;
    }

    /// The file of a module that is declared in this one.
    fn file_of(&self, module: &syn::ItemMod) -> PathBuf {
        let name = module.ident.to_string();
        if let Some(path) = named(&module.attrs) {
            return self.folder.join(path);
        }
        let file = self.folder.join(format!("{name}.rs"));
        match file.exists() {
            true => file,
            false => self.folder.join(name).join("mod.rs"),
        }
    }

    fn note(&mut self, name: &syn::Ident) {
        let definition = Definition {
            file: self.file.clone(),
            conditions: self.conditions.clone(),
        };
        self.found.entry(name.to_string()).or_default().push(definition);
    }

    /// The names that several types have.
    fn doubled(&self) -> Vec<String> {
        let mut doubled = Vec::new();
        for (name, definitions) in &self.found {
            let (first, rest) = definitions.split_first().unwrap();
            let others = rest.iter().filter(|other| !first.excludes(other));
            doubled.extend(others.map(|other| {
                let (first, other) = (first.file.display(), other.file.display());
                format!("{name} is defined in {first} and in {other}")
            }));
        }
        doubled
    }
}

impl Definition {
    /// Whether no build has both: one has a condition whose negation the other has. Such a pair is one type, built in two ways.
    fn excludes(&self, other: &Self) -> bool {
        let negated = |ours: &[String], theirs: &[String]| {
            let mut negations = ours.iter().map(|condition| format!("not ({condition})"));
            negations.any(|negation| theirs.contains(&negation))
        };
        negated(&self.conditions, &other.conditions) || negated(&other.conditions, &self.conditions)
    }
}

impl<'ast> Visit<'ast> for Types {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_of_tests(attributes(item)) {
            return;
        }
        let outside = self.conditions.len();
        let conditions = attributes(item)
            .iter()
            .filter_map(|attribute| match &attribute.meta {
                syn::Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.to_string()),
                _ => None,
            });
        self.conditions.extend(conditions);
        match item {
            syn::Item::Struct(item) => self.note(&item.ident),
            syn::Item::Enum(item) => self.note(&item.ident),
            syn::Item::Trait(item) => self.note(&item.ident),
            syn::Item::Type(item) => self.note(&item.ident),
            syn::Item::Mod(item) if item.content.is_none() => self.read(&self.file_of(item)),
            _ => {}
        }
        visit::visit_item(self, item);
        self.conditions.truncate(outside);
    }
}

#[test]
fn a_type_name_means_one_thing_in_its_crate() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in CRATES {
        let types = Types::of(&workspace.join(name).join("src/lib.rs"));
        let doubled = types.doubled();
        assert!(doubled.is_empty(), "\n{}", doubled.join("\n"));
        // It looks at all of them.
        assert!(types.found.len() > 25, "{name}: {}", types.found.len());
    }
}

#[test]
fn a_doubled_name_is_seen() {
    let mut types = Types::default();
    for (name, text) in [
        (
            "a",
            "struct One; fn f() { enum Two {} } #[cfg(test)] mod tests { struct Three; }",
        ),
        ("b", "trait Two { type One; } mod inner { struct Three; }"),
        (
            "c",
            "#[cfg(unix)] type Four = u8; #[cfg(feature = \"x\")] struct Five;",
        ),
        (
            "d",
            "#[cfg(not(unix))] struct Four; #[cfg(feature = \"y\")] struct Five;",
        ),
        ("e", "type One = u8;"),
    ] {
        types.file = name.into();
        types.visit_file(&syn::parse_file(text).unwrap());
    }
    let expected = [
        "Five is defined in c and in d",
        "One is defined in a and in e",
        "Two is defined in a and in b",
    ];
    assert_eq!(types.doubled(), expected);
}

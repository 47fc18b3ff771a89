//! The law of imports: a module of the library knows itself and those to its right, and nothing to its left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// The order in which an event meets the modules, and below them what they all stand on. ARCHITECTURE.md says why.
const LAW: [&str; 16] = [
    "fuzzing",
    "testing",
    "runtime",
    "router",
    "batch",
    "idempotency",
    "store",
    "handler",
    "telemetry",
    "event",
    "mode",
    "error",
    "source",
    "panics",
    "bounds",
    "deadlines",
];

/// A module of which another is known: by its file, the path that names it, and where that path leads.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Import {
    file: String,
    from: String,
    to: String,
    path: String,
}

/// What a file imports or names, as paths from the root of the crate.
struct Names<'m> {
    /// The module that the file is.
    module: &'m [String],
    /// How deep within inline modules.
    inside: Vec<String>,
    found: BTreeSet<Vec<String>>,
}

impl Names<'_> {
    /// Notes a path that begins with `crate`, `self` or `super`; any other leads into the same module or another crate.
    fn note(&mut self, segments: &[String]) {
        let mut here = [self.module, &self.inside].concat();
        let mut rest = segments;
        match segments.first().map(String::as_str) {
            Some("crate") => {
                here.clear();
                rest = &segments[1..];
            }
            Some("self") => rest = &segments[1..],
            Some("super") => {
                while let Some("super") = rest.first().map(String::as_str) {
                    here.pop().expect("there is a module above");
                    rest = &rest[1..];
                }
            }
            _ => return,
        }
        self.found.insert([&here, rest].concat());
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.note(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.note(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.note(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
        }
    }
}

/// Whether an item is there in tests only.
pub(crate) fn is_of_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg")
            && (condition == "test" || condition == "doctest" || condition.starts_with("all (test"))
    })
}

pub(crate) fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_of_tests(attributes(item)) {
            return;
        }
        match item {
            syn::Item::Use(item) => self.tree(&item.tree, &[]),
            syn::Item::Mod(item) => {
                self.inside.push(item.ident.to_string());
                visit::visit_item_mod(self, item);
                self.inside.pop();
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.note(&segments);
        visit::visit_path(self, path);
    }

    /// `pub(super)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    /// What is in a macro's call is not parsed: paths are looked for in its text.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let text = call.tokens.to_string().replace(' ', "");
        for path in text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
            let segments: Vec<String> = path.split("::").map(str::to_owned).collect();
            if segments.len() > 1 {
                self.note(&segments);
            }
        }
    }
}

/// The files of the library, each with the module that it is; those that only tests have are left out.
fn files() -> Vec<(PathBuf, Vec<String>, syn::File)> {
    files_of(&root().join("lib.rs"))
}

/// The same of any crate, by its root.
pub(crate) fn files_of(crate_root: &Path) -> Vec<(PathBuf, Vec<String>, syn::File)> {
    fn add(path: &Path, module: &[String], files: &mut Vec<(PathBuf, Vec<String>, syn::File)>) {
        let text = std::fs::read_to_string(path).unwrap();
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let is_root = ["lib.rs", "main.rs", "mod.rs"]
            .iter()
            .any(|name| path.ends_with(name));
        let folder = match is_root {
            true => path.parent().unwrap().to_owned(),
            false => path.with_extension(""),
        };
        for item in &file.items {
            let syn::Item::Mod(item) = item else { continue };
            if item.content.is_some() || is_of_tests(&item.attrs) {
                continue;
            }
            let name = item.ident.to_string();
            let inner = [module, std::slice::from_ref(&name)].concat();
            let mut places = vec![
                folder.join(format!("{name}.rs")),
                folder.join(&name).join("mod.rs"),
            ];
            places.extend(named(&item.attrs).map(|path| folder.join(path)));
            let there: Vec<_> = places.iter().filter(|path| path.exists()).collect();
            assert!(!there.is_empty(), "{name} of {}", path.display());
            there.into_iter().for_each(|path| add(path, &inner, files));
        }
        files.push((path.to_owned(), module.to_vec(), file));
    }
    let mut files = Vec::new();
    add(crate_root, &[], &mut files);
    files
}

/// The file that `#[path = "…"]` names.
pub(crate) fn named(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(path),
                ..
            }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// What `lib.rs` re-exports, and from which module.
fn exports(files: &[(PathBuf, Vec<String>, syn::File)]) -> BTreeMap<String, String> {
    fn leaves(tree: &syn::UseTree, module: &str, exports: &mut BTreeMap<String, String>) {
        match tree {
            syn::UseTree::Name(name) => {
                exports.insert(name.ident.to_string(), module.to_owned());
            }
            syn::UseTree::Path(path) => leaves(&path.tree, module, exports),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| leaves(item, module, exports)),
            syn::UseTree::Rename(_) | syn::UseTree::Glob(_) => panic!("lib.rs names what it re-exports"),
        }
    }
    let mut exports = BTreeMap::new();
    let (_, _, lib) = files.iter().find(|(_, module, _)| module.is_empty()).unwrap();
    for item in &lib.items {
        let syn::Item::Use(item) = item else { continue };
        let syn::UseTree::Path(path) = &item.tree else {
            panic!("lib.rs re-exports from modules only")
        };
        leaves(&path.tree, &path.ident.to_string(), &mut exports);
    }
    exports
}

/// Every module that a module names.
fn imports() -> BTreeSet<Import> {
    let files = files();
    let exports = exports(&files);
    let mut imports = BTreeSet::new();
    for (path, module, file) in &files {
        let Some(from) = module.first() else { continue };
        let mut names = Names {
            module,
            inside: Vec::new(),
            found: BTreeSet::new(),
        };
        names.visit_file(file);
        for found in names.found {
            let Some(first) = found.first() else {
                panic!("{} imports the whole crate", path.display())
            };
            imports.insert(Import {
                file: path.strip_prefix(root()).unwrap().display().to_string(),
                from: from.clone(),
                to: exports.get(first).unwrap_or(first).clone(),
                path: found.join("::"),
            });
        }
    }
    imports
}

fn place(module: &str) -> usize {
    let place = LAW.iter().position(|name| *name == module);
    place.unwrap_or_else(|| panic!("`{module}` has no place in the law of imports"))
}

#[test]
fn a_module_knows_only_what_is_to_its_right() {
    let imports = imports();
    let broken: Vec<String> = imports
        .iter()
        .filter(|import| place(&import.to) < place(&import.from))
        .map(|import| {
            format!(
                "{}: {} knows {} (`{}`)",
                import.file, import.from, import.to, import.path
            )
        })
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
    // It looks at all of them, and sees what they import.
    assert!(imports.len() > 500, "{}", imports.len());
}

#[test]
fn every_module_is_in_the_law_and_the_law_in_the_architecture() {
    let modules: BTreeSet<String> = files()
        .into_iter()
        .filter_map(|(_, module, _)| module.into_iter().next())
        .collect();
    let law: BTreeSet<String> = LAW.map(str::to_owned).into();
    assert_eq!(modules, law);
    let architecture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ARCHITECTURE.md");
    let architecture = std::fs::read_to_string(architecture).unwrap();
    let line = LAW[1..].join(" → ");
    assert!(architecture.contains(&line), "ARCHITECTURE.md lacks: {line}");
}

#[test]
fn what_breaks_the_law_is_seen() {
    let file = syn::parse_file(
        "use crate::{router::{self, Router as R}, source}; use super::super::runtime;
        fn f() { let _ = crate::batch::Batch::len; pin!(crate::telemetry::within(x)); }
        mod inner { use super::super::Deep; }
        #[cfg(test)] mod tests { use crate::testing::deliver; }",
    );
    let module = ["event".to_owned(), "read".to_owned()];
    let mut names = Names {
        module: &module,
        inside: Vec::new(),
        found: BTreeSet::new(),
    };
    names.visit_file(&file.unwrap());
    let found: Vec<String> = names.found.iter().map(|path| path.join("::")).collect();
    let expected = [
        "batch::Batch::len",
        "event::Deep",
        "router::Router",
        "router::self",
        "runtime",
        "source",
        "telemetry::within",
    ];
    assert_eq!(found, expected);
}

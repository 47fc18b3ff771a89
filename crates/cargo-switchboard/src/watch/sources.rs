//! The files that a binary was built from.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// Files that decide how a package is built, whether or not the compiler read them.
const MANIFESTS: [&str; 5] = [
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "rust-toolchain",
    "rust-toolchain.toml",
];

/// The files that a binary was built from, and the packages that they are in.
#[derive(Debug, Default)]
pub(super) struct Sources {
    files: BTreeSet<PathBuf>,
    packages: BTreeSet<PathBuf>,
    /// Where cargo writes.
    target: PathBuf,
}

impl Sources {
    /// Reads what cargo has noted about `executable`, in the file beside it that ends with `.d`.
    pub(super) fn of(executable: &Path) -> Self {
        let note = fs::read_to_string(executable.with_extension("d")).unwrap_or_default();
        Self::read(&note, executable)
    }

    fn read(note: &str, executable: &Path) -> Self {
        let target = target(executable);
        let written_by_cargo = |path: &PathBuf| path.starts_with(&target);
        let files: BTreeSet<PathBuf> = dependencies(note)
            .into_iter()
            .filter(|path| !written_by_cargo(path))
            .collect();
        let mut packages: BTreeSet<PathBuf> = files.iter().filter_map(|file| package(file)).collect();
        // The workspace, which has the lock file and the profiles.
        let above = packages.iter().flat_map(|package| package.ancestors());
        let workspaces: Vec<PathBuf> = above
            .filter(|directory| directory.join("Cargo.lock").is_file())
            .map(Path::to_owned)
            .collect();
        packages.extend(workspaces);
        Self {
            files,
            packages,
            target,
        }
    }

    /// All that may decide how packages are built, where there is no binary whose files are known.
    pub(super) fn of_packages(packages: &[PathBuf], target: &Path) -> Self {
        let mut sources = Self {
            files: BTreeSet::new(),
            packages: packages.iter().cloned().collect(),
            target: target.to_owned(),
        };
        let entries = sources
            .directories()
            .into_iter()
            .filter_map(|directory| fs::read_dir(directory).ok());
        // Cargo writes the lock file itself, at the first build.
        let counts =
            |path: &PathBuf| path.is_file() && sources.concern(path) && !path.ends_with("Cargo.lock");
        let files = entries
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(counts)
            .collect();
        sources.files = files;
        sources
    }

    /// Whether the binary may have to be built again if this file changes.
    pub(super) fn concern(&self, path: &Path) -> bool {
        if self.files.contains(path) {
            return true;
        }
        let own = self
            .packages
            .iter()
            .find_map(|package| path.strip_prefix(package).ok());
        let is_manifest = |name: &str| MANIFESTS.contains(&name);
        let is_code = path.extension().is_some_and(|extension| extension == "rs")
            || path
                .file_name()
                .and_then(|name| name.to_str())
                .is_some_and(is_manifest)
            || path.ends_with(".cargo/config.toml");
        own.is_some_and(|own| is_code && !self.is_left_out(path, own))
    }

    /// Whether one of the files is newer.
    pub(super) fn changed_since(&self, time: SystemTime) -> bool {
        let modified = |file: &PathBuf| fs::metadata(file).and_then(|metadata| metadata.modified());
        self.files
            .iter()
            .filter_map(|file| modified(file).ok())
            .any(|modified| modified > time)
    }

    /// The directories to watch: those of the files, and those of the packages in which new files may be found.
    pub(super) fn directories(&self) -> BTreeSet<PathBuf> {
        let mut all: BTreeSet<PathBuf> = self
            .files
            .iter()
            .filter_map(|file| file.parent())
            .map(Path::to_owned)
            .collect();
        self.packages
            .iter()
            .for_each(|package| self.below(package, &mut all));
        all
    }

    /// Adds `directory` and what is in it.
    fn below(&self, directory: &Path, all: &mut BTreeSet<PathBuf>) {
        all.insert(directory.to_owned());
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            // Links are not followed, so that the walk ends.
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory && !self.is_left_out(&path, Path::new(&entry.file_name())) && !all.contains(&path)
            {
                self.below(&path, all);
            }
        }
    }

    /// Whether this is where cargo writes, here or for another package, or something hidden.
    fn is_left_out(&self, path: &Path, own: &Path) -> bool {
        let hidden = |component: Component<'_>| {
            let name = component.as_os_str().as_encoded_bytes();
            name.starts_with(b".") && name != b".cargo"
        };
        path.starts_with(&self.target) || path.join("CACHEDIR.TAG").exists() || own.components().any(hidden)
    }
}

/// The directory that cargo builds in.
fn target(executable: &Path) -> PathBuf {
    let tagged = |directory: &&Path| directory.join("CACHEDIR.TAG").exists();
    let found = executable.ancestors().find(tagged).or(executable.parent());
    found.unwrap_or(executable).to_owned()
}

/// The package that a file belongs to.
fn package(file: &Path) -> Option<PathBuf> {
    let directories = file.ancestors().skip(1);
    let mut packages = directories.filter(|directory| directory.join("Cargo.toml").is_file());
    packages.next().map(Path::to_owned)
}

/// The files after the colon in `binary: file file`, as Make has them: a space in a name has a backslash before it.
fn dependencies(note: &str) -> Vec<PathBuf> {
    let line = note.lines().next().unwrap_or_default();
    let files = line.split_once(": ").map_or("", |(_, files)| files);
    files
        .replace("\\ ", "\0")
        .split(' ')
        .filter(|file| !file.is_empty())
        .map(|file| PathBuf::from(file.replace('\0', " ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(directory: &Path) -> (Sources, PathBuf) {
        for (path, content) in [
            ("Cargo.toml", ""),
            ("Cargo.lock", ""),
            ("src/main.rs", ""),
            ("src/a b.sql", ""),
            ("src/handlers/sqs.rs", ""),
            ("target/CACHEDIR.TAG", ""),
            ("target/debug/build/out.rs", ""),
            (".git/HEAD", ""),
        ] {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let at = directory.display();
        let note = format!(
            "{at}/target/debug/f: {at}/src/a\\ b.sql {at}/src/handlers/sqs.rs {at}/src/main.rs {at}/target/debug/build/out.rs\n"
        );
        let executable = directory.join("target/debug/f");
        (Sources::read(&note, &executable), directory.to_owned())
    }

    #[test]
    fn only_what_the_binary_is_built_from_concerns_it() {
        let directory = tempfile::tempdir().unwrap();
        let (sources, at) = package(directory.path());
        for path in [
            "src/main.rs",
            "src/a b.sql",
            "src/new/mod.rs",
            "Cargo.toml",
            "Cargo.lock",
            "build.rs",
            ".cargo/config.toml",
        ] {
            assert!(sources.concern(&at.join(path)), "{path}");
        }
        for path in [
            "target/debug/build/out.rs",
            "target/debug/f",
            "journal.sqlite",
            "journal.sqlite-wal",
            "events/sqs/order.json",
            ".git/index",
            ".git/hooks/x.rs",
            "../elsewhere.rs",
        ] {
            assert!(!sources.concern(&at.join(path)), "{path}");
        }
    }

    #[test]
    fn without_a_binary_the_code_of_the_packages_concerns_it() {
        let directory = tempfile::tempdir().unwrap();
        let (_, at) = package(directory.path());
        fs::write(at.join("Cargo.lock"), "").unwrap();
        let sources = Sources::of_packages(std::slice::from_ref(&at), &at.join("target"));
        assert!(sources.files.contains(&at.join("src/main.rs")));
        for path in ["src/handlers/sqs.rs", "src/new.rs", "Cargo.toml", "Cargo.lock"] {
            assert!(sources.concern(&at.join(path)), "{path}");
        }
        assert!(!sources.concern(&at.join("target/debug/build/out.rs")));
        // It may have been written by the build that failed.
        assert!(!sources.files.contains(&at.join("Cargo.lock")));
    }

    #[test]
    fn what_was_changed_during_a_build_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let (sources, at) = package(directory.path());
        let written = fs::metadata(at.join("src/main.rs")).unwrap().modified().unwrap();
        let hour = std::time::Duration::from_secs(3600);
        assert!(sources.changed_since(written - hour));
        assert!(!sources.changed_since(written + hour));
    }

    #[test]
    fn hidden_directories_and_those_of_cargo_are_not_watched() {
        let directory = tempfile::tempdir().unwrap();
        let (sources, at) = package(directory.path());
        let watched: Vec<PathBuf> = sources.directories().into_iter().collect();
        assert_eq!(watched, [at.clone(), at.join("src"), at.join("src/handlers")]);
    }
}

//! Reads payloads from files.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Calls `each` with every file that `path` names and its content: the file itself, stdin for `-`, or every `*.json`
/// below a directory, sorted.
pub(crate) fn visit(path: &Path, each: &mut dyn FnMut(&Path, io::Result<Vec<u8>>)) {
    if path == Path::new("-") {
        let mut payload = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut payload);
        // No event is empty. Mostly the command before a pipe has failed.
        let read = match read {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "standard input is empty",
            )),
            read => read,
        };
        return each(path, read.map(|_| payload));
    }
    match fs::read_dir(path) {
        Ok(entries) => match sorted(entries) {
            Ok(paths) => paths.iter().for_each(|path| below(path, each)),
            Err(error) => each(path, Err(error)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => each(path, fs::read(path)),
        Err(error) => each(path, Err(error)),
    }
}

/// Walks a directory. Only `*.json` files count. Links to directories are not followed, so that the walk ends.
fn below(path: &Path, each: &mut dyn FnMut(&Path, io::Result<Vec<u8>>)) {
    let link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    match path.is_dir() {
        true if link => {}
        true => visit(path, each),
        false if path.extension().is_some_and(|extension| extension == "json") => each(path, fs::read(path)),
        false => {}
    }
}

fn sorted(entries: fs::ReadDir) -> io::Result<Vec<PathBuf>> {
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_walked_in_order() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("b/c")).unwrap();
        for name in ["b/2.json", "a.json", "b/c/1.json", "b/read.me"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), dir.path().join("b/loop")).unwrap();
        let mut seen = Vec::new();
        visit(dir.path(), &mut |_, content| {
            seen.push(String::from_utf8(content.unwrap()).unwrap())
        });
        assert_eq!(seen, ["a.json", "b/2.json", "b/c/1.json"]);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let mut errors = 0;
        visit(Path::new("/no/such/file.json"), &mut |_, content| {
            errors += usize::from(content.is_err())
        });
        assert_eq!(errors, 1);
    }
}

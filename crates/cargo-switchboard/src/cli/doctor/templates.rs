//! Reads the templates to check: a file, or those that CDK wrote, with the templates of their nested stacks.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::args::Doctor;
use super::command::template;
use crate::Error;
use crate::doctor::{self, Deployment, Nested, Unread};

/// How the names of the templates in CDK's output end.
const SYNTHESIZED: &str = ".template.json";
/// How those of its nested stacks end.
const NESTED: &str = ".nested.template.json";
/// How the directories in it begin that have the stacks of a stage.
const STAGE: &str = "assembly-";

/// A deployment, and the template it was read from.
pub(super) type Read = (Option<String>, Deployment);

/// What has been read so far.
struct Templates<'a> {
    args: &'a Doctor,
    all: Vec<Read>,
    unread: Vec<Unread>,
    seen: HashSet<PathBuf>,
    /// Why the first template could not be read.
    first: Option<Error>,
}

/// The template, or those of a directory that `cdk synth` wrote. There, a template without functions is only noted.
///
/// # Errors
/// If there is no template, or no function in any of them.
pub(super) fn templates(args: &Doctor) -> Result<(Vec<Read>, Vec<Unread>), Error> {
    let path = template(args.template.as_deref())?;
    let mut templates = Templates {
        args,
        all: Vec::new(),
        unread: Vec::new(),
        seen: HashSet::new(),
        first: None,
    };
    if path.is_dir() {
        for file in synthesized(&path)? {
            // Without the assets' metadata, no template says which nested stack has which file.
            let linked = is_nested(&file);
            if let Err(error) = templates.read(&file, &args.parameters(), linked) {
                templates.note(&file.to_string_lossy(), error);
            }
        }
    } else {
        templates.read(&path, &args.parameters(), false)?;
    }
    let functions = templates
        .all
        .iter()
        .any(|(_, deployment)| !deployment.functions.is_empty());
    match templates.first {
        Some(error) if !functions => Err(error),
        None if !functions => Err(Error::other(format!(
            "{} has no Lambda function, and neither have its nested stacks",
            path.display()
        ))),
        _ => Ok((templates.all, templates.unread)),
    }
}

impl Templates<'_> {
    /// Reads a template, unless that has been done, and those of its nested stacks.
    fn read(&mut self, file: &Path, parameters: &HashMap<String, String>, linked: bool) -> Result<(), Error> {
        let name = file.display();
        let known = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        if !self.seen.insert(known) {
            return Ok(());
        }
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|error| Error::io(format!("cannot read {name}"), error))?;
        let deployment = doctor::load(&text, parameters, self.args.all_functions, &beside(file));
        let mut deployment = deployment.map_err(|error| Error::other(format!("{name}: {error}")))?;
        deployment.linked |= linked;
        let nested = std::mem::take(&mut deployment.nested);
        self.all
            .push((Some(file.to_string_lossy().into_owned()), deployment));
        for stack in nested {
            self.nested(file, &stack);
        }
        Ok(())
    }

    fn nested(&mut self, parent: &Path, stack: &Nested) {
        let Some(template) = &stack.template else {
            let reason = Error::other("its template is not a local file, and is not read");
            return self.note(&stack.label, reason);
        };
        let file = parent.parent().unwrap_or(Path::new("")).join(template);
        if let Err(error) = self.read(&file, &stack.parameters, true) {
            self.note(&stack.label, error);
        }
    }

    /// Notes what could not be read.
    fn note(&mut self, label: &str, error: Error) {
        let reason = error.to_string();
        // What cannot be read begins with the name of its file.
        let own = reason
            .strip_prefix(label)
            .and_then(|rest| rest.strip_prefix(": "));
        self.unread.push(Unread {
            label: label.to_owned(),
            reason: own.unwrap_or(&reason).to_owned(),
            triggers: false,
            permits: false,
        });
        self.first.get_or_insert(error);
    }
}

/// Reads the files that a template names, from its own directory.
pub(super) fn beside(template: &Path) -> impl Fn(&str) -> Result<String, String> {
    let directory = template.parent().unwrap_or(Path::new("")).to_owned();
    move |name| {
        let path = directory.join(name);
        let kind = path.metadata().map_err(|error| error.to_string())?;
        match kind.is_file() {
            true => std::fs::read_to_string(path).map_err(|error| error.to_string()),
            false => Err("it is not a file".to_owned()),
        }
    }
}

fn is_nested(file: &Path) -> bool {
    file.to_string_lossy().ends_with(NESTED)
}

/// The templates in a directory of CDK's, in the order of their names, and those of its stages after them.
fn synthesized(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let files = of_stage(directory)?;
    match files.is_empty() {
        true => Err(Error::other(format!(
            "{} has no *{SYNTHESIZED}; run `cdk synth` first, or pass a template",
            directory.display()
        ))),
        false => Ok(files),
    }
}

fn of_stage(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let refuse = |error| Error::io(format!("cannot read {}", directory.display()), error);
    let (mut files, mut stages) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(directory).map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.ends_with(SYNTHESIZED) {
            files.push(path);
        } else if name.starts_with(STAGE) && path.is_dir() {
            stages.push(path);
        }
    }
    // A nested stack is read with the parameters that its parent gives it.
    files.sort_unstable_by_key(|file| (is_nested(file), file.clone()));
    stages.sort_unstable();
    for stage in stages {
        files.append(&mut of_stage(&stage)?);
    }
    Ok(files)
}

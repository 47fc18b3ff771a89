//! `doctor --fix`: shows what would change in a template, asks, and writes it.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::super::output;
use super::args::Doctor;
use crate::Error;
use crate::doctor::{Finding, mend};

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const HEADER: Style = Style::new().bold();

/// What became of the template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fixed {
    /// It has the fixes, or needed none.
    Written,
    /// The changes were only shown.
    Shown,
}

/// Mends the template at `path`. `find` says what is found in a text.
///
/// # Errors
/// If the template cannot be read or written, or is not in YAML.
pub(super) fn fix(
    path: &Path,
    args: &Doctor,
    find: impl Fn(&str) -> Option<Vec<Finding>>,
) -> Result<Fixed, Error> {
    let name = path.display();
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Error::io(format!("cannot read {name}"), error))?;
    if text.trim_start().starts_with('{') {
        return Err(Error::other(format!(
            "{name} is JSON, which tools write; --fix changes templates in YAML"
        )));
    }
    let mended = mend(&text, find);
    for (code, resource, because) in mended.iter().flat_map(|mended| &mended.left) {
        output::note(&format!("{code} of {resource} is left to people: {because}."));
    }
    let Some(mended) = mended.filter(|mended| mended.text != text) else {
        output::note("nothing can be fixed without a decision");
        return Ok(Fixed::Written);
    };
    output::line(diff(&name.to_string(), &text, &mended.text).trim_end());
    let fixed: Vec<String> = mended
        .fixed
        .iter()
        .map(|(code, resource)| format!("{code} of {resource}"))
        .collect();
    output::note(&format!("This fixes {}.", fixed.join(", ")));
    if !is_wanted(args, &name.to_string())? {
        return Ok(Fixed::Shown);
    }
    std::fs::write(path, mended.text).map_err(|error| Error::io(format!("cannot write {name}"), error))?;
    output::note(&format!("{name} is changed."));
    Ok(Fixed::Written)
}

/// Whether the changes are to be written: as the options say, or as somebody answers.
fn is_wanted(args: &Doctor, name: &str) -> Result<bool, Error> {
    if args.yes || args.dry_run {
        return Ok(args.yes);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        output::note("Nothing is changed. Pass --yes to write it.");
        return Ok(false);
    }
    output::note(&format!("Change {name}? [y/N]"));
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.map_err(|error| Error::io("cannot read the answer", error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A unified diff, as `diff -u` and git print it.
fn diff(name: &str, old: &str, new: &str) -> String {
    let changes = TextDiff::from_lines(old, new);
    let mut text = format!("{HEADER}--- {name}{HEADER:#}\n{HEADER}+++ {name}{HEADER:#}\n");
    for hunk in changes.unified_diff().context_radius(3).iter_hunks() {
        text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let style = match change.tag() {
                ChangeTag::Insert => ADDED,
                ChangeTag::Delete => REMOVED,
                ChangeTag::Equal => Style::new(),
            };
            let line = change.value().trim_end_matches(['\n', '\r']);
            text.push_str(&format!("{style}{}{line}{style:#}\n", change.tag()));
            if change.missing_newline() {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    text
}

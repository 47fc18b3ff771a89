//! Runs `completions`.

use std::io::{self, Write as _};

use clap_complete::{Shell, generate};

use super::super::cargo;
use super::super::ended::Ended;
use super::args::Completions;
use crate::Error;

/// The name for bash. The script for a name with a hyphen completes no options of subcommands (clap_complete 4.6).
const BASH_NAME: &str = "cargo_switchboard";

/// Completes `cargo switchboard …` in bash, which asks for the completion of `cargo`: that of cargo itself, for everything else.
const BASH: &str = r#"
if ! declare -F _cargo >/dev/null && declare -F _completion_loader >/dev/null; then
    _completion_loader cargo
fi
_cargo_or_switchboard() {
    local own=0
    if [[ ${COMP_WORDS[0]##*/} == cargo-switchboard ]]; then
        own=1
    elif [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == switchboard ]]; then
        own=2
    elif declare -F _cargo >/dev/null; then
        _cargo "$@"
    fi
    if [[ $own -gt 0 ]]; then
        local COMP_WORDS=(cargo_switchboard "${COMP_WORDS[@]:own}") COMP_CWORD=$((COMP_CWORD - own + 1))
        _cargo_switchboard cargo_switchboard "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    fi
}
complete -F _cargo_or_switchboard -o nosort -o bashdefault -o default cargo cargo-switchboard
"#;

pub(in crate::cli) fn completions(args: &Completions) -> Result<Ended, Error> {
    let mut script = Vec::new();
    match args.shell {
        // Adds to what fish knows of cargo.
        Shell::Fish => generate(Shell::Fish, &mut cargo::command(), "cargo", &mut script),
        Shell::Bash => {
            let mut own = cargo::own_command().name(BASH_NAME).bin_name(BASH_NAME);
            generate(Shell::Bash, &mut own, BASH_NAME, &mut script);
            script.extend_from_slice(BASH.as_bytes());
        }
        // The others complete `cargo-switchboard`; zsh's own completion of cargo asks that one for `cargo switchboard`.
        shell => generate(shell, &mut cargo::own_command(), "cargo-switchboard", &mut script),
    }
    let written = io::stdout().write_all(&script);
    written.map_err(|e| Error::io("cannot write", e))?;
    Ok(Ended::Success)
}

//! The arguments of `completions` and `man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

pub(in crate::cli) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  source <(cargo switchboard completions bash)           in ~/.bashrc
  cargo switchboard completions zsh >~/.zfunc/_cargo-switchboard
                                                         with fpath+=~/.zfunc before compinit in ~/.zshrc
  cargo switchboard completions fish >~/.config/fish/completions/cargo-switchboard.fish";

pub(in crate::cli) const MAN_EXAMPLES: &str = "\
Examples:
  cargo switchboard man ~/.local/share/man/man1
  man cargo-switchboard-run";

#[derive(Args)]
pub(in crate::cli) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(in crate::cli) shell: Shell,
}

#[derive(Args)]
pub(in crate::cli) struct Man {
    /// Where the pages are written; made if it does not exist
    #[arg(value_name = "DIR")]
    pub(in crate::cli) directory: PathBuf,
}

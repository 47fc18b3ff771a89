//! The cargo subcommand `cargo switchboard`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_switchboard::cli::main()
}

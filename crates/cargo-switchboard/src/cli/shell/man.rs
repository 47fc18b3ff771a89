//! Runs `man`.

use std::fs;

use super::super::cargo::own_command;
use super::super::ended::Ended;
use super::super::output;
use super::args::Man;
use crate::Error;

pub(in crate::cli) fn man(args: &Man) -> Result<Ended, Error> {
    let directory = args.directory.display();
    let made = fs::create_dir_all(&args.directory);
    let written = made.and_then(|()| clap_mangen::generate_to(own_command(), &args.directory));
    written.map_err(|e| Error::io(format!("cannot write into {directory}"), e))?;
    output::line(&format!(
        "Wrote cargo-switchboard.1 and a page for each command into {directory}"
    ));
    Ok(Ended::Success)
}

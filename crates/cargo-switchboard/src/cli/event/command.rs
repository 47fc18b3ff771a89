//! Runs `event`.

use std::fs;
use std::io::{self, Read as _};

use switchboard::testing::{generate, sources};

use super::super::ended::Ended;
use super::super::output;
use super::args::EventArgs;
use crate::Error;

/// # Errors
/// If there is no such event, or the body cannot be read.
pub(in crate::cli) fn event(args: &EventArgs) -> Result<Ended, Error> {
    let Some(source) = args.source else {
        list();
        return Ok(Ended::Success);
    };
    let body = args.body.as_deref().map(read).transpose()?;
    let event = generate(source, body.as_deref(), args.count);
    let event = event.map_err(|error| Error::other(error.to_string()))?;
    output::line(&event.to_json());
    Ok(Ended::Success)
}

/// The sources by their names, one a line.
fn list() {
    for source in sources() {
        output::line(source.as_str());
    }
}

/// The body as it was given, or what a file holds.
fn read(body: &str) -> Result<String, Error> {
    let Some(file) = body.strip_prefix('@') else {
        return Ok(body.to_owned());
    };
    let read = match file {
        "-" => {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text).map(|_| text)
        }
        file => fs::read_to_string(file),
    };
    read.map_err(|error| Error::io(format!("cannot read the body from {file}"), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::source::detect;

    #[test]
    fn what_is_made_is_explained_as_its_source() {
        for source in sources() {
            for body in [None, Some(r#"{"id":"a"}"#)] {
                let Ok(event) = generate(source, body, 1) else {
                    assert!(body.is_some(), "{source}");
                    continue;
                };
                assert_eq!(
                    detect(event.to_json().as_bytes()).source,
                    source,
                    "{}",
                    event.to_json()
                );
            }
        }
    }
}

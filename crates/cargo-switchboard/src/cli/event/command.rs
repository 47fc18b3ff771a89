//! Runs `event`.

use std::fs;
use std::io::{self, Read as _};

use lambda_sandbox::MAX_REQUEST;
use switchboard::source::{Source, detect};
use switchboard::testing::{Generator, sources};

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
    let mut generator = Generator::new(source).count(args.count);
    if let Some(body) = &args.body {
        generator = generator.body(read(body)?);
    }
    for (part, value) in args.parts.given() {
        generator = generator.with(part, value);
    }
    for (pointer, value) in &args.members {
        generator = generator.set(pointer, value);
    }
    let event = generator.event();
    let event = event.map_err(|error| Error::other(error.to_string()))?.to_json();
    output::line(&event);
    remark(source, &event);
    Ok(Ended::Success)
}

/// Says what is odd about the event, which is printed nevertheless.
fn remark(source: Source, event: &str) {
    if event.len() > MAX_REQUEST {
        let megabytes = event.len() as f64 / f64::from(1 << 20);
        output::note(&format!(
            "note: the event has {megabytes:.1} MB; Lambda takes 6 MB at most, so AWS would send fewer records at once"
        ));
    }
    let detected = detect(event.as_bytes()).source;
    if detected != source {
        output::note(&format!(
            "note: with what was set, this is no longer an event of {source}: `explain` says {detected}"
        ));
    }
}

/// The sources by their names, one a line.
fn list() {
    for source in sources() {
        output::line(source.as_str());
    }
}

/// The body as it was given, or what a file holds.
fn read(body: &str) -> Result<Vec<u8>, Error> {
    let Some(file) = body.strip_prefix('@') else {
        return Ok(body.into());
    };
    let read = match file {
        "-" => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        }
        file => fs::read(file),
    };
    read.map_err(|error| Error::io(format!("cannot read the body from {file}"), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::testing::generate;

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

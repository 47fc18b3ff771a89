//! Runs `new`.

use super::super::ended::Ended;
use super::super::output;
use super::args::New;
use crate::Error;
use crate::scaffold::{LibraryOrigin, NewPackage};

pub(in crate::cli) fn new(args: &New) -> Result<Ended, Error> {
    let origin = match &args.path {
        Some(clone) => LibraryOrigin::of_clone(clone)?,
        None => LibraryOrigin::Registry,
    };
    let name = args.directory.file_name().unwrap_or_default().to_string_lossy();
    NewPackage::new(&name, &args.sources, &origin).write(&args.directory)?;
    let mut sources: Vec<&str> = args.sources.iter().map(|known| known.source.as_str()).collect();
    sources.dedup();
    output::line(&format!(
        "Created {name} for {} in {}. Next:
  cd {}
  cargo test                              test the handlers, then the binary with every sample
  cargo switchboard run --events events   deliver the samples, then serve it on http://127.0.0.1:9000
  cargo switchboard doctor                check template.yaml
  sam build && sam deploy --guided
                                          deploy it with its triggers (cargo lambda deploy: the code alone)",
        sources.join(", "),
        args.directory.display(),
        args.directory.display(),
    ));
    Ok(Ended::Success)
}

//! Examples, as functions to drive.

use lambda_sandbox::{Builder, Function};
use std::path::PathBuf;
use std::time::Duration;

/// An example, which cargo builds beside the tests.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples").join(name);
    assert!(
        program.exists(),
        "cargo build --workspace --examples has to make {}",
        program.display()
    );
    program
}

/// The example `faulty`.
#[must_use]
pub fn faulty() -> Builder {
    Function::builder(example("faulty")).init_timeout(Duration::from_secs(60))
}

//! The example `faulty`.

use cargo_switchboard::{Builder, Function};
use std::path::PathBuf;
use std::time::Duration;

/// The example, which cargo builds beside the tests.
pub(crate) fn faulty() -> Builder {
    let test = std::env::current_exe().unwrap();
    let program: PathBuf = test.ancestors().nth(2).unwrap().join("examples/faulty");
    assert!(
        program.exists(),
        "cargo build --examples has to make {}",
        program.display()
    );
    Function::builder(program).init_timeout(Duration::from_secs(60))
}

//! The commands as a shell runs them, what they print, and a `run` that serves.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread::{self, JoinHandle};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use switchboard_test_support::client::{echo, send};

pub(crate) fn switchboard(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-switchboard"));
    command
        .arg("switchboard")
        .args(words)
        .stdin(Stdio::null())
        .env("RUST_BACKTRACE", "0");
    command
}

pub(crate) fn with_echo(words: &[&str]) -> Command {
    let mut command = switchboard(words);
    command.arg("--binary").arg(echo());
    command
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A `run` that serves.
pub(crate) struct Running {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    /// Reads the standard error to its end.
    notes: JoinHandle<String>,
    pub(crate) address: SocketAddr,
}

impl Running {
    pub(crate) fn start(words: &[&str]) -> Self {
        let mut command = with_echo(&["run", "--port", "0"]);
        let mut child = command
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let notes = thread::spawn(move || {
            let mut notes = String::new();
            stderr.read_to_string(&mut notes).unwrap();
            notes
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("Serving echo on http://") {
            line.clear();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "run ended");
        }
        let address = line
            .split("http://")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        Self {
            child,
            _stdout: stdout,
            notes,
            address,
        }
    }

    pub(crate) async fn invoke(&self, payload: &str) -> Value {
        let line = "POST /2015-03-31/functions/f/invocations";
        send(self.address, line, &[], payload.as_bytes()).await.json()
    }

    /// What stands on the standard error, once it has ended.
    pub(crate) fn notes(self) -> String {
        self.notes.join().unwrap()
    }

    pub(crate) fn interrupt(&mut self) -> Option<i32> {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

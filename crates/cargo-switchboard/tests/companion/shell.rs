//! The commands as a shell runs them, what they print, and a `run` that serves.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread::{self, JoinHandle};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::sync::watch;

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
    stdout: BufReader<ChildStdout>,
    /// Reads the standard error to its end.
    reading: JoinHandle<()>,
    /// What stands on the standard error so far.
    notes: watch::Receiver<String>,
    pub(crate) address: SocketAddr,
}

impl Running {
    pub(crate) fn start(words: &[&str]) -> Self {
        let mut command = with_echo(&["run", "--port", "0"]);
        command.args(words);
        Self::serving(command)
    }

    /// Starts a `run` and waits until it serves.
    pub(crate) fn serving(command: Command) -> Self {
        let mut run = Self::spawned(command);
        let mut line = String::new();
        while !(line.contains("erving") && line.contains("http://")) {
            line = run.line();
        }
        run.address = address(&line);
        run
    }

    /// Starts a `run` and waits until it says that it waits for a change.
    pub(crate) async fn waiting(command: Command) -> Self {
        let mut run = Self::spawned(command);
        run.wait_for_note("answers with 503", 1).await;
        run.address = address(&run.notes.borrow());
        run
    }

    fn spawned(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let (so_far, notes) = watch::channel(String::new());
        let reading = thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).unwrap() > 0 {
                so_far.send_modify(|notes| notes.push_str(&line));
                line.clear();
            }
        });
        Self {
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            reading,
            notes,
            address: ([0; 4], 0).into(),
        }
    }

    pub(crate) async fn invoke(&self, payload: &str) -> Value {
        let line = "POST /2015-03-31/functions/f/invocations";
        send(self.address, line, &[], payload.as_bytes()).await.json()
    }

    /// The next line of the standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.stdout.read_line(&mut line).unwrap() > 0, "run ended");
        line
    }

    /// What stands on the standard error, once it has ended.
    pub(crate) fn notes(self) -> String {
        self.reading.join().unwrap();
        self.notes.borrow().clone()
    }

    /// Waits until this stands on the standard error, for the `nth` time.
    pub(crate) async fn wait_for_note(&self, text: &str, nth: usize) {
        let mut notes = self.notes.clone();
        let found = |notes: &String| notes.matches(text).count() >= nth;
        let ended = notes.wait_for(found).await.is_err();
        assert!(!ended, "run ended without `{text}`: {}", *self.notes.borrow());
    }

    /// The peak memory of the command itself so far, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kilobytes: u64 = peak.trim().strip_suffix(" kB").unwrap().parse().unwrap();
        kilobytes << 10
    }

    pub(crate) fn interrupt(&mut self) -> Option<i32> {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

/// The address in the first link, or in an object's `url`.
fn address(text: &str) -> SocketAddr {
    let object = serde_json::from_str::<serde_json::Value>(text).ok();
    let url = object.and_then(|object| Some(object.get("url")?.as_str()?.to_owned()));
    let text = url.as_deref().unwrap_or(text);
    let link = text.split("http://").nth(1).unwrap();
    link.split([' ', '"']).next().unwrap().parse().unwrap()
}

//! The function's process: started in its own process group, signalled, and monitored until it exits.

use std::fmt;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus};

use rustix::process::{Pid, kill_process_group};
use tokio::process::Child;
use tokio::sync::{mpsc, watch};

use super::memory::Memory;

pub(super) use rustix::process::Signal;

/// A process, running or exited. Dropping it kills the process.
#[derive(Debug)]
pub(super) struct Process {
    pid: u32,
    signals: mpsc::UnboundedSender<Signal>,
    exit: watch::Receiver<Option<Exit>>,
    memory: Memory,
}

/// How a process exited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Exit {
    Code(i32),
    Signal { number: i32, core_dumped: bool },
    Unknown,
}

impl Process {
    /// Starts `command` in its own process group. This keeps the terminal's Ctrl-C from the function, so that its owner
    /// decides when it ends, and lets signals reach the function's own child processes.
    pub(super) fn spawn(mut command: Command) -> io::Result<Self> {
        command.process_group(0);
        let mut command = tokio::process::Command::from(command);
        // The last resort, if the tokio runtime ends before the supervisor runs.
        let child = command.kill_on_drop(true).spawn()?;
        let pid = child
            .id()
            .ok_or_else(|| io::Error::other("the process has no id"))?;
        let (signals, inbox) = mpsc::unbounded_channel();
        let (announce, exit) = watch::channel(None);
        tokio::spawn(supervise(child, pid, inbox, announce));
        Ok(Self {
            pid,
            signals,
            exit,
            memory: Memory::new(pid),
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// The memory of the process and its descendants.
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Sends `signal` to the process group. Does nothing once the process has exited.
    pub(super) fn signal(&self, signal: Signal) {
        // The supervisor lives as long as the process, so without it there is nothing to signal.
        let _ = self.signals.send(signal);
    }

    pub(super) fn has_exited(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Waits until the process exits.
    pub(super) async fn exited(&self) -> Exit {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await;
        ended.ok().and_then(|exit| *exit).unwrap_or(Exit::Unknown)
    }

    /// Kills the process and waits until it exits.
    pub(super) async fn kill(&self) {
        self.signal(Signal::KILL);
        self.exited().await;
    }
}

/// Owns the child process. It is reaped only here, so signals never reach a process that reuses its id.
async fn supervise(
    mut child: Child,
    pid: u32,
    mut inbox: mpsc::UnboundedReceiver<Signal>,
    announce: watch::Sender<Option<Exit>>,
) {
    let mut owned = true;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            signal = inbox.recv(), if owned => {
                // The owner is gone, so nothing else could end the process.
                owned = signal.is_some();
                signal_group(pid, signal.unwrap_or(Signal::KILL));
            }
        }
    };
    // The function's children end with it, as they do when Lambda ends a sandbox.
    signal_group(pid, Signal::KILL);
    announce.send_replace(Some(status.map_or(Exit::Unknown, Exit::from)));
}

fn signal_group(pid: u32, signal: Signal) {
    let group = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // Sending fails only if the group has already ended, which is fine.
        let _ = kill_process_group(group, signal);
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(number)) => Exit::Signal {
                number,
                core_dumped: status.core_dumped(),
            },
            (None, None) => Exit::Unknown,
        }
    }
}

impl Exit {
    /// The exit status or the signal. Worded as Lambda does.
    pub(super) fn cause(self) -> String {
        match self {
            Exit::Code(code) => format!("exit status {code}"),
            Exit::Signal { number, core_dumped } => {
                let name = signal_name(number).map_or_else(|| number.to_string(), str::to_owned);
                let core = if core_dumped { " (core dumped)" } else { "" };
                format!("signal: {name}{core}")
            }
            Exit::Unknown => "its status is unknown".to_owned(),
        }
    }
}

/// Worded as Lambda does.
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Exit::Code(0) => f.write_str("Runtime exited without providing a reason"),
            Exit::Code(_) | Exit::Signal { .. } => write!(f, "Runtime exited with error: {}", self.cause()),
            Exit::Unknown => f.write_str("Runtime exited, its status is unknown"),
        }
    }
}

fn signal_name(number: i32) -> Option<&'static str> {
    let names = [
        (Signal::HUP, "hangup"),
        (Signal::INT, "interrupt"),
        (Signal::QUIT, "quit"),
        (Signal::ILL, "illegal instruction"),
        (Signal::TRAP, "trace/breakpoint trap"),
        (Signal::ABORT, "aborted"),
        (Signal::BUS, "bus error"),
        (Signal::FPE, "floating point exception"),
        (Signal::KILL, "killed"),
        (Signal::SEGV, "segmentation fault"),
        (Signal::PIPE, "broken pipe"),
        (Signal::ALARM, "alarm clock"),
        (Signal::TERM, "terminated"),
    ];
    names
        .iter()
        .find(|(signal, _)| signal.as_raw() == number)
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_are_worded_as_in_lambda() {
        let text = |exit: Exit| exit.to_string();
        assert_eq!(text(Exit::Code(1)), "Runtime exited with error: exit status 1");
        assert_eq!(text(Exit::Code(0)), "Runtime exited without providing a reason");
        let killed = Exit::Signal {
            number: 9,
            core_dumped: false,
        };
        assert_eq!(text(killed), "Runtime exited with error: signal: killed");
        let aborted = Exit::Signal {
            number: 6,
            core_dumped: true,
        };
        assert_eq!(
            text(aborted),
            "Runtime exited with error: signal: aborted (core dumped)"
        );
    }
}

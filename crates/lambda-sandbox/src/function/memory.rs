//! The memory of a function's process and its descendants. Known on Linux only.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// How often a running function is sampled. Shorter-lived children may be missed.
const INTERVAL: Duration = Duration::from_millis(50);
/// How many processes are sampled at most. A function that starts more is not measured.
const PROCESSES: usize = 4096;

/// The peak memory of a process and its descendants.
#[derive(Debug)]
pub(super) struct Memory {
    pid: u32,
    most: AtomicU64,
}

impl Memory {
    pub(super) fn new(pid: u32) -> Self {
        Self {
            pid,
            most: AtomicU64::new(0),
        }
    }

    /// The peak so far, in bytes; `None` for an exited process.
    pub(super) fn peak(&self) -> Option<u64> {
        let held = current(&tree(self.pid))?;
        Some(self.most.fetch_max(held, Ordering::Relaxed).max(held))
    }

    /// Samples the processes forever. A process without children records its peak itself.
    pub(super) async fn watch(&self) {
        loop {
            sleep(INTERVAL).await;
            let tree = tree(self.pid);
            if let Some(held) = current(&tree).filter(|_| tree.len() > 1) {
                self.most.fetch_max(held, Ordering::Relaxed);
            }
        }
    }
}

/// The process and its descendants.
fn tree(pid: u32) -> Vec<u32> {
    let mut tree = vec![pid];
    let mut known = HashSet::from([pid]);
    let mut next = 0;
    while next < tree.len() && tree.len() < PROCESSES {
        for child in children(tree[next]) {
            if known.insert(child) {
                tree.push(child);
            }
        }
        next += 1;
    }
    tree
}

/// The running child processes of a process.
fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
            pids.collect::<Vec<_>>()
        })
        .collect()
}

/// The memory of a tree of processes; `None` if its root has exited.
fn current(tree: &[u32]) -> Option<u64> {
    let (root, descendants) = tree.split_first()?;
    let root_peak = field(*root, "status", "VmHWM:")?;
    if descendants.is_empty() {
        return Some(root_peak);
    }
    Some(tree.iter().filter_map(|pid| unshared_peak(*pid)).sum())
}

/// A process's peak, less the memory it shares with others of its tree: forked processes share most pages. File-backed
/// pages are ignored, because unrelated processes share them too.
fn unshared_peak(pid: u32) -> Option<u64> {
    let peak = field(pid, "status", "VmHWM:")?;
    let all = field(pid, "smaps_rollup", "Anonymous:");
    let proportional = field(pid, "smaps_rollup", "Pss_Anon:");
    let shared = all
        .zip(proportional)
        .map(|(all, proportional)| all.saturating_sub(proportional));
    Some(peak.saturating_sub(shared.unwrap_or(0)))
}

/// A field of a file in `/proc`, in bytes.
fn field(pid: u32, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::{Command, Stdio};

    use super::*;

    const MUCH: u64 = 40 << 20;

    /// `tail` buffers a line until it ends, and this one is long.
    const HOLDS_AND_ENDS: &str =
        "(head -c 50000000 /dev/zero; read line) | tail > /dev/null; echo ended; read line";

    #[tokio::test(start_paused = true)]
    async fn descendants_count_towards_the_peak() {
        let mut shell = Command::new("sh")
            .args(["-c", HOLDS_AND_ENDS])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let memory = Memory::new(shell.id());
        let seen = async {
            while memory.most.load(Ordering::Relaxed) < MUCH {
                sleep(INTERVAL).await;
            }
        };
        tokio::select! {
            () = memory.watch() => {}
            () = seen => {}
        }
        let mut stdin = shell.stdin.take().unwrap();
        writeln!(stdin, "end").unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ended\n");
        assert!(current(&tree(shell.id())).unwrap() < MUCH);
        assert!(memory.peak().unwrap() >= MUCH);
        drop(stdin);
        shell.wait().unwrap();
        assert_eq!(memory.peak(), None);
    }
}

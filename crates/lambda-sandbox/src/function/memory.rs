//! How much memory a function holds: its process and all that it has started. Known on Linux only.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// How often a function that works is looked at. What it starts and what ends sooner may be missed.
const INTERVAL: Duration = Duration::from_millis(50);
/// How many processes are looked at: a function that starts more is not asked for its memory.
const PROCESSES: usize = 4096;

/// The most memory a process and its descendants have held together.
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

    /// The most so far, in bytes; `None` of a process that has ended.
    pub(super) fn peak(&self) -> Option<u64> {
        let held = held(&tree(self.pid))?;
        Some(self.most.fetch_max(held, Ordering::Relaxed).max(held))
    }

    /// Looks at the processes again and again, and never returns. A process that is alone remembers its own peak.
    pub(super) async fn watch(&self) {
        loop {
            sleep(INTERVAL).await;
            let tree = tree(self.pid);
            if let Some(held) = held(&tree).filter(|_| tree.len() > 1) {
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

/// What the threads of a process have started and what still runs of it.
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

/// What the processes of a tree hold; `None` if the first of them has ended.
fn held(tree: &[u32]) -> Option<u64> {
    let (root, descendants) = tree.split_first()?;
    let root_peak = field(*root, "status", "VmHWM:")?;
    if descendants.is_empty() {
        return Some(root_peak);
    }
    Some(tree.iter().filter_map(|pid| own(*pid)).sum())
}

/// A process's peak, less what others of its tree are counted with: forked processes share most of their pages. Pages of
/// files are not looked at: those are shared with strangers, too.
fn own(pid: u32) -> Option<u64> {
    let peak = field(pid, "status", "VmHWM:")?;
    let all = field(pid, "smaps_rollup", "Anonymous:");
    let proportional = field(pid, "smaps_rollup", "Pss_Anon:");
    let shared = all
        .zip(proportional)
        .map(|(all, proportional)| all.saturating_sub(proportional));
    Some(peak.saturating_sub(shared.unwrap_or(0)))
}

/// A figure of a process, in bytes.
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

    /// `tail` holds a line until it ends, and this one is long.
    const HOLDS_AND_ENDS: &str =
        "(head -c 50000000 /dev/zero; read line) | tail > /dev/null; echo ended; read line";

    #[tokio::test(start_paused = true)]
    async fn what_a_process_has_started_counts_and_is_remembered() {
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
        assert!(held(&tree(shell.id())).unwrap() < MUCH);
        assert!(memory.peak().unwrap() >= MUCH);
        drop(stdin);
        shell.wait().unwrap();
        assert_eq!(memory.peak(), None);
    }
}

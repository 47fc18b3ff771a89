//! Which processor the harness runs on, and with it the processes it starts.

/// Who is to run.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// The harness itself: on the first processor.
    Harness,
    /// What is started next: on the second.
    Function,
    /// Whoever: on any.
    Anywhere,
}

/// Moves this thread, and what it starts from now on. Nothing happens where there is one processor only.
#[cfg(target_os = "linux")]
pub(crate) fn to(place: Place) -> std::io::Result<()> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    use std::sync::OnceLock;

    static ALLOWED: OnceLock<CpuSet> = OnceLock::new();
    // As it was before this thread was first moved; empty, and so nothing to move by, if the system does not tell.
    let allowed = *ALLOWED.get_or_init(|| sched_getaffinity(None).unwrap_or_default());
    let processors: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu)).collect();
    let [first, second, ..] = processors[..] else {
        return Ok(());
    };
    let set = match place {
        Place::Harness => only(first),
        Place::Function => only(second),
        Place::Anywhere => allowed,
    };
    Ok(sched_setaffinity(None, &set)?)
}

#[cfg(target_os = "linux")]
fn only(cpu: usize) -> rustix::thread::CpuSet {
    let mut set = rustix::thread::CpuSet::new();
    set.set(cpu);
    set
}

/// Other systems place processes as they like.
#[cfg(not(target_os = "linux"))]
pub(crate) fn to(_place: Place) -> std::io::Result<()> {
    Ok(())
}

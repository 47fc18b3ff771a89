//! How a command ended.

/// How a command ended that did its work. It determines the exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ended {
    /// Everything succeeded.
    Success,
    /// A function or a sample failed, or the command found errors.
    Failed,
    /// A file could not be read, which has been reported.
    Unreadable,
}

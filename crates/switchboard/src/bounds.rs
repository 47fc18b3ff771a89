//! How much memory the contents of an event may take, given the function's memory. A few kilobytes may unpack to
//! hundreds of megabytes, and Lambda ends a function that runs out of memory, at every redelivery again.
//!
//! | what | limit |
//! |---|---|
//! | the decompressed data of one record or one event | an eighth of the memory |
//! | all events inside each other in envelopes | an eighth of the memory |
//! | the table of an aggregate's keys | an eighth of the memory |
//! | the entries that the stock function makes of one record | a quarter of the memory |
//!
//! The memory is that of the function (`AWS_LAMBDA_FUNCTION_MEMORY_SIZE`), divided by the number of concurrent
//! invocations on Managed Instances (`AWS_LAMBDA_MAX_CONCURRENCY`). If it is unknown, it is the least that a function
//! can have. Parsed data is larger than its text, up to four times for text that is written to be: even then there is
//! room for it beside the event and the process. A record or an event that exceeds a limit fails.

use std::fmt;
use std::sync::OnceLock;

/// The least memory that Lambda gives a function, in MB.
const LEAST: usize = 128;

/// The variables that give the memory. [`run`](crate::run) refuses to start if they are invalid.
const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
const AT_ONCE: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

/// The memory of one invocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    memory: usize,
}

impl Bounds {
    /// The memory of this process.
    pub fn of_process() -> Self {
        static BOUNDS: OnceLock<Bounds> = OnceLock::new();
        *BOUNDS.get_or_init(|| Self::from(|name| std::env::var(name).ok()))
    }

    fn from(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let number = |name| lookup(name).and_then(|value| value.parse::<usize>().ok());
        let megabytes = number(MEMORY).unwrap_or_default().max(LEAST);
        Self {
            memory: megabytes.saturating_mul(1 << 20) / number(AT_ONCE).unwrap_or_default().max(1),
        }
    }

    /// How many bytes may be unpacked.
    pub fn unpacked(self) -> usize {
        self.memory / 8
    }

    /// How many bytes the entries made of one record may take.
    pub fn entries(self) -> usize {
        self.memory / 4
    }
}

/// What to do about an exceeded limit; the end of its message.
#[derive(Clone, Copy, Debug)]
pub struct RaiseMemory;

impl fmt::Display for RaiseMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bound follows the function's memory: give it more if that is meant")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(memory: Option<&str>, at_once: Option<&str>) -> usize {
        let lookup = |name: &str| match name {
            MEMORY => memory.map(str::to_owned),
            _ => at_once.map(str::to_owned),
        };
        Bounds::from(lookup).unpacked() >> 20
    }

    #[test]
    fn they_follow_the_memory_of_an_invocation() {
        assert_eq!(bounds(Some("128"), None), 16);
        assert_eq!(bounds(Some("10240"), None), 1280);
        assert_eq!(bounds(Some("2048"), Some("8")), 32);
    }

    #[test]
    fn where_the_memory_is_not_known_it_is_the_least() {
        for unknown in [None, Some(""), Some("0"), Some("-1"), Some("much")] {
            assert_eq!(bounds(unknown, None), 16, "{unknown:?}");
        }
        assert_eq!(bounds(Some("1024"), Some("0")), 128);
    }
}

//! How much memory what stands in an event may take, given the function's: a few kilobytes may unpack to hundreds of megabytes,
//! and a function that has not so many is ended by Lambda, at every delivery again.
//!
//! | what | bound |
//! |---|---|
//! | what one record, or one event, is decompressed to | an eighth of the memory |
//! | events that stand in one another in envelopes, together | an eighth of the memory |
//! | where the keys of one aggregate stand | an eighth of the memory |
//! | the entries that the stock function makes of one record | a quarter of the memory |
//!
//! The memory is the function's (`AWS_LAMBDA_FUNCTION_MEMORY_SIZE`), on Managed Instances divided by the invocations that there
//! are at once (`AWS_LAMBDA_MAX_CONCURRENCY`); where it is not known, the least that a function may have. What is parsed is larger
//! than its text, by four times if it is made for that: so even then there is room for it beside the event and the process.
//! What exceeds a bound is that record's failure, or that event's.

use std::fmt;
use std::sync::OnceLock;

/// The least memory that Lambda gives a function, in MB.
const LEAST: usize = 128;

/// The variables that say how much there is. [`run`](crate::run) refuses to start with others than these.
const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
const AT_ONCE: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

/// The memory of one invocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    memory: usize,
}

impl Bounds {
    /// Those of this process.
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

    /// What may be unpacked, in bytes.
    pub fn unpacked(self) -> usize {
        self.memory / 8
    }

    /// What the entries made of one record may take, in bytes.
    pub fn entries(self) -> usize {
        self.memory / 4
    }
}

/// What to do about it, for people to read: behind what exceeds a bound.
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

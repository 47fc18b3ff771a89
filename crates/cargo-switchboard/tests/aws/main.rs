//! `wire` and `unwire` on an emulator of AWS: `make test-aws` starts it, and says where it is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod account;

mod triggers;

mod mappings;

mod poll;

mod redrive;

mod refusals;

mod rights;

mod usage;

//! `wire alb`: a target group with the function in it, and a rule of a listener that forwards requests to it.
//!
//! Follows Elastic Load Balancing's document "Use Lambda functions as targets of an Application Load Balancer".

mod wiring;
pub use wiring::{AlbOptions, unwiring, wiring};

mod target_group;

mod target;
pub(super) use target::target_in;

mod look_up;

mod rule;
pub use rule::ListenerRule;

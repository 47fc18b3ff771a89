//! Expands SAM's resources to CloudFormation's as SAM's transform does, as far as the rules need it. Expanded resources keep
//! the positions of the original ones.

mod api;
mod connector;
mod event;
mod events;
mod expand;
mod expansion;
mod function;
mod globals;
mod others;
mod policies;
mod pull;
mod push;
mod role;

pub(super) use expand::expand;

//! SAM: its resources become those of CloudFormation that its transform makes of them, as far as the rules ask. What comes of
//! it keeps the places of what was written.

mod api;
mod connector;
mod event;
mod events;
mod expand;
mod expansion;
mod function;
mod globals;
mod policies;
mod pull;
mod push;
mod role;

pub(super) use expand::expand;

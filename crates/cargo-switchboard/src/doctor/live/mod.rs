//! LiveFunction functions: what AWS answers about one, as the model has it. Nothing is changed. Feature `aws`.

mod api;
mod bucket;
mod function;
mod live_function;
mod load;
mod mapping;
mod permission;
mod queue;
mod role;
mod rule;

pub(crate) use load::load;

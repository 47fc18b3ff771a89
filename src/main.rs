//! The stock function.

fn main() {}

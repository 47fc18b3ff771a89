//! A value that one step supplies to later steps.

use std::cell::RefCell;
use std::rc::Rc;

use crate::Failure;

/// A value that may be unknown when the plan is made, such as the id of an API or the ARN of a stream.
#[derive(Clone, Debug)]
pub struct Slot<T> {
    what: &'static str,
    value: Rc<RefCell<Option<T>>>,
}

impl<T: Clone> Slot<T> {
    /// An unknown value. `what` names it in errors.
    pub fn new(what: &'static str) -> Self {
        Self {
            what,
            value: Rc::default(),
        }
    }

    /// A known value.
    pub fn of(what: &'static str, value: T) -> Self {
        let slot = Self::new(what);
        slot.set(Some(value));
        slot
    }

    /// What the value is, for display while it is unknown.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Sets the value.
    pub fn set(&self, value: Option<T>) {
        *self.value.borrow_mut() = value;
    }

    /// The value, if it is known.
    pub fn get(&self) -> Option<T> {
        self.value.borrow().clone()
    }

    /// The value, for a step that requires it.
    ///
    /// # Errors
    /// If an earlier step has not set it.
    pub fn need(&self) -> Result<T, Failure> {
        self.get()
            .ok_or_else(|| Failure::new(format!("{} is not known yet", self.what)))
    }
}

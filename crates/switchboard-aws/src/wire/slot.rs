//! What one step makes known to those behind it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::Failure;

/// A value that may not be known yet when the plan is made: the id of an API, the ARN of a stream.
#[derive(Clone, Debug)]
pub struct Slot<T> {
    what: &'static str,
    value: Rc<RefCell<Option<T>>>,
}

impl<T: Clone> Slot<T> {
    /// A value to come; `what` names it.
    pub fn new(what: &'static str) -> Self {
        Self {
            what,
            value: Rc::default(),
        }
    }

    /// A value that is known.
    pub fn of(what: &'static str, value: T) -> Self {
        let slot = Self::new(what);
        slot.set(Some(value));
        slot
    }

    /// Keeps what became known.
    pub fn set(&self, value: Option<T>) {
        *self.value.borrow_mut() = value;
    }

    /// What is known so far.
    pub fn get(&self) -> Option<T> {
        self.value.borrow().clone()
    }

    /// The value, where a step needs one.
    ///
    /// # Errors
    /// When an earlier step left it open.
    pub fn need(&self) -> Result<T, Failure> {
        self.get()
            .ok_or_else(|| Failure::own(format!("{} is not known yet", self.what)))
    }
}

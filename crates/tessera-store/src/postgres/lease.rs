//! A connection out of the pool that goes back only if it is known to be clean.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::{Client, Object};

use crate::StoreError;

/// A borrowed connection. Unless [`Lease::mark_clean`] was called it is closed on drop, which makes the server roll back whatever
/// was under way on it.
pub(super) struct Lease {
    object: Option<Object>,
    clean: AtomicBool,
}

impl Lease {
    /// Borrows a connection.
    pub(super) const fn new(object: Object) -> Self {
        Self { object: Some(object), clean: AtomicBool::new(false) }
    }

    /// The connection.
    pub(super) fn client(&self) -> Result<&Client, StoreError> {
        self.object.as_ref().ok_or(StoreError::Misuse("a connection was used after its return"))
    }

    /// Nothing is under way on the connection: it may go back to the pool.
    pub(super) fn mark_clean(&self) {
        self.clean.store(true, Ordering::Release);
    }

    /// Something is, or may be, under way on the connection.
    pub(super) fn mark_dirty(&self) {
        self.clean.store(false, Ordering::Release);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.clean.load(Ordering::Acquire)
            && let Some(object) = self.object.take()
        {
            drop(Object::take(object));
        }
    }
}

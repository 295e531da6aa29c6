//! A connection of the pool that is only returned if it is clean.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::{Client, Object, Pool, PoolError};

use super::error::store_error;
use crate::StoreError;

/// A borrowed connection. On drop it is closed, unless it is marked as clean. Closing makes the server roll back.
pub(super) struct Lease {
    object: Option<Object>,
    clean: AtomicBool,
}

impl Lease {
    /// Borrows a connection.
    pub(super) async fn take(pool: &Pool) -> Result<Self, StoreError> {
        match pool.get().await {
            Ok(object) => Ok(Self { object: Some(object), clean: AtomicBool::new(false) }),
            Err(PoolError::Backend(error)) => Err(store_error(&error)),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }

    /// The connection.
    pub(super) fn client(&self) -> Result<&Client, StoreError> {
        self.object.as_ref().ok_or(StoreError::Misuse("a connection was used after its return"))
    }

    /// Nothing runs on the connection. It may go back to the pool.
    pub(super) fn mark_clean(&self) {
        self.clean.store(true, Ordering::Release);
    }

    /// Something may still run on the connection.
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

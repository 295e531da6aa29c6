//! A thread of its own for what must go on while requests keep every other thread busy: background jobs, health and metrics.
//!
//! On the threads of the requests each step of a job would queue behind every connection that has something to say. Under load the
//! audit trail would be written more slowly than it grows, and a load balancer would get no answer.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The thread and its runtime. Dropping this ends both, with every task on them.
pub(super) struct Background {
    runtime: Handle,
    _running: oneshot::Sender<()>,
}

impl Background {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().thread_name("background").enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, ended) = oneshot::channel::<()>();
        std::thread::Builder::new().name("background".to_owned()).spawn(move || {
            // The sender is dropped, and never sends.
            let _ = runtime.block_on(ended);
        })?;
        Ok(Self { runtime: handle, _running: running })
    }

    /// Where its tasks run.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

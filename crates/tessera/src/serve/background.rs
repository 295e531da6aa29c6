//! A thread of its own for what must go on while requests keep every other thread busy: background jobs, health and metrics.
//!
//! On the threads of the requests each step of a job would queue behind every connection that has something to say. Under load the
//! audit trail would be written more slowly than it grows, and a load balancer would get no answer.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// The thread and its runtime. Dropping this ends both, with every task on them.
pub(super) struct Background(Option<Runtime>, Handle);

impl Background {
    /// Starts the thread. It has a runtime for several, so that health is answered while a job waits for the disk.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub(super) fn start() -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("background").enable_all().build()?;
        let handle = runtime.handle().clone();
        Ok(Self(Some(runtime), handle))
    }

    /// Where its tasks run.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.1
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

//! What the operating system asks of a server.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals a server listens to; from here on they no longer end the process by themselves.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To stop.
    Stop {
        /// Exit code of a process that stops without having finished its work.
        code: u8,
    },
    /// To look at the configuration again.
    Reload,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop { code: 128 + 15 },
            _ = self.interrupt.recv() => Asked::Stop { code: 128 + 2 },
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }

    /// The next wish to stop; others are passed over.
    pub(super) async fn stop(&mut self) -> u8 {
        loop {
            if let Asked::Stop { code } = self.next().await {
                return code;
            }
        }
    }
}

//! The signals that a server obeys.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that a server obeys. As long as this exists, they do not end the process by themselves.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// To stop.
    Stop {
        /// The exit code of a process that stops without finishing its work.
        code: u8,
    },
    /// To check the configuration again.
    CheckConfig,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn next(&mut self) -> Action {
        tokio::select! {
            _ = self.terminate.recv() => Action::Stop { code: 128 + 15 },
            _ = self.interrupt.recv() => Action::Stop { code: 128 + 2 },
            _ = self.hang_up.recv() => Action::CheckConfig,
        }
    }

    /// Waits for the next request to stop and ignores the others.
    pub(super) async fn next_stop(&mut self) -> u8 {
        loop {
            if let Action::Stop { code } = self.next().await {
                return code;
            }
        }
    }
}

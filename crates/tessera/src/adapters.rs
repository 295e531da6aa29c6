//! The clock, the randomness and the network of this machine, as the ports of the use cases.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tessera_app::ports::{Clock, Entropy};
use tessera_fetch::{BuildError, Fetch, FetchError, FetchFuture, GuardedFetch, Request};
use tessera_model::Timestamp;

use crate::failure::Exit;
use crate::stderr;

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the Clock port's adapter")]
        let now = SystemTime::now();
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        // On Linux the other monotonic clocks stand still while the machine sleeps.
        #[cfg(target_os = "linux")]
        let clock = rustix::time::ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = rustix::time::ClockId::Monotonic;
        Duration::try_from(rustix::time::clock_gettime(clock)).unwrap_or_default()
    }
}

/// The random generator of the cryptographic provider. The operating system seeds it, so a request needs no system call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the Entropy port's adapter")]
        let filled = aws_lc_rs::rand::fill(bytes);
        if filled.is_err() {
            end_without_randomness();
        }
    }
}

/// Requests to other servers: https, to public addresses. The HTTP client is made with the first request, because it reads all root
/// certificates of the system, and few commands and servers need it.
#[derive(Debug, Default)]
pub(crate) struct SystemFetch(OnceLock<Result<GuardedFetch, BuildError>>);

impl Fetch for SystemFetch {
    fn fetch(&self, request: Request) -> FetchFuture<'_> {
        match self.0.get_or_init(|| GuardedFetch::builder().build()) {
            Ok(guarded) => guarded.fetch(request),
            Err(error) => Box::pin(std::future::ready(Err(FetchError::Transport(error.to_string())))),
        }
    }
}

/// Ends the process if the operating system gives no randomness, now or later.
///
/// The hash tables of the standard library draw some on each thread, and panic if there is none. The cryptographic provider draws
/// more from time to time. If there is none, it ends the process by itself, with one line and SIGABRT.
pub(crate) fn end_when_randomness_fails() {
    let mut seed = [0_u8; 32];
    match rustix::rand::getrandom(&mut seed, rustix::rand::GetRandomFlags::empty()) {
        Ok(len) if len == seed.len() => {}
        Ok(_) | Err(_) => end_without_randomness(),
    }
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload();
        let reason = payload.downcast_ref::<&str>().copied();
        let reason = reason.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        if reason == Some("failed to generate random data") {
            end_without_randomness();
        }
        report(panic);
    }));
}

/// Ends the process: guessable keys and tokens are worse than none. A panic would end one request, and the next one would
/// come.
#[expect(clippy::exit, reason = "no caller may go on")]
fn end_without_randomness() -> ! {
    stderr::write_line("tessera: the operating system gives no randomness; the process ends");
    stderr::flush();
    std::process::exit(Exit::NoRandomness as i32)
}

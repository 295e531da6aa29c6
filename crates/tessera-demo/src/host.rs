//! What the demo needs of the program that it is part of: an issuer that serves, private files, time and randomness.

use std::error::Error;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use tessera_app::App;
use tessera_app::ports::{Clock, Entropy};
use tessera_jose::base64url;

/// The program around the demo. The demo knows neither the database nor the configuration file: the program brings both.
#[derive(Clone)]
pub struct Host {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Reads a file that holds a secret; `None` if it does not exist.
    pub read_secret: fn(&Path) -> Result<Option<String>, HostError>,
    /// Makes a file for a secret that only its owner can read. It must not exist yet.
    pub create_secret: fn(&Path, &str) -> Result<(), HostError>,
    /// Opens the database in a data directory and serves the issuer.
    pub start_issuer: fn(IssuerOptions) -> StartingIssuer,
}

/// Why the program could not do what the demo asked. The text is for the person at the terminal.
pub type HostError = Box<dyn Error + Send + Sync>;

/// The future of [`Host::start_issuer`].
pub type StartingIssuer = Pin<Box<dyn Future<Output = Result<RunningIssuer, HostError>> + Send>>;

/// How the issuer of the demo runs: in development mode, over plain HTTP on loopback.
#[derive(Debug)]
pub struct IssuerOptions {
    /// Where database and keys are.
    pub data_dir: PathBuf,
    /// Issuer identifier.
    pub issuer: String,
    /// Where it listens.
    pub listener: TcpListener,
}

/// An issuer that serves. Dropping it stops it at once.
pub struct RunningIssuer {
    /// Its use cases, to register clients and people with.
    pub app: Arc<App>,
    /// Lets requests finish and stops it.
    pub stop: Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>,
}

impl Host {
    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// 256 random bits in 43 characters, as a session id or a `state`.
    pub(crate) fn random_id(&self) -> String {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        base64url::encode(bytes)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
    use std::time::Duration;

    use tessera_model::Timestamp;

    use super::*;

    struct Epoch;

    impl Clock for Epoch {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(0)
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
    }

    /// Every byte is another one than the byte before.
    #[derive(Default)]
    struct Counter(AtomicU8);

    impl Entropy for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, SeqCst));
        }
    }

    /// A host that keeps secrets in plain files and has no issuer.
    pub(crate) fn host() -> Host {
        Host {
            clock: Arc::new(Epoch),
            entropy: Arc::new(Counter::default()),
            read_secret: |path| {
                if path.exists() { Ok(Some(std::fs::read_to_string(path)?)) } else { Ok(None) }
            },
            create_secret: |path, secret| Ok(std::fs::write(path, secret)?),
            start_issuer: |_| Box::pin(std::future::ready(Err("no issuer".into()))),
        }
    }
}

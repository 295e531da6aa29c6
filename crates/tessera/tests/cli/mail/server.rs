//! A mail server of another make, on a free port. It ends with the test.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::support::STEP_TIMEOUT;

/// `cargo xtask test` installs the package.
const MISSING: &str =
    "the mail server of the tests does not start: it needs the Debian package python3-aiosmtpd";

/// A certificate that is its own authority, and its key.
pub(super) struct Pair {
    _home: tempfile::TempDir,
    pub(super) certificate: PathBuf,
    key: PathBuf,
}

impl Pair {
    pub(super) fn of(name: &str) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, pem: String| {
            let path = home.path().join(name);
            std::fs::write(&path, pem).unwrap();
            path
        };
        let certificate = write("certificate.pem", certificate.pem());
        let key = write("key.pem", key.serialize_pem());
        Self { _home: home, certificate, key }
    }
}

/// The server process.
pub(super) struct MailServer {
    child: Child,
    lines: Receiver<Value>,
    pub(super) port: u16,
}

impl MailServer {
    /// Starts the server and returns once it listens.
    pub(super) fn start(security: &str, pair: Option<&Pair>, args: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/mail/server.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).args(["--security", security]).args(args);
        if let Some(pair) = pair {
            command.arg("--certificate").arg(&pair.certificate).arg("--key").arg(&pair.key);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{MISSING}: {error}"));
        let (send, lines) = channel();
        let read = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            read.map_while(Result::ok).try_for_each(|line| send.send(serde_json::from_str(&line).unwrap()))
        });
        let mut server = Self { child, lines, port: 0 };
        let listening =
            server.lines.recv_timeout(STEP_TIMEOUT).unwrap_or_else(|error| panic!("{MISSING}: {error}"));
        server.port = u16::try_from(listening["port"].as_u64().unwrap()).unwrap();
        server
    }

    /// The next mail that arrives.
    #[track_caller]
    pub(super) fn received(&self) -> Value {
        self.lines.recv_timeout(STEP_TIMEOUT).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

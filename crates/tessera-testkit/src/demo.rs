//! A running `tessera demo`: the product as a process of its own, for measurements from outside.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A confidential client.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: String,
}

/// The demo. Dropping it stops it and removes its data.
pub struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    /// Its issuer identifier.
    pub issuer: String,
    /// The address of the issuer.
    pub address: SocketAddr,
    /// The name of the person who can log in.
    pub username: String,
    /// Their password.
    pub password: String,
    /// A client of kind `service`.
    pub service: Client,
    /// A client of kind `web`.
    pub web: Client,
}

impl Demo {
    /// Starts the demo, and returns when it is ready.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start() -> Self {
        let folder = tempfile::tempdir_in(target()).expect("a folder");
        let mut child = Command::new(binary())
            .args(["demo", "--json", "--port", "0", "--data"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        let said = child.stdout.take().expect("an output");
        BufReader::new(said).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let client = |name: &str| {
            let client = &ready["clients"][name];
            Client { id: text(&client["client_id"]), secret: text(&client["client_secret"]) }
        };
        let issuer = text(&ready["issuer"]);
        Self {
            address: issuer.replace("http://localhost", "127.0.0.1").parse().expect("an address"),
            username: text(&ready["username"]),
            password: text(&ready["password"]),
            service: client("e2e-service"),
            web: client("e2e-web"),
            issuer,
            child,
            folder,
        }
    }

    /// Stops it. Its data stay until this is dropped.
    ///
    /// # Panics
    /// If the system refuses.
    pub fn stop(&mut self) {
        self.child.kill().expect("a process");
        self.child.wait().expect("a process");
    }

    /// The folder of its data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command line of the product on the same data.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--data").arg(self.folder()).stdout(Stdio::null());
        command
    }

    /// The bytes of a form post, with the client's secret in HTTP Basic.
    pub fn form(&self, path: &str, client: &Client, form: &str) -> Vec<u8> {
        let basic = STANDARD.encode(format!("{}:{}", client.id, client.secret));
        self.post(path, &format!("authorization: Basic {basic}\r\n"), form)
    }

    /// The bytes of a form post, with further headers.
    pub fn post(&self, path: &str, headers: &str, form: &str) -> Vec<u8> {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\n{headers}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        )
        .into_bytes()
    }

    /// The CPU time of the server, user and system.
    ///
    /// # Panics
    /// Where there is no `/proc`.
    pub fn cpu(&self) -> Duration {
        /// Ticks of `/proc/<pid>/stat` (`USER_HZ`, 100 on Linux).
        const TICK: Duration = Duration::from_millis(10);
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("/proc");
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        TICK * fields.split_whitespace().skip(11).take(2).map(|n| n.parse::<u32>().expect("ticks")).sum()
    }

    /// The memory of the server in MiB: `VmRSS` now, `VmHWM` the most so far.
    ///
    /// # Panics
    /// Where there is no `/proc`.
    pub fn memory_mib(&self, line: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("/proc");
        let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        let kib = found.expect("a line").trim().trim_end_matches(" kB");
        kib.parse::<f64>().expect("a number") / 1_024.0
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The folder that this example and the product were built in: `target/release`.
///
/// # Panics
/// If this program has no path.
pub fn target() -> PathBuf {
    let example = std::env::current_exe().expect("a path");
    example.parent().and_then(Path::parent).expect("target/release/examples").to_owned()
}

/// The path of the product.
///
/// # Panics
/// If this program has no path.
pub fn binary() -> PathBuf {
    target().join("tessera")
}

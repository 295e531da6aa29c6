//! The server as a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::load::now;

/// A confidential client.
pub(crate) struct Client {
    pub(crate) id: String,
    secret: String,
}

/// A running `tessera demo`.
pub(crate) struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    pub(crate) issuer: String,
    pub(crate) address: String,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) service: Client,
    pub(crate) web: Client,
}

impl Demo {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir_in(target()).unwrap();
        let mut child = Command::new(binary())
            .args(["demo", "--json", "--port", "0", "--data"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let client = |name: &str| {
            let client = &ready["clients"][name];
            Client { id: text(&client["client_id"]), secret: text(&client["client_secret"]) }
        };
        let issuer = text(&ready["issuer"]);
        Self {
            address: issuer.replace("http://localhost", "127.0.0.1"),
            username: text(&ready["username"]),
            password: text(&ready["password"]),
            service: client("e2e-service"),
            web: client("e2e-web"),
            issuer,
            child,
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A form post as bytes, with the client's secret in HTTP Basic.
    pub(crate) fn form(&self, path: &str, client: &Client, form: &str) -> Vec<u8> {
        let basic = STANDARD.encode(format!("{}:{}", client.id, client.secret));
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Basic {basic}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        )
        .into_bytes()
    }

    /// User and system time that the server has used.
    pub(crate) fn cpu(&self) -> Duration {
        /// Ticks of `/proc/<pid>/stat` (`USER_HZ`, 100 on Linux).
        const TICK: Duration = Duration::from_millis(10);
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        TICK * (fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// An idle server.
pub(crate) struct Idle {
    pub(crate) resident_mib: f64,
    pub(crate) ready: Duration,
}

/// Starts `serve` on a directory that has been used before, times it until it is ready, and looks at its memory once the work of
/// the start (one password hash of 19 MiB) is over.
pub(crate) fn idle() -> Idle {
    let folder = tempfile::tempdir_in(target()).unwrap();
    drop(Server::start(folder.path()));
    let (begun, server) = (now(), Server::start(folder.path()));
    let ready = begun.elapsed();
    std::thread::sleep(Duration::from_secs(1));
    let status = fs::read_to_string(format!("/proc/{}/status", server.0.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: f64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    Idle { resident_mib: kib / 1024.0, ready }
}

struct Server(Child);

impl Server {
    /// Returns when the operator's listener says ready.
    fn start(folder: &Path) -> Self {
        let [port, ops] = free_ports();
        let child = Command::new(binary())
            .args(["serve", "--dev", "--data"])
            .arg(folder)
            .env("TESSERA_ISSUER", format!("http://localhost:{port}"))
            .env("TESSERA_LISTEN", format!("127.0.0.1:{port}"))
            .env("TESSERA_OPS_LISTEN", format!("127.0.0.1:{ops}"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self(child);
        while !is_ready(ops) {
            assert!(server.0.try_wait().unwrap().is_none(), "the server ended");
            std::thread::yield_now();
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn is_ready(port: u16) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = String::new();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
}

fn free_ports() -> [u16; 2] {
    let listeners = [0, 0].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// `target/release`, where this bench and the server were built.
fn target() -> PathBuf {
    let bench = std::env::current_exe().unwrap();
    bench.parent().and_then(Path::parent).unwrap().to_owned()
}

fn binary() -> PathBuf {
    target().join("tessera")
}

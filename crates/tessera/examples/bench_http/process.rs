//! `tessera serve` as a process of its own.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tessera_testkit::demo::{binary, target};

use crate::load::now;

/// An idle server.
pub(crate) struct Idle {
    pub(crate) resident_mib: f64,
    pub(crate) ready: Duration,
}

/// Starts `serve` on a directory that has been used before, times it until it is ready, and looks at its memory a second later, when
/// every job has had its first round.
pub(crate) fn idle() -> Idle {
    let folder = tempfile::tempdir_in(target()).unwrap();
    drop(Server::start(folder.path()));
    let (begun, server) = (now(), Server::start(folder.path()));
    let ready = begun.elapsed();
    std::thread::sleep(Duration::from_secs(1));
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: f64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    Idle { resident_mib: kib / 1024.0, ready }
}

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    ops: u16,
}

impl Server {
    /// Returns when the operator's listener says ready.
    pub(crate) fn start(folder: &Path) -> Self {
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
        let mut server = Self { child, address: ([127, 0, 0, 1], port).into(), ops };
        while !server.is_ready() {
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended");
            std::thread::yield_now();
        }
        server
    }

    /// What the operator's listener says.
    pub(crate) fn is_ready(&self) -> bool {
        is_ready(self.ops)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
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

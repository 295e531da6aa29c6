//! Runs the real binary on temporary directories.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tessera_testkit::browser::Browser;
use tessera_testkit::evidence::claims;

/// The longest that one step of a test may take. Machines under load are slow.
pub(crate) const STEP_TIMEOUT: Duration = Duration::from_secs(60);

/// The binary, without our environment except `PATH`.
pub(crate) fn tessera() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tessera"));
    command.env_clear().env("PATH", std::env!("PATH")).stdin(Stdio::null());
    command
}

/// The exit code and the output of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Outcome {
    #[track_caller]
    pub(crate) fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "");
        self.stderr
    }

    #[track_caller]
    pub(crate) fn accepted(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.accepted()).unwrap()
    }
}

/// A data directory.
pub(crate) struct Installation {
    dir: tempfile::TempDir,
}

impl Installation {
    /// No data directory yet.
    pub(crate) fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A data directory that `init` has created.
    pub(crate) fn init() -> Self {
        let installation = Self::empty();
        installation.run(&["init"]).accepted();
        installation
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.data().join(name)
    }

    /// A configuration file with this text, next to the data directory.
    pub(crate) fn configure(&self, text: &str) -> PathBuf {
        let path = self.dir.path().join("t.toml");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Writes a file with these permissions next to the data directory.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = self.dir.path().join(name);
        let next = self.dir.path().join(format!("{name}.next"));
        std::fs::write(&next, content).unwrap();
        set_mode(&next, mode);
        std::fs::rename(&next, &path).unwrap();
        path
    }

    /// A command on this directory.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = tessera();
        command.args(args).arg("--data").arg(self.data()).current_dir(self.dir.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Outcome {
        self.command(args).output().unwrap().into()
    }

    /// The same with `--json`, which has to succeed.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        self.command(args).arg("--json").output().map(Outcome::from).unwrap().json()
    }

    /// The same with something on standard input.
    pub(crate) fn run_with(&self, args: &[&str], stdin: &str) -> Outcome {
        let mut command = self.command(args);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// A command with a configuration file.
    pub(crate) fn with_file(&self, args: &[&str], file: &Path) -> Command {
        let mut command = tessera();
        command.args(args).arg("--config").arg(file).current_dir(self.dir.path());
        command
    }

    /// A development server on this directory.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve", "--dev"]))
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A server process on free ports.
pub(crate) struct Server {
    child: Child,
    log: Receiver<Value>,
    pub(crate) issuer: String,
    pub(crate) address: SocketAddr,
    pub(crate) ops: SocketAddr,
}

impl Server {
    /// Starts the server and returns once it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        command.env("TESSERA_LOG_FORMAT", "json");
        command.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (send, log) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::from(line));
                if send.send(event).is_err() {
                    return;
                }
            }
        });
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { child, log, issuer: String::new(), address: nowhere, ops: nowhere };
        let event = server.logged("listening");
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        server.issuer = text("issuer");
        server.address = text("address").parse().unwrap();
        server.ops = text("ops").parse().unwrap();
        server
    }

    /// Waits for a log line whose message begins with this text.
    #[track_caller]
    pub(crate) fn logged(&self, message: &str) -> Value {
        self.logged_until(message).pop().unwrap()
    }

    /// The same, with the lines before it.
    #[track_caller]
    pub(crate) fn logged_until(&self, message: &str) -> Vec<Value> {
        let mut before = Vec::new();
        loop {
            match self.log.recv_timeout(STEP_TIMEOUT) {
                Ok(event) if event["message"].as_str().is_some_and(|text| text.starts_with(message)) => {
                    before.push(event);
                    return before;
                }
                Ok(event) => before.push(event),
                Err(error) => panic!("never said {message:?} ({error}): {before:#?}"),
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// The content of a file of the process under `/proc`.
    pub(crate) fn proc(&self, name: &str) -> String {
        std::fs::read_to_string(self.inside(name)).unwrap()
    }

    /// The path of a file of the process under `/proc`.
    pub(crate) fn inside(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.child.id())
    }

    pub(crate) fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// A browser on this development server.
    pub(crate) fn browser(&self) -> Browser {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let http = http.resolve("localhost", self.address).build().unwrap();
        Browser::new(http, &self.issuer)
    }

    /// A GET on the listener for health and metrics: status and body.
    pub(crate) async fn ops(&self, path: &str) -> (u16, String) {
        get(&reqwest::Client::new_for_tests(), &format!("http://{}{path}", self.ops)).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Turns a client off, which writes a revocation rule. `json` runs a command.
pub(crate) fn disable_a_client(json: impl Fn(&[&str]) -> Value) {
    json(&[
        "client",
        "add",
        "--kind",
        "spa",
        "--name",
        "Old",
        "--id",
        "old",
        "--redirect-uri",
        "https://old.example/cb",
    ]);
    json(&["client", "disable", "old", "--yes"]);
}

/// The revocation rules that a server tells.
pub(crate) async fn rules(server: &Server) -> Vec<Value> {
    let url = format!("http://{}/revocation/rules?after=0", server.address);
    let (status, page) = get(&reqwest::Client::new_for_tests(), &url).await;
    assert_eq!(status, 200, "{page}");
    claims(&page)["rules"].as_array().unwrap().clone()
}

/// Status and body.
pub(crate) async fn get(client: &reqwest::Client, url: &str) -> (u16, String) {
    let response = client.get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// An HTTP client without proxy and redirects.
pub(crate) trait ForTests {
    fn new_for_tests() -> Self;
}

impl ForTests for reqwest::Client {
    fn new_for_tests() -> Self {
        Self::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
    }
}

/// Asks four times a second until the answer is yes, and fails after [`STEP_TIMEOUT`]. A faster client would run into rate limits.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let asking = async {
        let mut turns = tokio::time::interval(Duration::from_millis(250));
        loop {
            turns.tick().await;
            if ask().await {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(STEP_TIMEOUT, asking).await.is_ok(), "never: {what}");
}

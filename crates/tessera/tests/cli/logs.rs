//! Standard error and standard output that take nothing: a pipe that nobody reads, a closed pipe, a full disk, a closed descriptor.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, OFlags, fcntl_getfl, fcntl_setfl, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{ForTests as _, Installation, Outcome, STEP_TIMEOUT, eventually, get, tessera};

/// A server whose standard error is ours to choose.
struct Serving {
    child: Child,
    listen: SocketAddr,
    ops: SocketAddr,
}

impl Serving {
    fn start(mut command: Command) -> Self {
        command.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        // The child alone holds the other ends now.
        drop(command);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        let address = |name: &str| said[name].as_str().unwrap().parse().unwrap();
        Self { child, listen: address("listen"), ops: address("ops_listen") }
    }

    fn on(installation: &Installation, stderr: impl Into<Stdio>) -> Self {
        let mut command = installation.command(&["serve", "--dev", "--json"]);
        command.stderr(stderr);
        Self::start(command)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap(), signal).unwrap();
    }

    /// Token endpoint, key set and health answer.
    async fn answers(&self) {
        let http = &reqwest::Client::new_for_tests();
        for round in 0..20 {
            let token = http.post(format!("http://{}/token", self.listen)).basic_auth("nobody", Some("x"));
            let token = token.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
            let jwks = get(http, &format!("http://{}/jwks", self.listen)).await.0;
            let health = get(http, &format!("http://{}/healthz", self.ops)).await.0;
            let ready = get(http, &format!("http://{}/readyz", self.ops)).await.0;
            let seen = (token.status().as_u16(), jwks, health, ready);
            assert_eq!(seen, (401, 200, 200, 200), "round {round}");
        }
    }

    /// The metric of dropped lines.
    async fn dropped(&self) -> u64 {
        let http = &reqwest::Client::new_for_tests();
        let (_, metrics) = get(http, &format!("http://{}/metrics", self.ops)).await;
        let line = metrics.lines().find_map(|line| line.strip_prefix("tessera_log_lines_dropped_total "));
        line.map_or(0, |count| count.parse().unwrap())
    }

    /// Sends `SIGTERM`. The server has to end with success.
    #[track_caller]
    fn stops(mut self) {
        self.signal(Signal::TERM);
        let code = ended(&mut self.child).map(|status| status.code());
        assert_eq!(code, Some(Some(0)), "the server obeys SIGTERM");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the end of a process; `None` if it takes too long.
fn ended(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + STEP_TIMEOUT;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

fn set_nonblocking(end: impl AsFd, on: bool) {
    let mut flags = fcntl_getfl(&end).unwrap();
    flags.set(OFlags::NONBLOCK, on);
    fcntl_setfl(&end, flags).unwrap();
}

/// A pipe without room for another byte.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    set_nonblocking(&writer, true);
    let block = [b'.'; 4096];
    while writer.write(&block).is_ok() {}
    while writer.write(b".").is_ok() {}
    set_nonblocking(&writer, false);
    (reader, writer)
}

fn closed_pipe() -> PipeWriter {
    pipe().unwrap().1
}

fn full_disk() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[tokio::test]
async fn f59_a_log_pipe_that_nobody_reads_stops_no_answer_and_no_stop() {
    let installation = Installation::empty();
    let (reader, writer) = full_pipe();
    let server = Serving::on(&installation, writer);
    server.answers().await;
    server.stops();
    drop(reader);
}

/// A parent such as Node.js makes its end of a pipe non-blocking, and with it ours.
#[tokio::test]
async fn f59_a_log_pipe_that_is_full_and_non_blocking_loses_nothing_that_fits_the_queue() {
    let installation = Installation::empty();
    let (mut reader, writer) = full_pipe();
    set_nonblocking(&writer, true);
    let server = Serving::on(&installation, writer);
    server.answers().await;
    assert_eq!(server.dropped().await, 0);
    let reading = std::thread::spawn(move || {
        let mut log = String::new();
        reader.read_to_string(&mut log).map(|_| log)
    });
    server.stops();
    let log = reading.join().unwrap().unwrap();
    assert!(log.contains("\"listening\"") && log.contains("\"stopped\""), "{}", log.trim_start_matches('.'));
}

#[tokio::test]
async fn f59_a_closed_log_pipe_breaks_no_answer_and_no_stop() {
    let installation = Installation::empty();
    let server = Serving::on(&installation, closed_pipe());
    server.answers().await;
    eventually("dropped lines are counted", async || server.dropped().await > 0).await;
    server.stops();
}

#[tokio::test]
async fn f12_f59_a_full_disk_under_the_log_breaks_no_answer_and_no_stop() {
    let installation = Installation::empty();
    let server = Serving::on(&installation, full_disk());
    server.answers().await;
    eventually("dropped lines are counted", async || server.dropped().await > 0).await;
    server.stops();
}

#[tokio::test]
async fn f59_a_server_without_standard_error_serves() {
    let installation = Installation::empty();
    let server = Serving::start(through_shell(&installation.command(&["serve", "--dev", "--json"]), "2>&-"));
    server.answers().await;
    server.stops();
}

/// The end of a named pipe for a reader, who need not wait for a writer.
fn read_end(path: &std::path::Path) -> File {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap();
    OpenOptions::new().read(true).custom_flags(flags).open(path).unwrap()
}

#[tokio::test]
async fn f59_a_log_that_works_again_says_how_many_lines_are_missing() {
    let installation = Installation::empty();
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("log");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let first_reader = read_end(&fifo);
    let server = Serving::on(&installation, OpenOptions::new().write(true).open(&fifo).unwrap());
    drop(first_reader);
    eventually("a line is dropped", async || {
        server.signal(Signal::HUP);
        server.dropped().await > 0
    })
    .await;

    let reader = read_end(&fifo);
    let log = RefCell::new(Vec::new());
    eventually("the log says what is missing", async || {
        server.signal(Signal::HUP);
        let mut log = log.borrow_mut();
        if let Err(error) = (&reader).read_to_end(&mut log) {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
        }
        String::from_utf8_lossy(&log).contains("log lines were dropped")
    })
    .await;
    let text = String::from_utf8(log.into_inner()).unwrap();
    let said: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let dropped = said.iter().find(|line| line["message"].as_str().is_some_and(|m| m.contains("dropped")));
    let lines = dropped.and_then(|line| line["lines"].as_u64());
    assert_eq!(lines, Some(server.dropped().await), "{text}");
    server.stops();
}

/// The command, run by a shell that changes its descriptors.
fn through_shell(command: &Command, redirection: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$@\" {redirection}"), "sh"]).arg(command.get_program());
    shell.args(command.get_args()).env_clear().stdin(Stdio::null());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(dir) = command.get_current_dir() {
        shell.current_dir(dir);
    }
    shell
}

/// Commands that print much or little, to either stream.
fn commands(installation: &Installation) -> Vec<Command> {
    let mut bare: Vec<Command> = Vec::new();
    for args in [&["--help"][..], &["--version"], &["nonsense"], &["help", "serve"], &[]] {
        let mut command = tessera();
        command.args(args);
        bare.push(command);
    }
    let on_the_installation = [
        &["user", "list"][..],
        &["user", "list", "--json"],
        &["client", "list"],
        &["api", "list", "--json"],
        &["key", "list"],
        &["job", "list"],
        &["config", "check", "--dev"],
        &["user", "show", "nobody"],
        &["init"],
    ];
    bare.extend(on_the_installation.map(|args| installation.command(args)));
    bare
}

/// Ends, neither by a panic nor by a signal.
#[track_caller]
fn ends_in_order(mut command: Command, what: &str) {
    let what = format!("{command:?} with {what}");
    let mut child = command.spawn().unwrap();
    let Some(status) = ended(&mut child) else {
        child.kill().unwrap();
        panic!("{what} does not end");
    };
    let code = status.code();
    assert!(code.is_some_and(|code| [0, 64, 65, 74, 78].contains(&code)), "{what}: {status}");
}

#[test]
fn f59_no_command_panics_when_its_output_is_closed() {
    let installation = Installation::empty();
    drop(installation.serve());
    for mut command in commands(&installation) {
        command.stdout(closed_pipe()).stderr(closed_pipe());
        ends_in_order(command, "closed pipes");
    }
    for command in commands(&installation) {
        ends_in_order(through_shell(&command, ">&- 2>&-"), "closed descriptors");
    }
}

#[test]
fn f59_no_command_panics_when_its_output_goes_to_a_full_disk() {
    let installation = Installation::empty();
    drop(installation.serve());
    for mut command in commands(&installation) {
        command.stdout(full_disk()).stderr(full_disk());
        ends_in_order(command, "/dev/full");
    }
}

#[test]
fn f59_no_command_waits_for_somebody_who_reads_its_errors() {
    let installation = Installation::empty();
    drop(installation.serve());
    for args in [&["user", "show", "nobody"][..], &["config", "check", "--dev"], &["init"], &["nonsense"]] {
        let (reader, writer) = full_pipe();
        let mut command = installation.command(args);
        command.stdout(Stdio::null()).stderr(writer);
        ends_in_order(command, "a pipe that nobody reads");
        drop(reader);
    }
}

/// Also a command that prints while it works.
#[test]
fn f59_a_demo_that_nobody_watches_ends_in_order() {
    let installation = Installation::empty();
    let mut demo = installation.command(&["demo", "--once"]);
    demo.stdout(closed_pipe()).stderr(closed_pipe());
    ends_in_order(demo, "closed pipes");
}

#[test]
fn f59_the_reader_of_a_long_list_may_leave_early() {
    let installation = Installation::empty();
    drop(installation.serve());
    let list = installation.command(&["--help"]);
    let mut shell = Command::new("sh");
    let line = "\"$0\" --help | head -1; \"$0\" client list --json --data \"$1\" | head -c 1; exit 0";
    shell.args(["-c", line]).arg(list.get_program()).arg(installation.data());
    let outcome = Outcome::from(shell.output().unwrap());
    assert!(!outcome.stderr.contains("panic"), "{outcome:?}");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

//! A throw-away PostgreSQL server, with durable settings and a directory of its own. It ends with the process that started it.
//!
//! If `TESSERA_TEST_POSTGRES_URL` is set (a superuser's URL of a running server), tests use that server. Otherwise the first test
//! of a process starts one from Debian's `postgresql` package. Every test gets a database of its own. Without a server the
//! tests fail and say what to install.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread::{self, JoinHandle};

use tokio_postgres::NoTls;

/// The variable with the URL of a running server.
pub const URL_VARIABLE: &str = "TESSERA_TEST_POSTGRES_URL";

/// A shell script that runs the server as the unprivileged owner of `$1`. On TERM it stops the server and removes the directory.
const SUPERVISOR: &str = r#"
directory=$1; binaries=$2; port=$3
trap 'rm -rf "$directory"; exit 1' TERM INT
"$binaries/initdb" -D "$directory/data" -U tessera --auth=trust -E UTF8 --locale=C --no-sync >&2 || exit 1
"$binaries/postgres" -D "$directory/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=on -c synchronous_commit=on -c max_connections=200 -c shared_buffers=64MB -c log_checkpoints=off &
server=$!
trap 'kill -INT $server; wait $server; rm -rf "$directory"; exit 0' TERM INT
wait $server
code=$?
rm -rf "$directory"
exit $code
"#;

/// A running server that this process started.
pub struct PostgresServer {
    port: u16,
    process: u32,
    watcher: Option<JoinHandle<()>>,
}

impl PostgresServer {
    /// Starts a server on a free loopback port, in a fresh directory, as an unprivileged user. It ends with this process.
    ///
    /// # Errors
    /// What is missing, or the output of the server.
    pub fn start() -> Result<Self, String> {
        let binaries = binaries()?;
        let owner = unprivileged_owner()?;
        let directory = fresh_directory(owner).map_err(|e| format!("no directory for PostgreSQL: {e}"))?;
        let port = free_port().map_err(|e| format!("no free port for PostgreSQL: {e}"))?;
        let (announce, ready) = mpsc::channel();
        // The parent death signal is tied to the thread that forks, so that thread must live as long as the server.
        let watcher = thread::spawn(move || match spawn(&binaries, owner, &directory, port) {
            Ok(child) => watch(child, &announce),
            Err(error) => {
                let why = format!("setpriv (package util-linux) did not start: {error}");
                drop(announce.send(Err(why)));
            }
        });
        let process = ready.recv().map_err(|_| "PostgreSQL was never started".to_owned())??;
        Ok(Self { port, process, watcher: Some(watcher) })
    }

    /// URL of one of its databases, as superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://tessera@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let stopped = Command::new("kill").arg("-TERM").arg(self.process.to_string()).status();
        if let (Ok(status), Some(watcher)) = (stopped, self.watcher.take())
            && status.success()
        {
            drop(watcher.join());
        }
    }
}

/// The newest installed server.
fn binaries() -> Result<PathBuf, String> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = installed.map(|version| version.path().join("bin")).collect::<Vec<_>>();
    let version = |bin: &PathBuf| bin.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = debian.into_iter().filter(|bin| bin.join("initdb").exists()).max_by_key(version);
    newest.or_else(on_the_path).ok_or_else(|| {
        format!("PostgreSQL is not installed: install the package `postgresql`, or set {URL_VARIABLE} to a running server")
    })
}

fn on_the_path() -> Option<PathBuf> {
    let path = environment("PATH")?;
    path.split(':')
        .map(PathBuf::from)
        .find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

#[expect(clippy::disallowed_methods, reason = "tests are told from outside which server to use")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// User and group to run as. `None` if this process is unprivileged already.
fn unprivileged_owner() -> Result<Option<(u32, u32)>, String> {
    let own = fs::metadata("/proc/self").map_err(|e| format!("/proc/self: {e}"))?.uid();
    if own != 0 {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
    let find = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let owner = find("postgres").or_else(|| find("nobody"));
    owner.map(Some).ok_or_else(|| "no user `postgres` or `nobody` to run PostgreSQL as".to_owned())
}

fn fresh_directory(owner: Option<(u32, u32)>) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let name =
            format!("tessera-postgres-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        match fs::DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => {
                if let Some((user, group)) = owner {
                    chown(&directory, Some(user), Some(group))?;
                }
                return Ok(directory);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn spawn(binaries: &Path, owner: Option<(u32, u32)>, directory: &Path, port: u16) -> io::Result<Child> {
    let mut command = Command::new("setpriv");
    if let Some((user, group)) = owner {
        command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).arg("--clear-groups");
    }
    command.args(["--pdeathsig", "TERM", "sh", "-c", SUPERVISOR, "tessera-postgres"]);
    command.arg(directory).arg(binaries).arg(port.to_string()).current_dir(directory);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
}

/// Reads the output of the server until it ends. Announces once that it is ready, or that it ended before.
fn watch(mut child: Child, announce: &mpsc::Sender<Result<u32, String>>) {
    let mut said = Vec::new();
    for line in
        child.stderr.take().map(BufReader::new).into_iter().flat_map(BufRead::lines).map_while(Result::ok)
    {
        if line.contains("ready to accept connections") {
            drop(announce.send(Ok(child.id())));
            said.clear();
        }
        said.push(line);
        let excess = said.len().saturating_sub(40);
        said.drain(..excess);
    }
    drop(child.wait());
    drop(announce.send(Err(format!("PostgreSQL ended:\n{}", said.join("\n")))));
}

/// The server that the tests of this process use.
pub struct TestPostgres {
    admin_url: String,
    _own: Option<PostgresServer>,
}

impl TestPostgres {
    /// The one server that all tests of this process share.
    ///
    /// # Panics
    /// If there is no server and none can be started.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestPostgres> = OnceLock::new();
        SHARED.get_or_init(|| match environment(URL_VARIABLE) {
            Some(admin_url) => Self { admin_url, _own: None },
            None => match PostgresServer::start() {
                Ok(own) => Self { admin_url: own.url("postgres"), _own: Some(own) },
                Err(error) => panic!("{error}"),
            },
        })
    }

    /// A fresh, empty database. It is dropped with the value.
    pub fn database(&self) -> TestDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tessera_test_{}_{number}", std::process::id());
        run(&self.admin_url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        run(&self.admin_url, &format!("CREATE DATABASE {name} TEMPLATE template0"));
        TestDatabase { admin_url: self.admin_url.clone(), name }
    }
}

/// A database of one test.
pub struct TestDatabase {
    admin_url: String,
    name: String,
}

impl TestDatabase {
    /// URL of the database, as superuser.
    ///
    /// # Panics
    /// If the server's own URL has no database part.
    pub fn url(&self) -> String {
        let (server, database) = self.admin_url.rsplit_once('/').expect("a URL with a database");
        let settings = database.split_once('?').map_or(String::new(), |(_, settings)| format!("?{settings}"));
        format!("{server}/{}{settings}", self.name)
    }

    /// Runs statements past the store.
    pub fn execute(&self, sql: &str) {
        run(&self.url(), sql);
    }

    /// The same with statements that may fail.
    ///
    /// # Errors
    /// What the server said.
    pub fn try_execute(&self, sql: &str) -> Result<(), String> {
        try_run(&self.url(), sql)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        run(&self.admin_url, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Runs statements on a connection of their own, on a thread of its own, so that async and blocking tests can call it.
fn run(url: &str, sql: &str) {
    if let Err(error) = try_run(url, sql) {
        panic!("test database: {error}");
    }
}

fn try_run(url: &str, sql: &str) -> Result<(), String> {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let work = async move || {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(&sql).await?;
        drop(client);
        drop(connection.await);
        Ok::<_, tokio_postgres::Error>(())
    };
    let done = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(work())
    });
    let outcome = done.join().expect("no panic in the database thread");
    outcome.map_err(|error| error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_starts_and_stops_and_leaves_nothing() {
        let server = PostgresServer::start().unwrap();
        let before = directories();
        assert!(!before.is_empty());
        run(&server.url("postgres"), "SELECT 1");
        drop(server);
        assert!(directories().len() < before.len());
    }

    fn directories() -> Vec<PathBuf> {
        let prefix = format!("tessera-postgres-{}-", std::process::id());
        let entries = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        entries
            .map(|e| e.path())
            .filter(|p| p.file_name().unwrap().to_string_lossy().starts_with(&prefix))
            .collect()
    }
}

//! A PostgreSQL server for one test run: its own folder, its own port on loopback, gone afterwards.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::debian;
use crate::failure::{Failure, Result};
use crate::{process, random, surroundings};

/// The variable that tells the tests where it is.
pub(crate) const URL_VARIABLE: &str = "TESSERA_TEST_POSTGRES_URL";

const PREFIX: &str = "tessera-xtask-postgres-";
/// PostgreSQL refuses to run as root; Debian's package makes this user.
const USER: &str = "postgres";
/// A server that takes longer has failed to start.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Stopped and removed when dropped.
pub(crate) struct Postgres {
    server: Child,
    folder: PathBuf,
    url: String,
}

impl Postgres {
    /// Starts a server that trades durability for speed: what it holds is worth nothing.
    pub(crate) fn start() -> Result<Self> {
        debian::ensure("postgresql", || programs().is_some())?;
        let programs = programs().ok_or_else(|| Failure::new("no PostgreSQL server programs"))?;
        remove_left_behind();
        let folder = std::env::temp_dir().join(format!("{PREFIX}{}", std::process::id()));
        let password = format!("{:032x}", u128::from_le_bytes(random::fresh()?));
        create(&programs, &folder, &password)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let server = spawn(&programs, &folder, port)?;
        let url = format!("postgres://tessera:{password}@127.0.0.1:{port}/postgres");
        let mut postgres = Self { server, folder, url };
        postgres.await_ready(&programs)?;
        Ok(postgres)
    }

    /// Of a database in which the user may create others.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn await_ready(&mut self, programs: &Path) -> Result<()> {
        let started = surroundings::now();
        while !process::succeeds(Command::new(programs.join("pg_isready")).args(["-q", "-d", &self.url])) {
            if self.server.try_wait()?.is_some() || started.elapsed() > READY_WITHIN {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(Failure::new(format!("PostgreSQL did not start:\n{log}")));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Postgres {
    /// SIGQUIT stops the server at once and may lose data, which is thrown away here.
    fn drop(&mut self) {
        process::signal(&self.server, "QUIT");
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The newest version installed; Debian keeps them out of `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|entry| {
            Some((entry.as_ref().ok()?.file_name().to_str()?.parse::<u32>().ok()?, entry.ok()?.path()))
        })
        .map(|(version, path)| (version, path.join("bin")))
        .filter(|(_, path)| path.join("initdb").exists() && path.join("postgres").exists())
        .max()
        .map(|(_, path)| path)
}

fn create(programs: &Path, folder: &Path, password: &str) -> Result<()> {
    fs::create_dir(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    let secret = folder.join("password");
    fs::File::create(&secret)?.write_all(password.as_bytes())?;
    if debian::is_root() {
        process::output(Command::new("chown").arg("-R").arg(USER).arg(folder))?;
    }
    let mut initdb = unprivileged(&programs.join("initdb"));
    initdb.args(["--no-sync", "--username=tessera", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]);
    initdb.arg(format!("--pwfile={}", secret.display())).arg("-D").arg(folder.join("data"));
    process::output(initdb.current_dir(folder)).map(drop)
}

fn spawn(programs: &Path, folder: &Path, port: u16) -> Result<Child> {
    let mut server = unprivileged(&programs.join("postgres"));
    server
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"])
        .arg(folder);
    for setting in ["fsync=off", "full_page_writes=off", "max_connections=200", "log_min_messages=fatal"] {
        server.args(["-c", setting]);
    }
    let log = fs::File::create(folder.join("log"))?;
    server.current_dir(folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(server.spawn()?)
}

/// `setpriv` replaces itself by the program, so the id of the child is that of the server.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if debian::is_root() {
        command.args([format!("--reuid={USER}"), format!("--regid={USER}")]).arg("--clear-groups");
    }
    command.args(["--pdeathsig", "QUIT"]).arg(program);
    command
}

/// Folders of runs that were killed; their server died with them.
fn remove_left_behind() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
        if owner.is_some_and(|process| !Path::new("/proc").join(process.to_string()).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

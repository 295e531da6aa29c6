//! The database file on disk: which file it is, whether its path still leads to it, and the lock of the server.
//!
//! SQLite goes on writing to a file that was removed, replaced or renamed. Such commits are lost with the process, so nothing is
//! acknowledged before [`DatabaseFile::check`] has looked.
//!
//! The file is opened here before SQLite opens it, and closed after SQLite has closed it. Closing it earlier would take away
//! SQLite's own locks, because a process loses its POSIX locks on a file with the first descriptor of it that it closes. The lock
//! of the server is an flock(2), which belongs to the descriptor and which SQLite does not use.

use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
#[cfg(target_os = "linux")]
use rustix::fs::{AtFlags, CWD, StatxFlags};

use super::header::{HEADER_LEN, Header, Mark};
use crate::StoreError;
use crate::private_file::private_file;

/// What SQLite adds to the path for the write-ahead log and for its index.
pub(super) const LOG_SUFFIXES: [&str; 2] = ["-wal", "-shm"];

/// The open file.
pub(crate) struct DatabaseFile {
    /// The path that the operator named.
    given: PathBuf,
    /// The same without symbolic links.
    path: PathBuf,
    file: File,
    identity: Identity,
    logs: OnceLock<[(PathBuf, Identity); 2]>,
    /// What the header says of the installation, and whether the header on disk has said so already.
    application_id: OnceLock<i32>,
    has_said_so: AtomicBool,
    /// The mark of the last checkpoint. Only a server knows it, because only a server makes it.
    mark: Mutex<Option<Mark>>,
    /// The length that the file had.
    len: AtomicU64,
    /// Why the file is not the one that was opened. It stays so until a restart.
    lost: OnceLock<String>,
    /// Where flock(2) would keep SQLite out: a file beside the database that has the lock of the server.
    lock_file: OnceLock<File>,
}

/// Names a file whatever its path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// The file that a path leads to. Recent Linux gives a file another time at the next write only if somebody has asked for its
    /// times, and the next sync then writes one more block. So this asks for none.
    fn at(path: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Ok(found) = rustix::fs::statx(CWD, path, AtFlags::empty(), StatxFlags::INO) {
            let device = rustix::fs::makedev(found.stx_dev_major, found.stx_dev_minor);
            return Ok(Self { device, inode: found.stx_ino });
        }
        path.metadata().map(|metadata| Self::of(&metadata))
    }
}

impl DatabaseFile {
    /// Opens the file. A file with a second name is refused: SQLite finds the write-ahead log by the name of the file, so two
    /// names are two logs of one file, and destroy it.
    pub(crate) fn open(given: &Path) -> Result<Self, StoreError> {
        let path = given;
        let file = File::options().read(true).write(true).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NotInitialised(path.display().to_string()),
            _ => StoreError::file(path, &error),
        })?;
        let metadata = file.metadata().map_err(|error| StoreError::file(path, &error))?;
        if metadata.nlink() > 1 {
            return Err(StoreError::Location(format!(
                "{}: the file has a second name (a hard link). SQLite keeps a write-ahead log for each name, which destroys the \
                 database. Remove the other name: find -samefile shows it",
                path.display()
            )));
        }
        // SQLite looks for the write-ahead log beside the file that a symbolic link leads to.
        let path = path.canonicalize().map_err(|error| StoreError::file(path, &error))?;
        Ok(Self {
            given: given.to_owned(),
            path,
            identity: Identity::of(&metadata),
            len: AtomicU64::new(metadata.len()),
            file,
            logs: OnceLock::new(),
            application_id: OnceLock::new(),
            has_said_so: AtomicBool::new(false),
            mark: Mutex::new(None),
            lost: OnceLock::new(),
            lock_file: OnceLock::new(),
        })
    }

    /// The path, without symbolic links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The header on disk. `None` if the file has none.
    pub(super) fn header(&self) -> Option<Header> {
        let mut bytes = [0; HEADER_LEN];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        Header::parse(&bytes)
    }

    /// Whether there is a write-ahead log with anything in it.
    pub(super) fn has_log(&self) -> bool {
        log_path(&self.path, LOG_SUFFIXES[0]).metadata().is_ok_and(|log| log.len() > 0)
    }

    /// Remembers which files the write-ahead log and its index are. Call it once SQLite has opened them.
    pub(super) fn remember_logs(&self) -> Result<(), StoreError> {
        let identify = |suffix| {
            let path = log_path(&self.path, suffix);
            let identity = Identity::at(&path).map_err(|error| StoreError::file(&path, &error))?;
            Ok::<_, StoreError>((path, identity))
        };
        let [log, index] = LOG_SUFFIXES.map(identify);
        drop(self.logs.set([log?, index?]));
        Ok(())
    }

    /// Remembers what the header on disk must say of the installation.
    pub(super) fn remember_installation(&self, application_id: i32) {
        self.application_id.get_or_init(|| application_id);
    }

    /// Remembers the mark of the checkpoint that a server has just made.
    pub(super) fn remember_mark(&self, mark: Mark) {
        *self.mark.lock() = Some(mark);
    }

    /// Checks that the path leads to this file, that its log is there, and that nobody has written over it. Takes a few microseconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]. If the file is another one, it stays so until a restart, because another process may have
    /// begun a log of its own meanwhile.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.require_found()?;
        let found = self.look()?;
        let Some(why) = found else { return Ok(()) };
        if self.lost.set(why).is_ok() {
            tracing::error!(
                database = %self.path.display(),
                why = self.lost.get(),
                "ALARM: the database file is not the one that was opened; nothing is acknowledged any more; put the file back and restart"
            );
        }
        self.require_found()
    }

    /// The true reason of an error: a file that was cut off or written over reads as a corrupt one.
    pub(super) fn explain(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Corrupt(_) => self.check().err().unwrap_or(error),
            other => other,
        }
    }

    /// Fails if an earlier check has found another file.
    pub(super) fn require_found(&self) -> Result<(), StoreError> {
        match self.lost.get() {
            None => Ok(()),
            Some(why) => {
                Err(StoreError::Unavailable(format!("{why}; put the database back, then restart the server")))
            }
        }
    }

    /// Why this is not the file that was opened, if it is not.
    fn look(&self) -> Result<Option<String>, StoreError> {
        let logs = self.logs.get().into_iter().flatten().map(|(path, identity)| (&**path, *identity));
        for (path, identity) in [(&*self.given, self.identity)].into_iter().chain(logs) {
            match Identity::at(path) {
                Ok(found) if found == identity => {}
                Ok(_) => return Ok(Some(format!("{} is another file now", path.display()))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Some(format!("{} is gone", path.display())));
                }
                Err(error) => return Err(StoreError::Unavailable(format!("{}: {error}", path.display()))),
            }
        }
        let written_over = || Ok(Some(format!("{} was written over or cut off", self.path.display())));
        let len = self.file.metadata().map_err(|error| StoreError::Unavailable(error.to_string()))?.len();
        let Some(header) = self.header() else {
            return if self.has_said_so.load(Ordering::Relaxed) { written_over() } else { Ok(None) };
        };
        // A checkpoint writes the header before it makes the file longer. It makes the file shorter only after VACUUM.
        if len < header.len && len < self.len.load(Ordering::Relaxed) {
            return written_over();
        }
        self.len.store(len, Ordering::Relaxed);
        if self.application_id.get() == Some(&header.application_id) {
            self.has_said_so.store(true, Ordering::Relaxed);
        } else if self.has_said_so.load(Ordering::Relaxed) {
            return written_over();
        }
        match *self.mark.lock() {
            Some(mark) if !mark.continues(header.mark) => written_over(),
            Some(_) | None => Ok(None),
        }
    }

    /// Takes the lock of the server.
    pub(crate) fn lock(&self) -> Result<(), StoreError> {
        let blame = |error: &io::Error| StoreError::file(&self.path, error);
        match self.lockable().map_err(|error| blame(&error))?.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(StoreError::AlreadyServed(self.path.display().to_string())),
            Err(TryLockError::Error(error)) => Err(blame(&error)),
        }
    }

    /// Whether this process has the lock of the server, and makes the checkpoints.
    pub(super) fn is_claimed(&self) -> bool {
        self.mark.lock().is_some()
    }

    /// Gives the lock of the server back.
    pub(super) fn unlock(&self) {
        *self.mark.lock() = None;
        if let Ok(file) = self.lockable() {
            drop(file.unlock());
        }
    }

    /// The file that has the lock. On Linux it is the database itself, so neither another name of it nor a lost lock file lets a
    /// second server in. Elsewhere flock(2) would keep SQLite out.
    fn lockable(&self) -> io::Result<&File> {
        if cfg!(target_os = "linux") {
            return Ok(&self.file);
        }
        if let Some(file) = self.lock_file.get() {
            return Ok(file);
        }
        let file = private_file().create(true).truncate(false).open(log_path(&self.path, ".server.lock"))?;
        Ok(self.lock_file.get_or_init(|| file))
    }
}

/// The path of what SQLite keeps beside a database.
pub(super) fn log_path(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

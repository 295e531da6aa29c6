//! Files that hold secrets. Only this account may read them, and symbolic links are refused.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The flag of open(2) with which opening a pipe does not hang.
pub(crate) const NONBLOCK: i32 = flags(OFlags::NONBLOCK);
/// Largest secret file, in bytes.
const MAX_LEN: u64 = 64 * 1024;

/// Why a secret file cannot be used. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretFileError {
    /// The file does not exist, or cannot be read or written.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, io::Error),
    /// The file is a symbolic link. Somebody else could change its target.
    #[error("{path}: is a symbolic link; name the file itself", path = .0.display())]
    Symlink(PathBuf),
    /// It is a directory, a pipe or a device.
    #[error("{path}: is not a regular file", path = .0.display())]
    NotAFile(PathBuf),
    /// Its group or other accounts may read or change it.
    #[error("{path}: other accounts may read or change this secret; run: chmod 600 {path}", path = .0.display())]
    Open(PathBuf),
    /// Another account owns it.
    #[error("{path}: belongs to another account; run: chown $(id -u) {path}", path = .0.display())]
    Owner(PathBuf),
    /// It is empty or not text.
    #[error("{path}: holds no password in UTF-8", path = .0.display())]
    NoPassword(PathBuf),
    /// It is longer than any secret.
    #[error("{path}: is longer than {MAX_LEN} bytes; is this the right file?", path = .0.display())]
    TooLong(PathBuf),
}

impl SecretFileError {
    /// Whether the file does not exist.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Io(_, error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Whether a file that was to be created exists.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::Io(_, error) if error.kind() == io::ErrorKind::AlreadyExists)
    }
}

impl From<SecretFileError> for Failure {
    fn from(error: SecretFileError) -> Self {
        match error {
            SecretFileError::Io(path, error) if error.kind() != io::ErrorKind::NotFound => {
                Self::file(&path, &error)
            }
            SecretFileError::Io(..)
            | SecretFileError::Symlink(_)
            | SecretFileError::NotAFile(_)
            | SecretFileError::Open(_)
            | SecretFileError::Owner(_)
            | SecretFileError::NoPassword(_)
            | SecretFileError::TooLong(_) => Self::config(error.to_string()),
        }
    }
}

/// Checks that only this account can read the file, then reads it.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretFileError> {
    let mut options = OpenOptions::new();
    // NONBLOCK: opening a pipe in place of the file must not hang.
    options.read(true).custom_flags(flags(OFlags::NOFOLLOW | OFlags::NONBLOCK));
    let file = options.open(path).map_err(|error| io_error(path, error))?;
    // Checks the open file. The path could lead to another file by now.
    check(path, &file)?;
    let mut content = Zeroizing::new(Vec::with_capacity(4096));
    file.take(MAX_LEN + 1).read_to_end(&mut content).map_err(|error| io_error(path, error))?;
    if content.len() as u64 > MAX_LEN { Err(SecretFileError::TooLong(path.to_owned())) } else { Ok(content) }
}

/// Reads a password: the text of the file without the end of its line.
pub(crate) fn password(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    let content = read(path)?;
    let text = std::str::from_utf8(&content).map(|text| text.trim_end_matches(['\r', '\n']));
    match text {
        Ok(password) if !password.is_empty() => Ok(Zeroizing::new(password.to_owned())),
        Ok(_) | Err(_) => Err(SecretFileError::NoPassword(path.to_owned())),
    }
}

/// Creates a file with mode 0600 and writes the secret durably. Never replaces a file.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), SecretFileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).custom_flags(flags(OFlags::NOFOLLOW));
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(content)?;
        file.sync_all()?;
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
            _ => Ok(()),
        }
    };
    write().map_err(|error| io_error(path, error))
}

fn check(path: &Path, file: &File) -> Result<(), SecretFileError> {
    let metadata = file.metadata().map_err(|error| io_error(path, error))?;
    let me = rustix::process::geteuid();
    if !metadata.is_file() {
        return Err(SecretFileError::NotAFile(path.to_owned()));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(SecretFileError::Open(path.to_owned()));
    }
    if metadata.uid() != me.as_raw() && metadata.uid() != 0 && !me.is_root() {
        return Err(SecretFileError::Owner(path.to_owned()));
    }
    Ok(())
}

fn io_error(path: &Path, error: io::Error) -> SecretFileError {
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        SecretFileError::Symlink(path.to_owned())
    } else {
        SecretFileError::Io(path.to_owned(), error)
    }
}

const fn flags(flags: OFlags) -> i32 {
    // The bits fit: they are the operating system's own `int` flags.
    flags.bits().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn with_mode(dir: &Path, mode: u32) -> PathBuf {
        let path = dir.join(format!("secret-{mode:o}"));
        create(&path, b"secret").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn s06_only_private_regular_files_are_read() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(&**read(&with_mode(dir.path(), 0o600)).unwrap(), b"secret");
        for mode in [0o640, 0o604, 0o644, 0o660, 0o620] {
            let path = with_mode(dir.path(), mode);
            let error = read(&path).unwrap_err();
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
        assert!(matches!(read(dir.path()), Err(SecretFileError::Open(_) | SecretFileError::NotAFile(_))));
    }

    #[test]
    fn a15_a_symbolic_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let target = with_mode(dir.path(), 0o600);
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert!(matches!(read(&link), Err(SecretFileError::Symlink(_))));
        let dangling = dir.path().join("dangling");
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), &dangling).unwrap();
        assert!(create(&dangling, b"x").is_err());
        assert!(!dir.path().join("elsewhere").exists());
    }

    #[test]
    fn a15_nothing_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = with_mode(dir.path(), 0o600);
        assert!(create(&path, b"other").is_err());
        assert_eq!(&**read(&path).unwrap(), b"secret");
    }
}

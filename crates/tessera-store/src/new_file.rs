//! A private file that appears under its name once it is complete.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::private_file::private_file;

/// A file under a temporary name, in the directory where it will be. Dropping it removes it, unless it was completed.
#[derive(Debug)]
pub struct NewFile {
    temporary: PathBuf,
    target: PathBuf,
    completed: bool,
}

impl NewFile {
    /// Creates the temporary file (0600). It is empty.
    ///
    /// # Errors
    /// One of the two files exists, or the directory cannot be written to.
    pub fn create(target: &Path, temporary: PathBuf) -> io::Result<Self> {
        refuse_existing(target)?;
        private_file().create_new(true).open(&temporary)?;
        Ok(Self { temporary, target: target.to_owned(), completed: false })
    }

    /// The temporary file.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Brings the file to the disk and gives it its name. Never replaces a file.
    ///
    /// # Errors
    /// A file of this name exists by now, or the disk failed. The temporary file is removed then.
    pub fn complete(mut self) -> io::Result<()> {
        File::open(&self.temporary)?.sync_all()?;
        match std::fs::hard_link(&self.temporary, &self.target) {
            Ok(()) => std::fs::remove_file(&self.temporary)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Some file systems, such as those of memory cards, have no hard links.
            Err(_) => {
                refuse_existing(&self.target)?;
                std::fs::rename(&self.temporary, &self.target)?;
            }
        }
        self.completed = true;
        File::open(directory_of(&self.target))?.sync_all()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.completed {
            // If this fails, the file stays under its temporary name.
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

/// The directory that holds a file.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Refuses a path that exists, also as a link that leads nowhere.
fn refuse_existing(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "already there")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all_and_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (target, temporary) = (dir.path().join("file"), dir.path().join("file.new"));
        let names = || {
            let entries = std::fs::read_dir(dir.path()).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        drop(NewFile::create(&target, temporary.clone()).unwrap());
        assert!(names().is_empty(), "{:?}", names());
        let file = NewFile::create(&target, temporary.clone()).unwrap();
        std::fs::write(file.path(), "whole").unwrap();
        assert_eq!(
            NewFile::create(&target, temporary.clone()).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        file.complete().unwrap();
        assert_eq!((names(), std::fs::read(&target).unwrap()), (vec!["file".into()], b"whole".to_vec()));
        assert_eq!(target.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(NewFile::create(&target, temporary).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_file_that_appeared_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("file");
        let file = NewFile::create(&target, dir.path().join("file.new")).unwrap();
        std::fs::write(&target, "another").unwrap();
        assert_eq!(file.complete().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&target).unwrap(), b"another");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

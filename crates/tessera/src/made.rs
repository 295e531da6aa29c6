//! What a run has made, so that a run that fails leaves nothing behind.

use std::path::{Path, PathBuf};

/// The paths that a run has made or was about to make. Dropping this removes them, unless it was told to keep them.
#[derive(Default)]
pub(crate) struct Made {
    /// Paths that were not there before, in the order in which they were made.
    paths: Vec<PathBuf>,
}

impl Made {
    /// Call it before the file is made.
    pub(crate) fn file(&mut self, path: &Path) {
        if path.symlink_metadata().is_err() {
            self.paths.push(path.to_owned());
        }
    }

    /// Call it before the directory is made, and those above it.
    pub(crate) fn directory(&mut self, path: &Path) {
        let missing: Vec<_> = path
            .ancestors()
            .filter(|path| !path.as_os_str().is_empty() && path.symlink_metadata().is_err())
            .collect();
        missing.into_iter().rev().for_each(|path| self.file(path));
    }

    /// Call it before a SQLite database is made. It has a write-ahead log beside it.
    pub(crate) fn database(&mut self, path: &Path) {
        for file in database_files(path) {
            self.file(&file);
        }
    }

    /// Another process made it first, so it is not ours to remove.
    pub(crate) fn forget(&mut self, path: &Path) {
        self.paths.retain(|made| made != path);
    }

    /// As [`Self::forget`], for a SQLite database.
    pub(crate) fn forget_database(&mut self, path: &Path) {
        for file in database_files(path) {
            self.forget(&file);
        }
    }

    /// The run has succeeded.
    pub(crate) fn keep(mut self) {
        self.paths.clear();
    }
}

fn database_files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        file.into()
    })
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in self.paths.iter().rev() {
            // A path may not have been made after all. A directory stays if somebody else has put something into it.
            let _ = if path.is_dir() { std::fs::remove_dir(path) } else { std::fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f12_only_what_was_made_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let (old, new) = (home.path().join("old"), home.path().join("a/b/new"));
        std::fs::write(&old, "").unwrap();
        let mut made = Made::default();
        made.directory(new.parent().unwrap());
        std::fs::create_dir_all(new.parent().unwrap()).unwrap();
        made.file(&old);
        made.file(&new);
        std::fs::write(&new, "").unwrap();
        drop(made);
        assert!(old.exists() && !home.path().join("a").exists());

        let mut made = Made::default();
        let taken = home.path().join("taken.db");
        made.database(&taken);
        std::fs::write(&taken, "").unwrap();
        made.forget_database(&taken);
        drop(made);
        assert!(taken.exists(), "another process was faster");

        let mut made = Made::default();
        made.file(&new);
        made.directory(&home.path().join("c"));
        std::fs::create_dir(home.path().join("c")).unwrap();
        std::fs::write(home.path().join("c/other"), "").unwrap();
        drop(made);
        assert!(home.path().join("c/other").exists(), "somebody else's");
    }
}

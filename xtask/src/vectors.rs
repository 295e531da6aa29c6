//! Published test vectors: a folder beside the repository that not everybody has.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Result, read_text};
use crate::surroundings;

/// Where the tests are that read them; each asks `folder("what it shows")` first, and shows nothing without it.
const TESTS: &str = "crates/tessera-jose/tests";

/// What to say about a run without the vectors; nothing if they are there.
pub(crate) fn absence(root: &Path) -> Result<Option<String>> {
    let named = surroundings::variable("TESSERA_VECTORS").map(PathBuf::from);
    absent_from(root, &named.unwrap_or_else(|| root.join("../shared/vectors")))
}

fn absent_from(root: &Path, folder: &Path) -> Result<Option<String>> {
    if folder.is_dir() {
        return Ok(None);
    }
    let tests = dependents(&root.join(TESTS))?;
    let folder = folder.display();
    Ok(Some(format!(
        "vectors: absent, {tests} tests ran without them and showed nothing: no {folder} (TESSERA_VECTORS names another)"
    )))
}

/// How many tests ask for them.
fn dependents(tests: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(tests)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            count += read_text(&path)?.matches("= folder(\"").count();
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_that_need_them_are_found() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(dependents(&root.join(TESTS)).unwrap() > 5);
        assert_eq!(dependents(&root.join("docs/adr")).unwrap(), 0);
    }

    #[test]
    fn their_absence_is_said_and_their_presence_is_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(absent_from(root, root).unwrap(), None);
        let line = absent_from(root, &root.join("no such folder")).unwrap().unwrap();
        assert!(line.starts_with("vectors: absent, ") && line.contains("no such folder"), "{line}");
    }
}

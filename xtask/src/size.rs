//! `cargo xtask size`: fails on a file over its limit. Such a file holds a second subject.

use std::path::Path;

use crate::failure::{Failure, Result, read_text};
use crate::rust_source;

/// Production lines a source file may have.
const SOURCE_LIMIT: usize = 400;
/// Lines a file of `tests/`, `examples/` or `benches/`, or a `tests.rs`, may have.
const TEST_LIMIT: usize = 600;
/// How many of the largest are printed.
const SHOWN: usize = 10;

struct Measured {
    path: String,
    lines: usize,
    limit: usize,
}

pub(crate) fn run(root: &Path) -> Result<()> {
    let mut measured = measure(root)?;
    measured.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.path.cmp(&b.path)));
    println!("{} files; the largest (production lines):", measured.len());
    for file in measured.iter().take(SHOWN) {
        println!("  {:>5}  {}", file.lines, file.path);
    }
    let over: Vec<String> = measured
        .iter()
        .filter(|file| file.lines > file.limit)
        .map(|file| format!("{} has {} lines, at most {}", file.path, file.lines, file.limit))
        .collect();
    Failure::unless_empty("too large; which second thing lives there?", &over)
}

fn measure(root: &Path) -> Result<Vec<Measured>> {
    let mut measured = Vec::new();
    for path in rust_source::files(root)? {
        let source = read_text(&path)?;
        let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        let (lines, limit) = count(&path, &source);
        measured.push(Measured { path, lines, limit });
    }
    Ok(measured)
}

fn count(path: &str, source: &str) -> (usize, usize) {
    let is_test = path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "examples" | "benches"));
    if is_test {
        (source.lines().count(), TEST_LIMIT)
    } else {
        (rust_source::production_lines(source), SOURCE_LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_count_up_to_their_tests() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(count("crates/x/src/a.rs", source), (1, SOURCE_LIMIT));
    }

    #[test]
    fn tests_and_examples_count_whole() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(count("crates/x/tests/a.rs", source), (3, TEST_LIMIT));
        assert_eq!(count("crates/x/examples/bench.rs", source), (3, TEST_LIMIT));
        assert_eq!(count("crates/x/src/a/tests.rs", source), (3, TEST_LIMIT));
    }
}

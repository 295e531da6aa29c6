//! Three things that documents say about the repository are true: the rows of `docs/threats.md`, the paths in
//! `ARCHITECTURE.md` and `docs/changes.md`, and the tests that `SECURITY.md` names.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::{Result, read_text};
use crate::{rust_source, workspace_root};

/// Documents whose paths must exist.
const MAPS: &[&str] = &["ARCHITECTURE.md", "docs/changes.md"];

/// A path may leave out `crates/tessera-` and `src/`: `app/users/lock.rs`.
const SHORT: &[&str] = &["app", "http", "store", "model", "oauth", "jose", "verifier", "templates"];

/// Letters of attacks and faults.
const THREATS: &str = "JOLCATSVF";

/// What the name of a test says that it shows: `p5_f17_without_..` shows P5 and F17. Lines of the standards (`protocol_12_`,
/// `p51_`) and requirements are in no document.
fn rows(name: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for word in name.split('_') {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let letters = &word[..word.len() - digits.len()];
        let number = digits.parse::<u32>();
        match (letters, number) {
            ("protocol" | "to", _) | ("" | "r", Ok(_)) => {}
            ("p", Ok(number)) if number > 12 => {}
            ("p" | "i", Ok(number)) => rows.push(format!("{}{number}", letters.to_uppercase())),
            (letter, Ok(_)) if letter.len() == 1 && digits.len() == 2 => {
                let row = word.to_uppercase();
                if !row.starts_with(|c| THREATS.contains(c)) {
                    break;
                }
                rows.push(row);
            }
            _ => break,
        }
    }
    rows
}

/// The names of all functions.
fn functions(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in ["crates", "xtask"] {
        for path in rust_source::files(&root.join(folder))? {
            let code = rust_source::code_only(&read_text(&path)?);
            let found = code.split("fn ").skip(1).filter_map(|function| {
                function.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()
            });
            names.extend(found.map(str::to_owned));
        }
    }
    Ok(names)
}

/// Every row that the name of a function says, with one function that says it.
fn shown(root: &Path) -> Result<BTreeMap<String, String>> {
    let mut shown = BTreeMap::new();
    for name in functions(root)? {
        for row in rows(&name) {
            shown.entry(row).or_insert_with(|| name.clone());
        }
    }
    Ok(shown)
}

/// The names of tests between backticks: they begin with a row.
fn tests_named(document: &str) -> Vec<&str> {
    let spans = document.split('`').skip(1).step_by(2);
    spans
        .filter(|span| {
            span.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        })
        .filter(|span| span.split('_').count() > 2 && !rows(span).is_empty())
        .collect()
}

/// The first cells of the rows of a document's tables.
fn listed(document: &str) -> Vec<&str> {
    let cells = document.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.filter(|cell| cell.len() > 1 && cell[1..].bytes().all(|byte| byte.is_ascii_digit())).collect()
}

/// Rows of attacks and faults that the comments of a source file name, with their lines.
fn rows_in_comments(source: &str) -> Vec<(usize, String)> {
    let comments = source.lines().enumerate().filter_map(|(number, line)| {
        let at = line
            .match_indices("//")
            .find(|(at, _)| line[..*at].ends_with([' ', ';', '{', '}']) || *at == 0)?
            .0;
        Some((number + 1, &line[at..]))
    });
    let words = comments.flat_map(|(number, comment)| {
        comment.split(|c: char| !c.is_alphanumeric() && c != '-').map(move |word| (number, word))
    });
    words.filter(|(_, word)| is_threat(word)).map(|(number, word)| (number, word.to_owned())).collect()
}

fn is_threat(word: &str) -> bool {
    word.len() == 3
        && word.starts_with(|c| THREATS.contains(c))
        && word[1..].bytes().all(|byte| byte.is_ascii_digit())
}

/// The paths between backticks that look like files or folders of this repository.
fn paths(document: &str) -> Vec<&str> {
    let spans = document.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    spans.filter(|span| is_path(span)).collect()
}

fn is_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let Some((first, _)) = span.split_once('/') else { return false };
    let ending = Path::new(span).extension().and_then(|ending| ending.to_str());
    let is_file = ending.is_some_and(|ending| {
        ["rs", "md", "toml", "sql", "html", "css", "js", "ftl", "mjs"].contains(&ending)
    });
    span.chars().all(plain)
        && (is_file && !first.is_empty() || ["crates", "docs", "xtask", "e2e"].contains(&first))
}

fn exists(root: &Path, path: &str) -> bool {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let full = format!("crates/tessera-{first}/src/{rest}");
    root.join(path).exists() || SHORT.contains(&first) && root.join(full).exists() || is_decision(root, path)
}

/// Whether this is the number of a decision: `docs/adr/0004`.
fn is_decision(root: &Path, path: &str) -> bool {
    let Some(number) = path.strip_prefix("docs/adr/").filter(|number| number.len() == 4) else {
        return false;
    };
    let decisions = std::fs::read_dir(root.join("docs/adr")).into_iter().flatten().flatten();
    decisions.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_its_rows_first() {
        let table: [(&str, &[&str]); 9] = [
            ("o22_once_the_successor_was_used", &["O22"]),
            ("p5_f17_without_its_database", &["P5", "F17"]),
            ("i05_one_of_64_racers", &["I5"]),
            ("o69_protocol_83_a_request", &["O69"]),
            ("protocol_11_o15_codes_are_long", &["O15"]),
            ("protocol_1_to_7_the_document", &[]),
            ("o20_p53_p54_the_browser", &["O20"]),
            ("to_s256", &[]),
            ("r47_a_person_logs_in", &[]),
        ];
        for (name, expected) in table {
            assert_eq!(rows(name), expected, "{name}");
        }
    }

    #[test]
    fn every_row_that_a_test_shows_is_documented_and_no_other() {
        let root = workspace_root().unwrap();
        let threats = read_text(&root.join("docs/threats.md")).unwrap();
        let glossary = read_text(&root.join("docs/glossary.md")).unwrap();
        let (threats, glossary) = (listed(&threats), listed(&glossary));
        let shown = shown(&root).unwrap();
        let missing: Vec<_> = shown
            .iter()
            .filter(|(row, _)| !threats.contains(&row.as_str()) && !glossary.contains(&row.as_str()))
            .collect();
        assert!(
            missing.is_empty(),
            "not in docs/threats.md or docs/glossary.md, but shown by a test: {missing:?}"
        );
        let unshown: Vec<_> = threats.iter().filter(|row| !shown.contains_key(**row)).collect();
        assert!(unshown.is_empty(), "in docs/threats.md, but in the name of no test: {unshown:?}");
        let twice: Vec<_> = threats.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "in docs/threats.md twice: {twice:?}");
    }

    #[test]
    fn every_test_that_shows_a_promise_exists() {
        let root = workspace_root().unwrap();
        let functions = functions(&root).unwrap();
        let security = read_text(&root.join("SECURITY.md")).unwrap();
        let named = tests_named(&security);
        assert!(named.len() >= 20, "SECURITY.md names only {named:?}");
        let gone: Vec<_> =
            named.into_iter().filter(|name| !functions.iter().any(|known| known == name)).collect();
        assert!(gone.is_empty(), "SECURITY.md names tests that do not exist: {gone:?}");
    }

    #[test]
    fn comments_are_searched_and_code_is_not() {
        let source = "//! A (attack O65).\nlet a = \"F14\"; // fault F44\nuse S256; // A256 RFC-C01 P12 I10 O655\n/// V02, T17.";
        let found: Vec<_> =
            rows_in_comments(source).into_iter().map(|(line, row)| format!("{line} {row}")).collect();
        assert_eq!(found, ["1 O65", "2 F44", "4 V02", "4 T17"]);
    }

    #[test]
    fn no_comment_names_an_attack_or_a_fault() {
        let root = workspace_root().unwrap();
        let mut found = Vec::new();
        for path in rust_source::files(&root.join("crates")).unwrap() {
            let short = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            if short.split('/').nth(2) == Some("src") {
                let rows = rows_in_comments(&read_text(&path).unwrap());
                found.extend(rows.into_iter().map(|(line, row)| format!("{short}:{line}: {row}")));
            }
        }
        assert!(
            found.is_empty(),
            "numbers of attacks and faults belong into names of tests:\n{}",
            found.join("\n")
        );
    }

    #[test]
    fn paths_are_told_from_other_code() {
        let text = "`crates/tessera-app/src` `app/users/lock.rs` `docs/adr/` `/revocation/rules` `users/lock` `a/<b>.rs` `crates/*/src` `x.rs`";
        assert_eq!(paths(text), ["crates/tessera-app/src", "app/users/lock.rs", "docs/adr/"]);
    }

    #[test]
    fn every_path_in_a_map_exists() {
        let root = workspace_root().unwrap();
        for map in MAPS {
            let document = read_text(&root.join(map)).unwrap();
            let paths = paths(&document);
            assert!(paths.len() >= 10, "{map} names only {paths:?}");
            let gone: Vec<_> = paths.into_iter().filter(|path| !exists(&root, path)).collect();
            assert!(
                gone.is_empty(),
                "{map} names what does not exist (`app/x.rs` is short for crates/tessera-app/src/x.rs): {gone:?}"
            );
        }
    }
}

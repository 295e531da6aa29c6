//! Rust source text without a parser: which files there are, which identifiers the code names, and where its tests
//! begin. Comments and string literals are no code.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Result;

/// Every `.rs` file below `folder`, sorted; build output and installed packages left out.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | ".git") {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Lines before the closing test module.
pub(crate) fn production_lines(source: &str) -> usize {
    let lines: Vec<&str> = source.lines().collect();
    lines
        .windows(2)
        .position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod tests"))
        .unwrap_or(lines.len())
}

/// The line numbers (from 1) on which `identifier` is named, each with what stands right before it.
pub(crate) fn mentions<'a>(code: &'a str, identifier: &str) -> Vec<(usize, &'a str)> {
    code.match_indices(identifier)
        .filter(|(start, found)| {
            let before = code[..*start].chars().next_back();
            let after = code[start + found.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
        .map(|(start, _)| {
            let line_start = code[..start].rfind('\n').map_or(0, |newline| newline + 1);
            (code[..start].matches('\n').count() + 1, &code[line_start..start])
        })
        .collect()
}

pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// `source` with comments and literals blanked out; line breaks stay where they were.
pub(crate) fn code_only(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let previous = code.chars().next_back();
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest, '"'),
            'r' if !previous.is_some_and(is_word) => raw_string(rest),
            'b' if !previous.is_some_and(is_word) && rest.starts_with("br") => {
                Some(raw_string(&rest[1..])).filter(|length| *length > 0).map_or(0, |length| length + 1)
            }
            '\'' => character(rest),
            _ => 0,
        };
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            code.extend(rest[..length].chars().filter(|character| *character == '\n'));
            rest = &rest[length..];
        }
    }
    code
}

/// What is compiled only for tests.
const TEST_ONLY: &[&str] = &["#[cfg(test)]", "#[cfg(doctest)]"];

/// `code` with every item blanked out that is compiled only for tests, and the names of the files among them
/// (`#[cfg(test)] mod tests;`). Line breaks stay where they were. `code` is free of comments and literals.
pub(crate) fn without_tests(code: &str) -> (String, Vec<String>) {
    let mut kept = String::with_capacity(code.len());
    let mut modules = Vec::new();
    let mut rest = code;
    while let Some((at, attribute)) = first_of(rest, TEST_ONLY) {
        kept.push_str(&rest[..at]);
        let end = at + item_length(&rest[at..]);
        let words: Vec<&str> = rest[at + attribute.len()..end].split_whitespace().collect();
        if let Some(name) =
            words.windows(2).find(|pair| pair[0] == "mod").and_then(|pair| pair[1].strip_suffix(';'))
        {
            modules.push(name.to_owned());
        }
        kept.extend(rest[at..end].chars().filter(|character| *character == '\n'));
        rest = &rest[end..];
    }
    kept.push_str(rest);
    (kept, modules)
}

fn first_of<'a>(text: &str, wanted: &[&'a str]) -> Option<(usize, &'a str)> {
    wanted.iter().filter_map(|wanted| text.find(wanted).map(|at| (at, *wanted))).min()
}

/// Up to the semicolon or the closing brace that ends an item. Braces inside brackets or parentheses end nothing.
fn item_length(text: &str) -> usize {
    let mut open: Vec<char> = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' | '{' => open.push(character),
            ')' | ']' => {
                open.pop();
            }
            '}' => {
                open.pop();
                // The braces of `use a::{b};` are not its end.
                if open.is_empty() && !text[at + 1..].trim_start().starts_with(';') {
                    return at + 1;
                }
            }
            ';' if open.is_empty() => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == mark {
            return at + mark.len_utf8();
        }
    }
    text.len()
}

/// 0 unless `text` opens a raw string.
fn raw_string(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|character| *character == '#').count();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let body = 2 + hashes;
    text[body..].find(&end).map_or(text.len(), |at| body + at + end.len())
}

/// 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => quoted(text, '\''),
        (Some(one), Some('\'')) => 2 + one.len_utf8(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let source = "use a; // rusqlite\n/* x /* rusqlite */ */ let b = \"rusqlite \\\" rusqlite\";\nr#\"rusqlite\"#; br\"rusqlite\"; '\"'; rusqlite";
        let code = code_only(source);
        assert_eq!(mentions(&code, "rusqlite").len(), 1);
        assert_eq!(mentions(&code, "rusqlite")[0].0, 3);
    }

    #[test]
    fn lifetimes_are_not_characters() {
        let code = code_only("fn f<'a>(x: &'a str) -> &'a str { rusqlite::go('\\'', '\u{e9}', x) }");
        assert_eq!(mentions(&code, "rusqlite").len(), 1);
        assert!(code.contains("&'a str"));
    }

    #[test]
    fn identifiers_that_begin_with_r_are_code() {
        assert_eq!(code_only("r + for_r(br)"), "r + for_r(br)");
    }

    #[test]
    fn only_whole_identifiers_count() {
        assert!(mentions("my_rusqlite rusqlite_x", "rusqlite").is_empty());
        assert_eq!(mentions("crypto::aws_lc_rs::x", "aws_lc_rs"), [(1, "crypto::")]);
    }

    #[test]
    fn items_for_tests_are_left_out_and_their_files_named() {
        let code = "a;\n#[cfg(test)]\nmod tests {\n fn f(x: [u8; 2]) { {} }\n}\nb;\n#[cfg(test)]\nmod more;\n#[cfg(test)]\n#[x(y)]\npub(crate) use c::{d, e};\nf;";
        let (kept, modules) = without_tests(code);
        let lines: Vec<(usize, &str)> =
            kept.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
        assert_eq!(lines, [(0, "a;"), (5, "b;"), (11, "f;")]);
        assert_eq!(modules, ["more"]);
    }

    #[test]
    fn an_array_type_does_not_end_an_item() {
        assert_eq!(without_tests("#[cfg(test)] const A: [u8; 1] = [0; 1]; b").0, " b");
    }

    #[test]
    fn tests_at_the_end_are_not_counted() {
        assert_eq!(production_lines("a\nb\n\n#[cfg(test)]\nmod tests {\n}\n"), 3);
        assert_eq!(production_lines("a\n#[cfg(test)]\nuse b;\nc"), 4);
    }
}

//! This program understands every command line that the documents show.

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser as _};

use super::Cli;

/// Commands that documents announce and that do not exist yet.
const NOT_YET: [&str; 1] = ["check"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files below a folder of the repository that have this ending, with their text.
fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

fn documents() -> Vec<(PathBuf, String)> {
    let at_the_root = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "CHANGELOG.md"];
    let of_the_root = at_the_root.map(|name| {
        let path = root().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    });
    let mut documents = files("docs", "md");
    documents.extend(of_the_root);
    documents
}

/// The commands after a prompt in the `console` blocks of a document. Lines that a backslash continues are joined.
fn typed(text: &str) -> Vec<String> {
    let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let joined: Vec<String> = blocks.map(|block| block.replace("\\\n", " ")).collect();
    let lines = joined.iter().flat_map(|block| block.lines());
    lines.filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// The words of a line as a shell splits them, up to a pipe or a second command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '|' | ';' | '&' | '#') => break,
            (None, c) if c.is_whitespace() => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The command line of this program, if the line is one.
fn ours(line: &str) -> Option<Vec<String>> {
    let rest = ["tessera ", "cargo run -- ", "cargo run --release -- "];
    let rest = rest.into_iter().find_map(|name| line.strip_prefix(name))?;
    Some(words(&format!("tessera {rest}")))
}

#[test]
fn every_example_is_understood() {
    let mut examples = 0;
    for (path, text) in documents() {
        for line in typed(&text) {
            let Some(words) = ours(&line) else { continue };
            examples += 1;
            let read = Cli::try_parse_from(&words);
            assert!(read.is_ok(), "{}: {line}\n{}", path.display(), read.unwrap_err());
        }
    }
    assert!(examples >= 10, "only {examples} were found");
}

/// Checks a mention such as `user add USERNAME [--name]`: its commands and options must exist.
fn check_mention(mention: &str) -> Result<(), String> {
    let mut command = Cli::command();
    command.build();
    let mut command = &command;
    for word in mention.split([' ', '[', ']']).filter(|word| !word.is_empty()) {
        if let Some(option) = word.strip_prefix("--") {
            let known = command.get_arguments().any(|argument| argument.get_long() == Some(option));
            if !known && option != "help" {
                return Err(format!("{} has no --{option}", command.get_name()));
            }
        } else if let Some(next) = command.find_subcommand(word) {
            command = next;
        } else if command.has_subcommands() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            return Err(format!("{} has no command {word}", command.get_name()));
        }
    }
    Ok(())
}

#[test]
fn a_mention_of_nothing_is_found_out() {
    for wrong in ["nonsense", "user nonsense", "user add --nonsense", "user list [--yes]"] {
        assert!(check_mention(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_mention_is_of_something_that_exists() {
    let sources = files("crates/tessera/src", "rs");
    for (path, text) in documents().into_iter().chain(sources) {
        let mentions = text.split('`').skip(1).step_by(2).filter_map(|code| code.strip_prefix("tessera "));
        for mention in mentions.filter(|mention| !NOT_YET.contains(mention)) {
            assert_eq!(check_mention(mention), Ok(()), "{}: `tessera {mention}`", path.display());
        }
    }
}

/// The commands in the first column of the table in `docs/cli.md`.
fn table() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let table = text.split("| command | what it does |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let cells: Vec<String> =
        rows.map(|row| row.replace("\\|", "/").split('|').nth(1).unwrap().to_owned()).collect();
    let codes = cells.iter().flat_map(|cell| cell.split('`').skip(1).step_by(2));
    codes.map(str::to_owned).collect()
}

#[test]
fn the_table_of_commands_is_complete_and_true() {
    let table = table();
    for row in &table {
        assert_eq!(check_mention(row), Ok(()), "{row}");
    }
    for noun in Cli::command().get_subcommands() {
        let verbs: Vec<String> =
            noun.get_subcommands().map(|verb| format!("{} {}", noun.get_name(), verb.get_name())).collect();
        let all = if verbs.is_empty() { vec![noun.get_name().to_owned()] } else { verbs };
        for name in all {
            assert!(table.iter().any(|row| format!("{row} ").starts_with(&format!("{name} "))), "{name}");
        }
    }
}

#[test]
fn the_definitions_of_the_command_line_are_sound() {
    Cli::command().debug_assert();
}

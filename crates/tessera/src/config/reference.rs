//! The reference of keys in `docs/configuration.md` is made from the tables of keys.

use std::fmt::Write as _;
use std::path::Path;

use super::document::Document;
use super::environment::Environment;
use super::key::SectionDoc;
use super::mode::Mode;
use super::top_level::{Config, describe};

const BEGIN: &str = "<!-- Made from the tables of keys in crates/tessera/src/config by: \
                     UPDATE_DOCS=1 cargo test -p tessera --bins the_document_is -->\n";
const END: &str = "<!-- End of what is made. -->\n";

/// Writes the document anew if this variable is set.
const UPDATE: &str = "UPDATE_DOCS";

fn reference() -> String {
    let mut text = String::new();
    for section in describe() {
        write_section(&mut text, &section);
    }
    text.push('\n');
    text
}

fn write_section(text: &mut String, section: &SectionDoc) {
    match section.name {
        "" => text.push_str("\n### Before the first section\n"),
        name => write!(text, "\n### `[{name}]`\n\n{}\n", section.doc).unwrap(),
    }
    text.push_str("\n| key | values | default | what it is |\n|---|---|---|---|\n");
    for key in &section.keys {
        writeln!(text, "| `{}` | {} | {} | {} |", key.leaf(), key.values, key.default, key.doc).unwrap();
    }
}

#[test]
fn the_document_is_made_from_the_tables_of_keys() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let made = reference();
    #[expect(clippy::disallowed_methods, reason = "the person who runs this test asks for new documents")]
    let update = std::env::var_os(UPDATE).is_some();
    if update {
        std::fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
        return;
    }
    let differs = made
        .lines()
        .zip(written.lines().chain(std::iter::repeat("")))
        .find(|(made, written)| made != written);
    assert_eq!(
        (differs, written.len()),
        (None, made.len()),
        "docs/configuration.md is out of date. Write it anew and look at the diff: \
         {UPDATE}=1 cargo test -p tessera --bins the_document_is"
    );
}

#[test]
fn the_reference_has_every_key_that_the_parser_knows() {
    let environment = Environment::new();
    let mut document = Document::parse("", Path::new(""), &environment);
    Config::read(&mut document, Mode::Serve, "data".into());
    let mut parsed = document.asked;
    let mut described: Vec<&str> =
        describe().iter().flat_map(|section| section.keys.iter().map(|key| key.name)).collect();
    parsed.sort_unstable();
    described.sort_unstable();
    assert_eq!(described, parsed);
}

#[test]
fn every_key_has_the_name_of_its_section_and_a_sentence() {
    for section in describe() {
        for key in section.keys {
            let prefix = if section.name.is_empty() { String::new() } else { format!("{}.", section.name) };
            assert_eq!(key.name, format!("{prefix}{}", key.leaf()));
            assert!(key.doc.ends_with('.'), "{}: {}", key.name, key.doc);
            assert!(!key.doc.contains('|'), "{}: would end the cell of the table", key.name);
        }
    }
}

//! The configuration file that `init` writes: every key of the table, commented out.

use super::key::{KeyDoc, SectionDoc};
use super::top_level::describe;

/// Longest line of a comment, in characters.
const WIDTH: usize = 100;
/// A space at which no line of a comment ends.
const NO_BREAK: &str = "\u{a0}";

const HEAD: &str = "\
# Configuration of Tessera. A line such as `# key = value` shows the default of the key, or an example if it has none.
# An environment variable overrides its key: TESSERA_LISTEN overrides listen, TESSERA_DATABASE_URL overrides url in [database].
# Paths are relative to this file. Durations: 90s, 10m, 12h, 30d.
# Check the file with `tessera config check`.
";

/// The file for this issuer. Its data directory is the directory of the file.
pub(crate) fn template(issuer: &str) -> String {
    let mut set = vec![("issuer", toml::Value::from(issuer).to_string()), ("data_dir", "\".\"".to_owned())];
    set.extend(super::issuer::listen_of(issuer).map(|address| ("listen", format!("\"{address}\""))));
    let mut lines = Vec::new();
    for section in describe() {
        add_section(&mut lines, &section, &set);
    }
    format!("{HEAD}{}\n", lines.join("\n"))
}

fn add_section(lines: &mut Vec<String>, section: &SectionDoc, set: &[(&str, String)]) {
    if !section.name.is_empty() {
        lines.push(String::new());
        add_comment(lines, section.doc);
        lines.push(format!("[{}]", section.name));
    }
    for key in &section.keys {
        lines.push(String::new());
        let leaf = key.leaf();
        if let Some((_, value)) = set.iter().find(|(name, _)| *name == key.name) {
            add_comment(lines, key.doc);
            lines.push(format!("{leaf} = {value}"));
        } else {
            add_comment(lines, &about(key));
            lines.push(format!("# {leaf} = {}", key.sample));
        }
    }
}

/// The documentation of a key, with its bounds, and with its default if the line below shows an example.
fn about(key: &KeyDoc) -> String {
    let bounds =
        if key.bounded { format!(" From {}.", key.values.replace(' ', NO_BREAK)) } else { String::new() };
    let default = if key.sample_is_default || key.default.is_empty() {
        String::new()
    } else {
        format!(" Default: {}.", key.default)
    };
    format!("{}{bounds}{default}", key.doc)
}

/// Adds lines that begin with `#`, broken between words, without the backticks of Markdown.
fn add_comment(lines: &mut Vec<String>, text: &str) {
    let mut line = "#".to_owned();
    for word in text.replace('`', "").split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, "#".to_owned()));
        }
        line.push(' ');
        line.push_str(&word.replace(NO_BREAK, " "));
    }
    lines.push(line);
}

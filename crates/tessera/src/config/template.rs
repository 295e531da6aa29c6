//! The configuration file that `init` writes: every key of the table, commented out.

use super::key::{KeyDoc, SectionDoc};
use super::top_level::describe;

/// Longest line of a comment, in characters.
const WIDTH: usize = 100;

/// A space at which a comment is not broken.
const NO_BREAK: &str = "\u{a0}";

const HEAD: &str = "\
# Configuration of Tessera. A line such as `# key = value` shows the default of the key, or an example if it has none.
# An environment variable overrides its key: TESSERA_LISTEN overrides listen, TESSERA_DATABASE_URL overrides url in [database].
# Paths are relative to this file. Durations: 90s, 10m, 12h, 30d.
# Check the file with `tessera config check`.
";

/// The file for this issuer. Its data directory is the directory of the file.
pub(crate) fn template(issuer: &str) -> String {
    let set = [("issuer", toml::Value::from(issuer).to_string()), ("data_dir", "\".\"".to_owned())];
    let mut file = HEAD.to_owned();
    for section in describe() {
        write_section(&mut file, &section, &set);
    }
    file
}

fn write_section(file: &mut String, section: &SectionDoc, set: &[(&str, String)]) {
    if !section.name.is_empty() {
        file.push('\n');
        comment(file, section.doc);
        file.push_str(&format!("[{}]\n", section.name));
    }
    for key in &section.keys {
        file.push('\n');
        let leaf = key.leaf();
        if let Some((_, value)) = set.iter().find(|(name, _)| *name == key.name) {
            comment(file, key.doc);
            file.push_str(&format!("{leaf} = {value}\n"));
        } else {
            comment(file, &about(key));
            file.push_str(&format!("# {leaf} = {}\n", key.sample));
        }
    }
}

/// The documentation of a key, with its bounds, and with its default if the line below shows an example.
fn about(key: &KeyDoc) -> String {
    let mut about = key.doc.to_owned();
    if key.bounded {
        about.push_str(&format!(" From {}.", key.values.replace(' ', NO_BREAK)));
    }
    if !key.sample_is_default && !key.default.is_empty() {
        about.push_str(&format!(" Default: {}.", key.default));
    }
    about
}

/// Adds lines that begin with `#`, broken between words. Markdown's backticks are left out.
fn comment(file: &mut String, text: &str) {
    let mut line = "#".to_owned();
    for word in text.replace('`', "").split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            file.push_str(&line);
            file.push('\n');
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(&word.replace(NO_BREAK, " "));
    }
    file.push_str(&line);
    file.push('\n');
}

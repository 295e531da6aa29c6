//! `[pages]`: what the pages say about the organization that runs them.

use tessera_http::pages::Site;
use url::Url;

use super::key::{Fallback, Key, Section, ValueKind};

const LONGEST_ORGANIZATION: usize = 100;
const LONGEST_HELP_TEXT: usize = 500;

pub(super) static KEYS: Section<Site> = Section {
    name: "pages",
    doc: "What the pages say about the organization that runs them: plain text, the same in every language.",
    keys: &[
        Key {
            name: "pages.organization",
            kind: ValueKind::Text {
                values: "one line, at most 100 characters",
                set: |site, text| {
                    site.organization = Some(one_line(text, LONGEST_ORGANIZATION)?);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "Tessera", example: "Example Ltd" },
            doc: "The name at the top of every page and in its title.",
        },
        Key {
            name: "pages.help_text",
            kind: ValueKind::Text {
                values: "one line, at most 500 characters",
                set: |site, text| {
                    site.help_text = Some(one_line(text, LONGEST_HELP_TEXT)?);
                    Ok(())
                },
            },
            default: Fallback::Unset {
                means: "",
                example: "Forgot your password? Call the help desk on 123.",
            },
            doc: "A sentence below the login, error and start pages.",
        },
        Key {
            name: "pages.help_url",
            kind: ValueKind::Text {
                values: "URL with `https:`, `http:` or `mailto:`",
                set: |site, text| {
                    site.help_url = Some(help_url(text)?);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "", example: "https://help.example.com/" },
            doc: "A link next to that sentence. It opens in a new tab.",
        },
    ],
};

/// Text that people read, without the blanks around it.
fn one_line(text: &str, longest: usize) -> Result<String, String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) || text.chars().count() > longest {
        return Err(format!("use one line of at most {longest} characters"));
    }
    Ok(text.trim().to_owned())
}

fn help_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http" | "mailto"));
    let url = url.ok_or("use a URL such as \"https://help.example.com/\" or \"mailto:help@example.com\"")?;
    Ok(url.into())
}

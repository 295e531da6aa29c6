//! `[passwords]`: what is demanded of new passwords.

use tessera_app::passwords::{Breached, PasswordRules, WhenUnreachable};
use url::Url;

use super::document::Document;
use super::key::{Fallback, Key, Section, ValueKind};

/// The keys of the section, before they become [`PasswordRules`].
#[derive(Default)]
pub(super) struct PasswordKeys {
    rules: PasswordRules,
    /// A path as it was written.
    file: Option<String>,
}

const BREACHED: &str = "passwords.breached";

pub(super) static KEYS: Section<PasswordKeys> = Section {
    name: "passwords",
    doc: "What is demanded of new passwords. Logins do not look at it: passwords that were set earlier go on working.",
    keys: &[
        Key {
            name: "passwords.min_length_only_factor",
            kind: ValueKind::Number {
                from: *PasswordRules::MIN_LENGTH.start(),
                to: *PasswordRules::MIN_LENGTH.end(),
                set: |keys, characters| keys.rules.min_length_only_factor = characters,
            },
            default: Fallback::Value("15"),
            doc: "Fewest characters of a password that is all that a login needs. Beside another factor 8 are enough.",
        },
        Key {
            name: "passwords.min_score",
            kind: ValueKind::Number {
                from: *PasswordRules::MIN_SCORE.start(),
                to: *PasswordRules::MIN_SCORE.end(),
                set: |keys, score| keys.rules.min_score = score,
            },
            default: Fallback::Value("3"),
            doc: "Least score in an estimate of how many guesses find it: 1 for 10^3 guesses, 2 for 10^6, 3 for 10^8, 4 for 10^10; 0 accepts anything.",
        },
        Key {
            name: BREACHED,
            kind: ValueKind::Text { values: "`\"off\"`, a path or `https://host[/path]`", set: set_breached },
            default: Fallback::Value("off"),
            doc: "A list of passwords that are known from breaches: a file, or a service that answers `/range/` requests. See [Breached passwords](#breached-passwords).",
        },
        Key {
            name: "passwords.when_unreachable",
            kind: ValueKind::Choice(&[
                ("accept", |keys| keys.rules.when_unreachable = WhenUnreachable::Accept),
                ("refuse", |keys| keys.rules.when_unreachable = WhenUnreachable::Refuse),
            ]),
            default: Fallback::Value("accept"),
            doc: "What happens to a new password while that list cannot be read. `\"accept\"` says so in the log and in a metric.",
        },
    ],
};

pub(super) fn read(document: &mut Document<'_>) -> PasswordRules {
    let PasswordKeys { rules, file } = KEYS.read(document, PasswordKeys::default());
    match file {
        Some(file) => PasswordRules { breached: Breached::File(document.path(BREACHED, &file)), ..rules },
        None => rules,
    }
}

fn set_breached(keys: &mut PasswordKeys, text: &str) -> Result<(), String> {
    if text == "off" {
        keys.rules.breached = Breached::Off;
    } else if text.contains("://") {
        keys.rules.breached = Breached::Service(service(text).ok_or(
            "use \"off\", a path, or a URL such as \"https://api.pwnedpasswords.com\": https, no user, no query",
        )?);
    } else {
        keys.file = Some(text.to_owned());
    }
    Ok(())
}

fn service(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

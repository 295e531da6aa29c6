//! Addresses that mail may go to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest address, in bytes (RFC 5321 section 4.5.3.1.3).
const MAX_LEN: usize = 254;
/// Longest part before the `@`, in bytes (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// What separates addresses, quotes, or has another meaning in a header (RFC 5322 section 3.2.3).
const SPECIALS: &[char] = &['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"'];

/// One e-mail address: a local part without quotes, and a domain with a dot that is no IP address. It cannot become a list of addresses or a second
/// header, wherever it is written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(String);

/// The text is not one e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address: use one address such as \"ada@example.com\"")]
pub struct InvalidMailAddress;

impl MailAddress {
    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MailAddress {
    type Err = InvalidMailAddress;

    fn from_str(text: &str) -> Result<Self, InvalidMailAddress> {
        let (local, domain) = text.split_once('@').ok_or(InvalidMailAddress)?;
        let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && !SPECIALS.contains(&c);
        let is_local = (1..=MAX_LOCAL).contains(&local.len()) && local.chars().all(is_plain);
        let is_label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let is_name = domain.rsplit_once('.').is_some_and(|(_, last)| last.contains(char::is_alphabetic));
        let is_domain = is_name && domain.split('.').all(is_label);
        if text.len() <= MAX_LEN && is_local && is_domain {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidMailAddress)
        }
    }
}

impl TryFrom<String> for MailAddress {
    type Error = InvalidMailAddress;

    fn try_from(text: String) -> Result<Self, InvalidMailAddress> {
        text.parse()
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l25_an_address_is_one_address_on_one_line() {
        for good in ["ada@example.com", "a.b+c_d'e@sub.example.co", "ünï@bücher.example", "名前@例え.テスト"]
        {
            assert_eq!(good.parse::<MailAddress>().map(String::from), Ok(good.to_owned()));
        }
        let long = [format!("{}@example.com", "a".repeat(65)), format!("a@{}.example", "b".repeat(250))];
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "ada@example.com,eve@evil.example",
            "ada@example.com;eve@evil.example",
            "ada@example.com eve@evil.example",
            "ada,eve@example.com",
            "ada@example.com\r\nBcc: eve@evil.example",
            "ada\n@example.com",
            "ada@example.com\0",
            "ada@\u{2028}example.com",
            "Ada <ada@example.com>",
            "<ada@example.com>",
            "\"ada\"@example.com",
            "[\"ada@example.com\"]",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@example..com",
            "ada@-example.com",
            "ada@example.com/../..",
            "ada@exa\u{200b}mple.com",
            "undisclosed:ada@example.com;",
            &long[0],
            &long[1],
        ] {
            assert_eq!(bad.parse::<MailAddress>(), Err(InvalidMailAddress), "{bad:?}");
        }
    }
}

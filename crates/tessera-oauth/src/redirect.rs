//! Redirect URIs (RFC 6749 section 3.1.2, RFC 8252, policy P7).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Longest redirect URI, in bytes.
pub const MAX_REDIRECT_URI_LEN: usize = 2048;

/// A redirect URI that may be registered: HTTPS, loopback HTTP, or a private-use scheme with a dot in it (RFC 8252 section 7.1).
/// It has no fragment, no user information, no wildcard and no white space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

/// Why a text cannot be a redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedirectUri {
    /// Characters outside ASCII.
    #[error(
        "write a host outside ASCII in punycode (xn--…), and percent-encode everything else (%C3%A9 for é)"
    )]
    NotAscii,
    /// Not an absolute URI in its one canonical spelling.
    #[error(
        "not an absolute URI in canonical form (lower-case scheme and host, no default port, no . or .. segments)"
    )]
    NotAUri,
    /// Plain HTTP to another host than the own machine, or a scheme without a dot.
    #[error(
        "use https, http on 127.0.0.1, [::1] or localhost, or a private-use scheme such as com.example.app:/callback"
    )]
    Scheme,
    /// It has a fragment, user information or a wildcard, or is too long.
    #[error(
        "a redirect URI has no fragment, no user information, no * and at most {MAX_REDIRECT_URI_LEN} bytes"
    )]
    Forbidden,
}

impl RedirectUri {
    /// The URI byte for byte as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `requested` names this redirect URI: byte for byte, except that the port of `http://127.0.0.1` and
    /// `http://[::1]` may differ (RFC 8252 section 7.3).
    pub fn matches(&self, requested: &str) -> bool {
        if self.0 == requested {
            return true;
        }
        match (loopback_without_port(&self.0), loopback_without_port(requested)) {
            (Some(registered), Some(requested)) => registered == requested,
            _ => false,
        }
    }
}

/// Whether a registered URI has a private-use scheme. Any program on the device may claim such a scheme (RFC 8252 section 7.1).
pub fn is_private_use(registered: &str) -> bool {
    !registered.starts_with("https:") && !registered.starts_with("http:")
}

/// Splits `http://127.0.0.1:1234/cb` into host and path, dropping a decimal port.
fn loopback_without_port(uri: &str) -> Option<(&'static str, &str)> {
    for host in ["http://127.0.0.1", "http://[::1]"] {
        let Some(rest) = uri.strip_prefix(host) else { continue };
        let path = match rest.strip_prefix(':') {
            Some(ported) => {
                let digits = ported.bytes().take_while(u8::is_ascii_digit).count();
                let (port, path) = ported.split_at(digits);
                port.parse::<u16>().ok().filter(|_| !port.starts_with('0'))?;
                path
            }
            None => rest,
        };
        return (path.is_empty() || path.starts_with(['/', '?'])).then_some((host, path));
    }
    None
}

impl FromStr for RedirectUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        if !text.is_ascii() {
            return Err(InvalidRedirectUri::NotAscii);
        }
        if text.len() > MAX_REDIRECT_URI_LEN || text.contains(['#', '*', '\\']) {
            return Err(InvalidRedirectUri::Forbidden);
        }
        let url = Url::parse(text).map_err(|_| InvalidRedirectUri::NotAUri)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidRedirectUri::Forbidden);
        }
        let canonical = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
        if !canonical || text.bytes().any(|c| !(0x21..=0x7e).contains(&c)) {
            return Err(InvalidRedirectUri::NotAUri);
        }
        let allowed = match url.scheme() {
            "https" => url.host().is_some(),
            "http" => match url.host() {
                Some(Host::Ipv4(ip)) => ip.is_loopback(),
                Some(Host::Ipv6(ip)) => ip.is_loopback(),
                Some(Host::Domain(name)) => name == "localhost",
                None => false,
            },
            private_use => private_use.contains('.'),
        };
        if allowed { Ok(Self(text.to_owned())) } else { Err(InvalidRedirectUri::Scheme) }
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;

    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        text.parse()
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;

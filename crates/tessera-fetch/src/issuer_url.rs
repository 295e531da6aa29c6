//! The URL of an issuer, and which other URLs its documents may name.

use url::{Host, Url};

use crate::port::FetchError;

/// The URL of an issuer, known to be allowed: `https`, or `http` to this machine; no query, fragment or user information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl {
    url: Url,
    is_loopback: bool,
}

impl IssuerUrl {
    /// Reads an issuer identifier; `None` if it is not allowed.
    pub fn parse(issuer: &str) -> Option<Self> {
        let url = Url::parse(issuer).ok()?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.has_host();
        let is_loopback = is_loopback_http(&url);
        (plain && is_allowed(&url, true)).then_some(Self { url, is_loopback })
    }

    /// Whether the issuer is reached by plain `http` on this machine.
    pub const fn is_loopback_http(&self) -> bool {
        self.is_loopback
    }

    /// A URL that a document of the issuer names. Only an issuer on this machine may name plain `http` URLs, and only of this
    /// machine.
    ///
    /// # Errors
    /// [`FetchError::Url`]: it is not a URL, or not allowed.
    pub fn allows(&self, url: &str) -> Result<Url, FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::Url)?;
        if is_allowed(&url, self.is_loopback) { Ok(url) } else { Err(FetchError::Url) }
    }

    /// `path` below the issuer (OpenID Connect Discovery section 4).
    pub fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    /// `path` between host and path of the issuer (RFC 8414 section 3.1).
    pub fn before(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{path}{}", self.url.path().trim_end_matches('/')));
        url
    }
}

/// Whether the URL is `https`, or plain `http` to this machine where that is allowed, and carries no user information.
pub(crate) fn is_allowed(url: &Url, loopback_http: bool) -> bool {
    (url.scheme() == "https" || (loopback_http && is_loopback_http(url))) && !has_user_info(url)
}

/// Whether the URL carries a username or a password.
fn has_user_info(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether this is `http` to `localhost` or to a loopback address.
pub(crate) fn is_loopback_http(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";

    #[test]
    fn an_issuer_is_https_or_loopback() {
        for good in [
            "https://as.example",
            "https://as.example/tenant",
            "http://127.0.0.1:8080",
            "http://[::1]:1/x",
            "http://localhost:3",
        ] {
            assert!(IssuerUrl::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "as.example",
            "http://as.example",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.example",
            "ftp://as.example",
            "file:///etc",
            "https://as.example?x",
            "https://as.example#x",
            "https://u:p@as.example",
            "data:text/plain,x",
        ] {
            assert!(IssuerUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn plain_http_only_between_loopback_addresses() {
        let public = IssuerUrl::parse("https://as.example").unwrap();
        let local = IssuerUrl::parse("http://127.0.0.1:8080").unwrap();
        assert!(public.allows("https://keys.example/jwks").is_ok());
        assert!(local.allows("http://127.0.0.1:9/jwks").is_ok());
        for bad in [
            "http://127.0.0.1/jwks",
            "http://as.example/jwks",
            "file:///etc/passwd",
            "https://u@as.example/",
            "/jwks",
        ] {
            assert_eq!(public.allows(bad), Err(FetchError::Url), "{bad}");
        }
        assert_eq!(local.allows("http://169.254.169.254/"), Err(FetchError::Url));
    }

    #[test]
    fn the_two_well_known_places() {
        let issuer = IssuerUrl::parse("https://as.example/tenant/").unwrap();
        assert_eq!(
            issuer.below(OPENID_CONFIGURATION).as_str(),
            "https://as.example/tenant/.well-known/openid-configuration"
        );
        assert_eq!(
            issuer.before(OAUTH_METADATA).as_str(),
            "https://as.example/.well-known/oauth-authorization-server/tenant"
        );
        let root = IssuerUrl::parse("https://as.example").unwrap();
        assert_eq!(
            root.before(OAUTH_METADATA).as_str(),
            "https://as.example/.well-known/oauth-authorization-server"
        );
    }
}

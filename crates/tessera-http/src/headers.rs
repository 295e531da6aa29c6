//! Security headers of every response, 4xx and 5xx included (OWASP ASVS 5.0 section 3.4; attack rows O58, O59, T12).
//!
//! [`harden`] fills in what a response does not set itself, from constants: no allocation but the header table's own.
//! Pages bring their own `Content-Security-Policy` from [`page_policy`]. Nothing here names the server or its version.
//! Answers that hyper gives before a router sees the request (an unreadable request line, 431) carry none of these.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
const NO_DEVICES: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()",
);

/// Policy of everything that is not a page: it loads nothing, submits nothing and is framed by nobody.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
);
/// Policy of a page, up to the directives that differ between pages.
const PAGE: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; \
                    form-action 'self'";
const PAGE_ONLY: HeaderValue = HeaderValue::from_static(PAGE);

/// How browsers reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Over TLS, ended here or at a proxy: `Strict-Transport-Security` is sent.
    Https,
    /// Plain HTTP on the own machine, under `--dev` only.
    PlainHttp,
}

/// Adds every security header that the response does not carry yet. `Cache-Control` becomes `no-store` unless the
/// response says otherwise: what may be cached is the exception (metadata, keys, hashed assets).
pub fn harden(headers: &mut HeaderMap, transport: Transport) {
    headers.reserve(9);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CROSS_ORIGIN_OPENER_POLICY, SAME_ORIGIN);
    headers.insert(PERMISSIONS_POLICY, NO_DEVICES);
    if transport == Transport::Https {
        headers.insert(STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(CROSS_ORIGIN_RESOURCE_POLICY).or_insert(SAME_ORIGIN);
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
}

/// Marks a response that any origin may load and any cache may keep: discovery, keys, the revocation feed's snapshot.
pub fn allow_everyone(headers: &mut HeaderMap, cache_control: HeaderValue) {
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, CROSS_ORIGIN);
    headers.insert(CACHE_CONTROL, cache_control);
}

/// `Content-Security-Policy` of a page.
///
/// Browsers hold `form-action` against the redirects that follow a POST too, so a page whose form ends in a redirect to an
/// application names that application's origin. Only the `form_post` page runs a script, the one with its nonce.
pub fn page_policy(form_target: Option<&FormTarget>, script: Option<&Nonce>) -> HeaderValue {
    if form_target.is_none() && script.is_none() {
        return PAGE_ONLY;
    }
    let mut policy = String::with_capacity(PAGE.len() + 96);
    policy.push_str(PAGE);
    if let Some(FormTarget(source)) = form_target {
        policy.push(' ');
        policy.push_str(source);
    }
    if let Some(Nonce(nonce)) = script {
        policy.push_str("; script-src 'nonce-");
        policy.push_str(nonce);
        policy.push('\'');
    }
    HeaderValue::try_from(policy).unwrap_or(PAGE_ONLY)
}

/// The one origin, besides our own, that a form may lead to: a CSP source expression (CSP level 3 section 2.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormTarget(String);

impl FormTarget {
    /// The source that covers a redirect URI; `None` for a URI that no form may lead to (`javascript:`, `data:`) and for a
    /// host that cannot be written in a policy.
    ///
    /// A private-use scheme, and HTTP to an IPv6 address (which the grammar of policies lacks), become a whole scheme.
    pub fn of(redirect_uri: &str) -> Option<Self> {
        let url = Url::parse(redirect_uri).ok()?;
        let scheme = url.scheme();
        let source = match (scheme, url.host()) {
            ("https" | "http", Some(Host::Ipv6(_))) => format!("{scheme}:"),
            ("https" | "http", Some(_)) => url.origin().ascii_serialization(),
            (private_use, _) if private_use.contains('.') => format!("{private_use}:"),
            _ => return None,
        };
        let writable = |c: u8| c.is_ascii_alphanumeric() || b"+-._:/".contains(&c);
        source.bytes().all(writable).then_some(Self(source))
    }

    /// The source expression.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Lets one script of one response run (CSP level 3 section 2.3.1). Made anew from fresh randomness for each response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// Writes 128 random bits as lower-case hexadecimal digits.
    pub fn new(random: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(random)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: [(&str, &str); 7] = [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ];

    #[test]
    fn t12_a_bare_response_gets_every_header_and_no_server() {
        let mut headers = HeaderMap::new();
        harden(&mut headers, Transport::Https);
        for (name, value) in EXPECTED {
            assert_eq!(headers[name], value, "{name}");
        }
        assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        assert!(headers["permissions-policy"].to_str().unwrap().contains("geolocation=()"));
        assert!(!headers.contains_key("server"));
    }

    #[test]
    fn t12_hsts_is_not_sent_over_plain_http() {
        let mut headers = HeaderMap::new();
        harden(&mut headers, Transport::PlainHttp);
        assert!(!headers.contains_key("strict-transport-security"));
    }

    #[test]
    fn what_a_response_says_about_caching_and_sharing_stays() {
        let mut headers = HeaderMap::new();
        allow_everyone(&mut headers, HeaderValue::from_static("public, max-age=300"));
        harden(&mut headers, Transport::Https);
        assert_eq!(headers["cache-control"], "public, max-age=300");
        assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
    }

    #[test]
    fn o58_every_page_policy_forbids_framing_and_unsafe_sources() {
        let target = FormTarget::of("https://app.example/cb");
        let nonce = Nonce::new([0xa5; 16]);
        for (target, nonce) in
            [(None, None), (target.as_ref(), None), (None, Some(&nonce)), (target.as_ref(), Some(&nonce))]
        {
            let policy = page_policy(target, nonce);
            let policy = policy.to_str().unwrap();
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(policy.contains("script-src"), nonce.is_some());
        }
    }

    #[test]
    fn the_policy_names_the_application_that_the_form_leads_to() {
        let source = |uri: &str| FormTarget::of(uri).map(|target| target.0);
        assert_eq!(source("https://app.example:8443/cb?x=1").as_deref(), Some("https://app.example:8443"));
        assert_eq!(source("https://app.example/cb").as_deref(), Some("https://app.example"));
        assert_eq!(source("http://127.0.0.1:4711/").as_deref(), Some("http://127.0.0.1:4711"));
        assert_eq!(source("http://[::1]:4711/").as_deref(), Some("http:"));
        assert_eq!(source("com.example.app:/cb").as_deref(), Some("com.example.app:"));
    }

    #[test]
    fn o61_no_script_scheme_and_no_second_directive_gets_into_the_policy() {
        for uri in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "/relative",
            "https://a;b/",
            "https://a,b/",
        ] {
            assert_eq!(FormTarget::of(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_nonce_is_32_hexadecimal_digits() {
        assert_eq!(Nonce::new(*b"\x00\x0f\xf0\xff0123456789ab").as_str(), "000ff0ff303132333435363738396162");
    }
}

//! The security headers of every response, 4xx and 5xx included (OWASP ASVS 5.0 section 3.4).
//!
//! [`harden`] adds what a response does not set itself. All values are constants, so only the header table is allocated.
//! Pages set their own `Content-Security-Policy` with [`page_policy`]. No header names the server or its version.
//! hyper answers some requests before a router sees them (an unreadable request line, 431). Those answers carry none of these
//! headers.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

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

/// The policy of everything that is not a page: it loads nothing, submits nothing, and nobody may frame it.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
);
/// The directives that all pages share.
const PAGE: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
const PAGE_WITH_OUR_SCRIPT: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; script-src 'self'",
);
const PAGE_FOR_US: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; script-src 'self'; \
     form-action 'self'",
);

/// How browsers reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TLS, which ends here or at a proxy. `Strict-Transport-Security` is sent.
    Https,
    /// Plain HTTP on this machine, under `--dev` only.
    PlainHttp,
}

/// Adds every security header that the response does not carry yet. `Cache-Control` becomes `no-store` unless the response says
/// otherwise. Only few responses may be cached: metadata, keys, hashed assets.
pub fn harden(headers: &mut HeaderMap, transport: Transport) {
    headers.reserve(9);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CROSS_ORIGIN_OPENER_POLICY).or_insert(SAME_ORIGIN);
    headers.insert(PERMISSIONS_POLICY, NO_DEVICES);
    if transport == Transport::Https {
        headers.insert(STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(CROSS_ORIGIN_RESOURCE_POLICY).or_insert(SAME_ORIGIN);
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
}

/// Lets any origin load a response, and sets its caching: discovery and keys may be cached, the revocation rules may not.
pub fn allow_everyone(headers: &mut HeaderMap, cache_control: HeaderValue) {
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, CROSS_ORIGIN);
    headers.insert(CACHE_CONTROL, cache_control);
}

/// Lets a popup keep its `window.opener`. Responses of the authorization flow need this: a login in a popup ends at a page of the
/// application, which speaks to the page that opened the popup. One stricter response on the way would cut the two apart.
pub fn keep_opener(headers: &mut HeaderMap) {
    headers.insert(CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
}

/// Where the form of a page leads in the end, after all redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormLeads {
    /// To a page of ours, whatever the person answers.
    ToUs,
    /// To an application.
    ToAnApplication,
}

/// `Content-Security-Policy` of a page.
///
/// Chromium checks `form-action` at every redirect that follows a POST. Behind the application's address there may be more
/// redirects, which this server cannot know. So a page whose form leads to an application has no `form-action` (docs/adr/0012).
pub const fn page_policy(form: FormLeads) -> HeaderValue {
    match form {
        FormLeads::ToUs => PAGE_FOR_US,
        FormLeads::ToAnApplication => PAGE_WITH_OUR_SCRIPT,
    }
}

/// `Content-Security-Policy` of a page that posts to an application and runs one inline script: the one with this nonce.
pub fn page_policy_with_script(Nonce(nonce): &Nonce) -> HeaderValue {
    HeaderValue::try_from(format!("{PAGE}; script-src 'nonce-{nonce}'")).unwrap_or(NOTHING)
}

/// Lets one inline script of one response run (CSP level 3 section 2.3.1). Every response gets a fresh one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// Writes 128 random bits in lower-case hexadecimal digits.
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
        for (name, part) in
            [("content-security-policy", "frame-ancestors 'none'"), ("permissions-policy", "geolocation=()")]
        {
            assert!(headers[name].to_str().unwrap().contains(part), "{headers:?}");
        }
        assert!(!headers.contains_key("server"), "{headers:?}");
    }

    #[test]
    fn t12_hsts_is_not_sent_over_plain_http() {
        let mut headers = HeaderMap::new();
        harden(&mut headers, Transport::PlainHttp);
        assert!(!headers.contains_key("strict-transport-security"), "{headers:?}");
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
    fn t12_a_response_of_the_authorization_flow_keeps_its_opener() {
        let mut headers = HeaderMap::new();
        keep_opener(&mut headers);
        harden(&mut headers, Transport::Https);
        assert_eq!(headers["cross-origin-opener-policy"], "unsafe-none");
    }

    #[test]
    fn o58_every_page_policy_forbids_framing_and_unsafe_sources() {
        let nonce = Nonce::new([0xa5; 16]);
        let with_script = page_policy_with_script(&nonce);
        for (policy, scripts) in [
            (page_policy(FormLeads::ToUs), "script-src 'self'"),
            (page_policy(FormLeads::ToAnApplication), "script-src 'self'"),
            (with_script, "script-src 'nonce-a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5'"),
        ] {
            let policy = policy.to_str().unwrap();
            let directives: Vec<&str> = policy.split("; ").collect();
            for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", scripts] {
                assert!(directives.contains(&directive), "{directive}: {policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        }
    }

    #[test]
    fn only_a_form_that_leads_to_an_application_may_lead_anywhere() {
        for (form, stays) in [(FormLeads::ToUs, true), (FormLeads::ToAnApplication, false)] {
            let policy = page_policy(form);
            assert_eq!(
                policy.to_str().unwrap().contains("; form-action 'self'"),
                stays,
                "{form:?}: {policy:?}"
            );
        }
    }

    #[test]
    fn a_nonce_is_32_hexadecimal_digits() {
        assert_eq!(Nonce::new(*b"\x00\x0f\xf0\xff0123456789ab").as_str(), "000ff0ff303132333435363738396162");
    }
}

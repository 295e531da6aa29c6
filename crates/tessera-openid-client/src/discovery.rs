//! The issuer's endpoints, from its metadata (OpenID Connect Discovery section 3).

use tessera_fetch::{IssuerUrl, Url};
use tessera_oauth::metadata::AuthorizationServerMetadata;

use crate::error::ClientError;

/// Where the issuer is asked what. Every URL is `https`, or `http` to this machine if the issuer is there.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) jwks: Url,
    userinfo: Option<Url>,
    revocation: Option<Url>,
    end_session: Option<Url>,
    /// Whether every authorization response names the issuer (RFC 9207).
    pub(crate) names_issuer: bool,
}

impl Endpoints {
    /// Reads metadata, which must name exactly the issuer that was asked (RFC 8414 section 3.3).
    pub(crate) fn parse(issuer: &str, url: &IssuerUrl, document: &[u8]) -> Result<Self, ClientError> {
        const UNREADABLE: ClientError = ClientError::Malformed("the issuer's metadata");
        let metadata: AuthorizationServerMetadata =
            tessera_jose::json::strict(document).map_err(|_| UNREADABLE)?;
        if metadata.issuer != issuer {
            return Err(ClientError::Untrusted("the metadata are those of another issuer"));
        }
        let allowed = |endpoint: &str| {
            url.allows(endpoint)
                .map_err(|_| ClientError::Untrusted("the metadata name a URL that is not allowed"))
        };
        let optional = |endpoint: Option<&String>| endpoint.map(|endpoint| allowed(endpoint)).transpose();
        let required = |endpoint: Option<&String>| optional(endpoint)?.ok_or(UNREADABLE);
        Ok(Self {
            authorization: required(metadata.authorization_endpoint.as_ref())?,
            token: required(metadata.token_endpoint.as_ref())?,
            jwks: allowed(&metadata.jwks_uri)?,
            userinfo: optional(metadata.userinfo_endpoint.as_ref())?,
            revocation: optional(metadata.revocation_endpoint.as_ref())?,
            end_session: optional(metadata.end_session_endpoint.as_ref())?,
            names_issuer: metadata.authorization_response_iss_parameter_supported,
        })
    }

    pub(crate) fn userinfo(&self) -> Result<&Url, ClientError> {
        self.userinfo.as_ref().ok_or(ClientError::Unsupported("userinfo_endpoint"))
    }

    pub(crate) fn revocation(&self) -> Result<&Url, ClientError> {
        self.revocation.as_ref().ok_or(ClientError::Unsupported("revocation_endpoint"))
    }

    pub(crate) fn end_session(&self) -> Result<&Url, ClientError> {
        self.end_session.as_ref().ok_or(ClientError::Unsupported("end_session_endpoint"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://as.example";
    const LEAST: &str =
        r#""authorization_endpoint":"https://as.example/a","token_endpoint":"https://as.example/t""#;

    fn parse(members: &str) -> Result<Endpoints, ClientError> {
        let document = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"https://keys.example/jwks",{members}}}"#);
        Endpoints::parse(ISSUER, &IssuerUrl::parse(ISSUER).unwrap(), document.as_bytes())
    }

    #[test]
    fn metadata_of_another_issuer_are_refused() {
        let document =
            format!(r#"{{"issuer":"https://evil.example","jwks_uri":"https://as.example/j",{LEAST}}}"#);
        let refused = Endpoints::parse(ISSUER, &IssuerUrl::parse(ISSUER).unwrap(), document.as_bytes());
        let refused = refused.unwrap_err();
        assert_eq!(refused, ClientError::Untrusted("the metadata are those of another issuer"));
    }

    #[test]
    fn endpoints_that_an_issuer_may_leave_out_are_missed_when_they_are_needed() {
        let endpoints = parse(LEAST).unwrap();
        assert_eq!(endpoints.userinfo(), Err(ClientError::Unsupported("userinfo_endpoint")));
        assert_eq!(endpoints.revocation(), Err(ClientError::Unsupported("revocation_endpoint")));
        assert_eq!(endpoints.end_session(), Err(ClientError::Unsupported("end_session_endpoint")));
        assert!(!endpoints.names_issuer);
        for (name, missing) in [("token_endpoint", "tokens"), ("authorization_endpoint", "authorize")] {
            let error = parse(&LEAST.replace(name, missing)).unwrap_err();
            assert_eq!(error, ClientError::Malformed("the issuer's metadata"), "{name}");
        }
    }

    #[test]
    fn no_endpoint_leads_into_a_network_that_the_issuer_is_not_in() {
        for url in [
            "http://169.254.169.254/",
            "http://localhost/",
            "file:///etc/passwd",
            "https://u:p@as.example/",
            "/t",
        ] {
            for member in ["userinfo_endpoint", "revocation_endpoint", "end_session_endpoint"] {
                let error = parse(&format!(r#"{LEAST},"{member}":"{url}""#)).unwrap_err();
                assert!(matches!(error, ClientError::Untrusted(_)), "{member} {url}: {error}");
            }
        }
    }
}

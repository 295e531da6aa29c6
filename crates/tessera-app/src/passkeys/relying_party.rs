//! Who we are to an authenticator: the RP ID and the origin of our pages (WebAuthn level 3 sections 4 and 13.4.9).

use tessera_webauthn::RelyingParty;
use url::{Host, Url};

/// Settings of passkeys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passkeys {
    /// The domain that passkeys belong to: the host of the issuer, or a parent domain of it. `None` if the issuer has no domain, and
    /// then there are no passkeys. Passkeys of another RP ID do not work any more.
    pub rp_id: Option<String>,
}

/// The RP ID of an issuer if nobody sets one: its host. `None` for an address, which browsers do not take.
pub fn default_rp_id(issuer: &str) -> Option<String> {
    match Url::parse(issuer).ok()?.host()? {
        Host::Domain(domain) => Some(domain.to_owned()),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// The relying party, if there can be one.
pub(super) fn relying_party<'a>(issuer: &str, settings: &'a Passkeys) -> Option<(&'a str, RelyingParty)> {
    let id = settings.rp_id.as_deref()?;
    let origin = Url::parse(issuer).ok()?.origin().ascii_serialization();
    Some((id, RelyingParty::new(id, [origin])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_with_a_domain_has_an_rp_id() {
        assert_eq!(
            default_rp_id("https://login.example.org:8443/auth").as_deref(),
            Some("login.example.org")
        );
        assert_eq!(default_rp_id("http://localhost:8080").as_deref(), Some("localhost"));
        for none in ["http://127.0.0.1:8080", "https://[::1]", "nonsense"] {
            assert_eq!(default_rp_id(none), None, "{none}");
        }
    }
}

//! Claims of access tokens (RFC 9068), ID tokens (OIDC core section 2) and the `UserInfo` answer (section 5.3).

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use tessera_jose::{Algorithm, base64url, digest};

use crate::scope::{ADDRESS, PHONE, PROFILE, ScopeSet};

/// `typ` of an access token (RFC 9068 section 2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";
/// `typ` of any JWT (RFC 7519 section 5.1). ID tokens have it, and access tokens for verifiers that do not know `at+jwt`.
pub const JWT_TYP: &str = "JWT";
/// `typ` of an ID token.
pub const ID_TOKEN_TYP: &str = JWT_TYP;
/// The claim of an access token with the number of the last revocation rule about its subject that the issuer knew.
pub const KNOWN_SUBJECT_RULE: &str = "tessera_subject_rule";
/// The claim of an access token with the number of the last revocation rule about its client that the issuer knew.
pub const KNOWN_CLIENT_RULE: &str = "tessera_client_rule";
/// Most audiences in one token (policy P12).
pub const MAX_AUDIENCES: usize = 16;

/// `aud`: one string, or a list of 1 to [`MAX_AUDIENCES`] (RFC 7519 section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(Vec<String>);

/// The list of audiences is empty or too long, or an audience is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("aud must name 1 to {MAX_AUDIENCES} audiences, none of them empty")]
pub struct InvalidAudience;

impl Audience {
    /// Makes an audience of 1 to [`MAX_AUDIENCES`] names.
    ///
    /// # Errors
    /// The list is empty or too long, or a name is empty.
    pub fn new(names: Vec<String>) -> Result<Self, InvalidAudience> {
        let good = (1..=MAX_AUDIENCES).contains(&names.len()) && names.iter().all(|name| !name.is_empty());
        if good { Ok(Self(names)) } else { Err(InvalidAudience) }
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &*self.0 {
            [only] => serializer.serialize_str(only),
            many => serializer.collect_seq(many),
        }
    }
}

/// The claims of an access token that we issue (RFC 9068 section 2.2). Times are whole seconds since 1970. [`crate::payload`]
/// reads them again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person, or the client itself where no person is involved.
    pub sub: String,
    /// The APIs that the token is for.
    pub aud: Audience,
    /// The client that the token was issued to.
    pub client_id: String,
    /// When the token was issued.
    pub iat: i64,
    /// When the token expires.
    pub exp: i64,
    /// The name of the token: `<grant>.<random>`.
    pub jti: String,
    /// What the token allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// When the person logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Authentication level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The login session, with which the token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The last revocation rule about the subject, if it would hit the token otherwise.
    #[serde(rename = "tessera_subject_rule", skip_serializing_if = "Option::is_none")]
    pub known_subject_rule: Option<i64>,
    /// The last revocation rule about the client, if it would hit the token otherwise.
    #[serde(rename = "tessera_client_rule", skip_serializing_if = "Option::is_none")]
    pub known_client_rule: Option<i64>,
}

/// The claims of an ID token that we issue (OIDC core section 2). Times are whole seconds since 1970. [`crate::payload`] reads
/// them again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person.
    pub sub: String,
    /// The client.
    pub aud: Audience,
    /// When the token expires.
    pub exp: i64,
    /// When the token was issued.
    pub iat: i64,
    /// When the person logged in.
    pub auth_time: i64,
    /// `nonce` of the authorization request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Authentication level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Authentication methods (RFC 8176).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The client that the token was issued to, where `aud` does not say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// See [`at_hash`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The login session, for logout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Claims about the person, for clients that are registered for it.
    #[serde(flatten)]
    pub person: PersonClaims,
}

/// `at_hash` for an ID token signed with `alg`: the left half of the access token's hash (OIDC core section 3.1.3.6).
/// `None` if the algorithm does not use SHA-256. The claim is optional in the code flow.
pub fn at_hash(access_token: &str, alg: Algorithm) -> Option<String> {
    match alg {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Hs256 => {
            Some(base64url::encode(&digest::sha256(access_token.as_bytes())[..16]))
        }
        Algorithm::Es384
        | Algorithm::Es512
        | Algorithm::EdDsa
        | Algorithm::Ed25519
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps384
        | Algorithm::Ps512 => None,
    }
}

/// The `UserInfo` answer (OIDC core section 5.3.2): `sub` always, the rest by scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The person. The same as in the ID token.
    pub sub: String,
    /// What the scopes release.
    #[serde(flatten)]
    pub claims: PersonClaims,
}

/// Claims about a person (OIDC core section 5.1, and `groups`). One scope releases each of them (section 5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonClaims {
    /// Scope `profile`: display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Scope `profile`: the username, which the person types to log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Scope `profile`: when the profile last changed, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// Scope `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Scope `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Scope `groups`: the names of the groups that the person is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Scopes `profile`, `phone` and `address`.
    #[serde(flatten)]
    pub more: ProfileClaims,
}

/// The claims of OIDC core section 5.1 that the issuer only stores and releases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileClaims {
    /// Scope `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Scope `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Scope `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Scope `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// Scope `profile`: URL of a page about the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Scope `profile`: URL of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Scope `profile`: URL of their own site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Scope `profile`: `female`, `male`, or another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Scope `profile`: `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// Scope `profile`: a time zone such as `Europe/Paris`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// Scope `profile`: a language tag such as `fr-CA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Scope `phone`: `+` and digits (E.164).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Scope `phone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    /// Scope `address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// A postal address (OIDC core section 5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The whole address. Lines are separated by line feeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and house number. May have several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl ProfileClaims {
    /// The claims that these scopes release.
    #[must_use]
    pub fn released(self, scope: &ScopeSet) -> Self {
        let (phone_number, phone_number_verified, address) =
            (self.phone_number.clone(), self.phone_number_verified, self.address.clone());
        let mut released = if scope.contains(PROFILE) { self } else { Self::default() };
        released.phone_number = phone_number.filter(|_| scope.contains(PHONE));
        released.phone_number_verified = phone_number_verified.filter(|_| scope.contains(PHONE));
        released.address = address.filter(|_| scope.contains(ADDRESS));
        released
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::payload::{AccessTokenPayload, KnownRules, Times};

    fn access_token(aud: Audience) -> AccessTokenClaims {
        AccessTokenClaims {
            iss: "https://as".to_owned(),
            sub: "u".to_owned(),
            aud,
            client_id: "web".to_owned(),
            iat: 1,
            exp: 601,
            jti: "g.r".to_owned(),
            scope: Some("a b".parse().unwrap()),
            auth_time: None,
            acr: None,
            sid: None,
            known_subject_rule: None,
            known_client_rule: None,
        }
    }

    #[test]
    fn an_access_token_is_written_with_what_there_is_and_reads_back() {
        let claims = access_token(Audience::new(vec!["https://api".to_owned()]).unwrap());
        let json = serde_json::to_string(&claims).unwrap();
        let expected = r#"{"iss":"https://as","sub":"u","aud":"https://api","client_id":"web","iat":1,"exp":601,"jti":"g.r","scope":"a b"}"#;
        assert_eq!(json, expected);
        let read = AccessTokenPayload::parse(json.as_bytes()).unwrap();
        assert!(read.aud.contains("https://api") && read.scope == "a b");
        assert_eq!(read.times, Times { iat: 1, exp: 601, nbf: None });
        assert_eq!((read.sid, read.known_rules), (None, KnownRules::default()));
        let whole = AccessTokenClaims {
            sid: Some("s".to_owned()),
            known_subject_rule: Some(7),
            known_client_rule: Some(9),
            ..claims
        };
        let json = serde_json::to_string(&whole).unwrap();
        let read = AccessTokenPayload::parse(json.as_bytes()).unwrap();
        assert_eq!(read.sid.as_deref(), Some("s"));
        assert_eq!(read.known_rules, KnownRules { subject: Some(7), client: Some(9) }, "{json}");
    }

    #[test]
    fn an_audience_is_a_short_list_of_names() {
        let names = |count: usize| vec!["a".to_owned(); count];
        assert!(Audience::new(names(MAX_AUDIENCES)).is_ok());
        for bad in [vec![], vec![String::new()], names(MAX_AUDIENCES + 1)] {
            assert_eq!(Audience::new(bad.clone()), Err(InvalidAudience), "{bad:?}");
        }
    }

    #[test]
    fn at_hash_is_the_example_of_oidc_core() {
        // The access token and at_hash of OIDC core appendix A.3.
        assert_eq!(
            at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", Algorithm::Rs256).as_deref(),
            Some("77QmUPtjPfzWtF2AnpK9RQ")
        );
        assert_eq!(at_hash("x", Algorithm::EdDsa), None);
    }

    proptest! {
        #[test]
        fn an_audience_reads_back(names in prop::collection::vec("[a-z:/]{1,12}", 1..=MAX_AUDIENCES)) {
            let claims = access_token(Audience::new(names.clone()).unwrap());
            let json = serde_json::to_string(&claims).unwrap();
            prop_assert_eq!(json.contains(r#""aud":["#), names.len() > 1);
            prop_assert!(AccessTokenPayload::parse(json.as_bytes()).unwrap().aud.as_slice().iter().eq(&names));
        }
    }
}

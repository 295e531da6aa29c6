//! What the browser says that it did: `clientDataJSON` (WebAuthn section 5.8.1; section 7.1 steps 5 to 11, section 7.2 steps 8 to 14).
//!
//! JSON is read strictly. A member that occurs twice is refused, and members that this crate does not know are ignored, as the
//! standard demands.

use std::borrow::Cow;

use tessera_jose::json::{self, JsonError};
use tessera_jose::{base64url, digest};

use crate::relying_party::RelyingParty;

/// The longest `clientDataJSON`, in bytes.
pub const MAX_CLIENT_DATA_LEN: usize = 8 * 1024;

/// The shortest challenge, in bytes (section 13.4.3).
pub const MIN_CHALLENGE_LEN: usize = 16;

/// Why the client data of a response are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientDataError {
    /// Longer than [`MAX_CLIENT_DATA_LEN`].
    #[error("too long")]
    TooLong,
    /// Not the JSON of client data.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// The member is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The response belongs to the other ceremony, or to none.
    #[error("the type is that of another ceremony")]
    Type,
    /// The caller's own challenge is shorter than [`MIN_CHALLENGE_LEN`].
    #[error("the challenge that was asked is too short to count")]
    WeakChallenge,
    /// The response answers another challenge.
    #[error("another challenge was answered")]
    Challenge,
    /// The page belongs to none of the origins that are allowed.
    #[error("the origin is not allowed")]
    Origin,
    /// The page was embedded in a page of another origin.
    #[error("the ceremony ran in a cross-origin frame")]
    CrossOrigin,
    /// The client data name a top-level page of another origin.
    #[error("the ceremony ran below the page of another origin")]
    TopOrigin,
}

/// The ceremony that a response must belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    const fn type_name(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// Checks the client data and returns their hash, which is part of what is signed.
pub(crate) fn check(
    ceremony: Ceremony,
    rp: &RelyingParty,
    challenge: &[u8],
    json: &[u8],
) -> Result<[u8; 32], ClientDataError> {
    let said = ClientData::parse(json)?;
    if said.r#type.ok_or(ClientDataError::Missing("type"))? != ceremony.type_name() {
        return Err(ClientDataError::Type);
    }
    if challenge.len() < MIN_CHALLENGE_LEN {
        return Err(ClientDataError::WeakChallenge);
    }
    if said.challenge.ok_or(ClientDataError::Missing("challenge"))? != base64url::encode(challenge) {
        return Err(ClientDataError::Challenge);
    }
    if !rp.allows_origin(&said.origin.ok_or(ClientDataError::Missing("origin"))?) {
        return Err(ClientDataError::Origin);
    }
    if said.cross_origin {
        return Err(ClientDataError::CrossOrigin);
    }
    if said.has_top_origin {
        return Err(ClientDataError::TopOrigin);
    }
    Ok(digest::sha256(json))
}

#[derive(Default)]
struct ClientData<'a> {
    r#type: Option<Cow<'a, str>>,
    challenge: Option<Cow<'a, str>>,
    origin: Option<Cow<'a, str>>,
    cross_origin: bool,
    has_top_origin: bool,
}

impl<'a> ClientData<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ClientDataError> {
        const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
        if bytes.len() > MAX_CLIENT_DATA_LEN {
            return Err(ClientDataError::TooLong);
        }
        let mut said = Self::default();
        // The standard decodes UTF-8 as browsers do, and they drop the mark. It still is part of the hash.
        json::read_object(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes), |value, name| {
            match name {
                "type" => said.r#type = Some(value.string()?),
                "challenge" => said.challenge = Some(value.string()?),
                "origin" => said.origin = Some(value.string()?),
                "crossOrigin" => said.cross_origin = value.boolean()?,
                "topOrigin" => {
                    value.string()?;
                    said.has_top_origin = true;
                }
                _ => value.skip()?,
            }
            Ok(())
        })?;
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: [u8; 16] = [7; 16];

    fn result(json: &str) -> Result<(), ClientDataError> {
        let rp = RelyingParty::new("example.org", ["https://example.org"]);
        check(Ceremony::Get, &rp, &CHALLENGE, json.as_bytes()).map(drop)
    }

    fn json(rest: &str) -> String {
        let challenge = base64url::encode(CHALLENGE);
        format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://example.org"{rest}}}"#)
    }

    #[test]
    fn unknown_members_and_the_byte_order_mark_are_ignored() {
        for rest in
            ["", r#","crossOrigin":false"#, r#","new":{"a":[1,null]}"#, r#","tokenBinding":{"status":"x"}"#]
        {
            assert_eq!(result(&json(rest)), Ok(()), "{rest}");
        }
        assert_eq!(result(&format!("\u{feff}{}", json(""))), Ok(()));
        assert_eq!(result(&json("").replace("://", r":\/\/")), Ok(()));
    }

    #[test]
    fn what_cannot_be_understood_in_one_way_is_refused() {
        assert_eq!(result(&json(r#","type":"webauthn.get""#)), Err(JsonError::Duplicate.into()));
        assert_eq!(result(&json(r#","crossOrigin":"no""#)), Err(JsonError::WrongType.into()));
        assert_eq!(result(&json(r#","topOrigin":null"#)), Err(JsonError::WrongType.into()));
        assert_eq!(result(&format!("{} x", json(""))), Err(JsonError::Malformed.into()));
        assert_eq!(result("[]"), Err(JsonError::WrongType.into()));
        assert_eq!(result("{}"), Err(ClientDataError::Missing("type")));
        assert_eq!(result(&json("").replace("challenge", "c")), Err(ClientDataError::Missing("challenge")));
        assert_eq!(
            result(&json(r#","origin2":1"#).replace("\"origin\"", "\"o\"")),
            Err(ClientDataError::Missing("origin"))
        );
        assert_eq!(result(&" ".repeat(MAX_CLIENT_DATA_LEN + 1)), Err(ClientDataError::TooLong));
    }

    #[test]
    fn l31_a_challenge_counts_only_if_it_cannot_be_guessed() {
        let rp = RelyingParty::new("example.org", ["https://example.org"]);
        let short = json("").replace(&base64url::encode(CHALLENGE), "");
        let refused = check(Ceremony::Get, &rp, &[], short.as_bytes());
        assert_eq!(refused, Err(ClientDataError::WeakChallenge));
    }
}

//! `sid`: what clients and APIs call a session. ID tokens, access tokens and revocation rules have the same value.
//!
//! It is a MAC, so that it tells nothing about the id of the session, and applications of different sectors cannot find out that they
//! have the same session before them.

use tessera_jose::base64url;
use tessera_jose::hmac::HmacSha256Key;
use tessera_model::SessionId;

/// Clients that know a person by the same `sub`, and their session by the same `sid` (OIDC core section 8.1).
#[derive(Clone, Copy)]
pub(crate) struct Sector(&'static str);

impl Sector {
    /// The sector of all clients with public subject identifiers. All clients have these.
    pub(crate) const PUBLIC: Self = Self("");
    /// Every sector. A session has a `sid` in each.
    pub(crate) const ALL: [Self; 1] = [Self::PUBLIC];
}

/// The key behind `sid`.
pub(crate) struct Sids {
    key: HmacSha256Key,
}

impl Sids {
    pub(crate) const fn new(key: HmacSha256Key) -> Self {
        Self { key }
    }

    /// The `sid` of a session in a sector.
    pub(crate) fn of(&self, session: SessionId, sector: Sector) -> String {
        // The part of fixed length stands first, so that no two inputs run together.
        let tag = self.key.tag(&[session.as_bytes(), sector.0.as_bytes()]);
        base64url::encode(&tag[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_another_sid_in_each_sector_and_always_the_same() {
        let sids = Sids::new(HmacSha256Key::new(&[1; 32]));
        let (one, two) = (SessionId::from_random([1; 16]), SessionId::from_random([2; 16]));
        let (here, there) = (Sector("https://here.example"), Sector("https://there.example"));
        let all = [sids.of(one, here), sids.of(one, there), sids.of(two, here), sids.of(one, Sector::PUBLIC)];
        for (n, sid) in all.iter().enumerate() {
            assert!(!all[..n].contains(sid), "{all:?}");
            assert!(!sid.contains(&one.to_string()), "{all:?}");
        }
        assert_eq!(sids.of(one, here), all[0]);
        let other_key = Sids::new(HmacSha256Key::new(&[2; 32]));
        assert_ne!(other_key.of(one, here), all[0]);
    }
}

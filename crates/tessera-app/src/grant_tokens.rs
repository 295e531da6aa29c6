//! Codes and refresh tokens: a MAC over what they stand for, so that the database holds nothing a thief could present.
//!
//! Body: grant id (16 bytes), number (8 bytes; zero for a code), HMAC-SHA256 (32 bytes) over kind, client, grant and number.
//! The client is part of the MAC: another client's token is as unknown as an invented one, and costs no database work.

use tessera_jose::hmac::HmacSha256Key;
use tessera_model::{ClientId, GrantId, Presented, PresentedKind};

/// The key behind codes and refresh tokens.
pub(crate) struct GrantTokens {
    key: HmacSha256Key,
}

const GRANT: usize = 16;
const NUMBER: usize = 8;
const TAG: usize = 32;

impl GrantTokens {
    pub(crate) const fn new(key: HmacSha256Key) -> Self {
        Self { key }
    }

    pub(crate) fn code(&self, client: &ClientId, grant: GrantId) -> Presented {
        self.presented(PresentedKind::AuthorizationCode, client, grant, 0)
    }

    pub(crate) fn refresh_token(&self, client: &ClientId, grant: GrantId, number: i64) -> Presented {
        self.presented(PresentedKind::RefreshToken, client, grant, number)
    }

    /// The grant behind a code that this client was issued.
    pub(crate) fn read_code(&self, client: &ClientId, text: &str) -> Option<GrantId> {
        self.read(PresentedKind::AuthorizationCode, client, text).map(|(grant, _)| grant)
    }

    /// The grant and number behind a refresh token that this client was issued.
    pub(crate) fn read_refresh_token(&self, client: &ClientId, text: &str) -> Option<(GrantId, i64)> {
        self.read(PresentedKind::RefreshToken, client, text)
    }

    fn presented(&self, kind: PresentedKind, client: &ClientId, grant: GrantId, number: i64) -> Presented {
        let number = number.to_be_bytes();
        let tag = self.key.tag(&parts(kind, client, grant.as_bytes(), &number));
        let mut body = [0; GRANT + NUMBER + TAG];
        body[..GRANT].copy_from_slice(grant.as_bytes());
        body[GRANT..GRANT + NUMBER].copy_from_slice(&number);
        body[GRANT + NUMBER..].copy_from_slice(&tag);
        Presented::new(kind, &body)
    }

    fn read(&self, kind: PresentedKind, client: &ClientId, text: &str) -> Option<(GrantId, i64)> {
        let presented = Presented::parse(kind, text)?;
        let (grant, rest) = presented.body().split_first_chunk::<GRANT>()?;
        let (number, tag) = rest.split_first_chunk::<NUMBER>()?;
        let tag: &[u8; TAG] = tag.try_into().ok()?;
        let genuine = self.key.verify(&parts(kind, client, grant, number), tag);
        genuine.then(|| (GrantId::from_bytes(*grant), i64::from_be_bytes(*number)))
    }
}

/// Fixed-length parts stand last, so that no two inputs run together.
fn parts<'a>(
    kind: PresentedKind,
    client: &'a ClientId,
    grant: &'a [u8; GRANT],
    number: &'a [u8; NUMBER],
) -> [&'a [u8]; 4] {
    [kind.prefix().as_bytes(), client.as_str().as_bytes(), grant, number]
}

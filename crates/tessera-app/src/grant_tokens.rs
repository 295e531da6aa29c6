//! Codes and refresh tokens: a MAC over what they stand for, so that the database holds nothing a thief could present.
//!
//! Body: grant id (16 bytes), number (8 bytes; zero for a code), and two halves of HMAC-SHA256 (16 bytes each). The first covers kind,
//! grant and number, the second the client too. Both must be right. With the first alone, the token is genuine but was issued
//! to another client. A token that somebody made up has neither, and costs no database work.

use tessera_jose::hmac::HmacSha256Key;
use tessera_model::{ClientId, GrantId, Presented, PresentedKind};

/// The key behind codes and refresh tokens.
pub(crate) struct GrantTokens {
    key: HmacSha256Key,
}

/// What a text is when a client presents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// This client was issued it, by this grant and with this number.
    Own(GrantId, i64),
    /// Another client was issued it, by this grant.
    OfAnotherClient(GrantId),
    /// Nobody was issued it.
    Unknown,
}

const GRANT: usize = 16;
const NUMBER: usize = 8;
const HALF: usize = 16;

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

    /// What a code is when this client presents it.
    pub(crate) fn read_code(&self, client: &ClientId, text: &str) -> Reading {
        self.read(PresentedKind::AuthorizationCode, client, text)
    }

    /// What a refresh token is when this client presents it.
    pub(crate) fn read_refresh_token(&self, client: &ClientId, text: &str) -> Reading {
        self.read(PresentedKind::RefreshToken, client, text)
    }

    fn presented(&self, kind: PresentedKind, client: &ClientId, grant: GrantId, number: i64) -> Presented {
        let number = number.to_be_bytes();
        let (grant, client) = (grant.as_bytes(), client.as_str());
        let halves = [
            self.key.tag(&parts(kind, "", grant, &number)),
            self.key.tag(&parts(kind, client, grant, &number)),
        ];
        let mut body = [0; GRANT + NUMBER + 2 * HALF];
        body[..GRANT].copy_from_slice(grant);
        body[GRANT..GRANT + NUMBER].copy_from_slice(&number);
        for (place, half) in body[GRANT + NUMBER..].chunks_exact_mut(HALF).zip(halves) {
            place.copy_from_slice(&half[..HALF]);
        }
        Presented::new(kind, &body)
    }

    fn read(&self, kind: PresentedKind, client: &ClientId, text: &str) -> Reading {
        let presented = Presented::parse(kind, text);
        let Some((grant, number, [issued, to_client])) =
            presented.as_ref().and_then(|token| split(token.body()))
        else {
            return Reading::Unknown;
        };
        let issued = self.key.verify_half(&parts(kind, "", grant, number), issued);
        let to_client = self.key.verify_half(&parts(kind, client.as_str(), grant, number), to_client);
        let id = GrantId::from_bytes(*grant);
        match (issued, to_client) {
            (true, true) => Reading::Own(id, i64::from_be_bytes(*number)),
            (true, false) => Reading::OfAnotherClient(id),
            (false, _) => Reading::Unknown,
        }
    }
}

type Split<'a> = (&'a [u8; GRANT], &'a [u8; NUMBER], [&'a [u8; HALF]; 2]);

fn split(body: &[u8]) -> Option<Split<'_>> {
    let (grant, rest) = body.split_first_chunk::<GRANT>()?;
    let (number, rest) = rest.split_first_chunk::<NUMBER>()?;
    let (issued, rest) = rest.split_first_chunk::<HALF>()?;
    Some((grant, number, [issued, rest.try_into().ok()?]))
}

/// Fixed-length parts stand last, so that no two inputs run together. No client has an empty id.
fn parts<'a>(
    kind: PresentedKind,
    client: &'a str,
    grant: &'a [u8; GRANT],
    number: &'a [u8; NUMBER],
) -> [&'a [u8]; 4] {
    [kind.prefix().as_bytes(), client.as_bytes(), grant, number]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_own_of_another_client_or_unknown() {
        let tokens = GrantTokens::new(HmacSha256Key::new(&[7; 32]));
        let [shop, thief]: [ClientId; 2] = ["shop", "thief"].map(|id| id.parse().unwrap());
        let grant = GrantId::from_bytes([5; 16]);
        let (code, refresh) = (tokens.code(&shop, grant), tokens.refresh_token(&shop, grant, 3));
        assert_eq!(tokens.read_code(&shop, &code.reveal()), Reading::Own(grant, 0));
        assert_eq!(tokens.read_refresh_token(&shop, &refresh.reveal()), Reading::Own(grant, 3));
        assert_eq!(tokens.read_code(&thief, &code.reveal()), Reading::OfAnotherClient(grant));
        assert_eq!(tokens.read_refresh_token(&thief, &refresh.reveal()), Reading::OfAnotherClient(grant));
        assert_eq!(tokens.read_code(&shop, &refresh.reveal()), Reading::Unknown, "another kind");
        assert_eq!(tokens.read_refresh_token(&shop, &code.reveal()), Reading::Unknown, "another kind");
        let other_key = GrantTokens::new(HmacSha256Key::new(&[8; 32]));
        assert_eq!(other_key.read_code(&shop, &code.reveal()), Reading::Unknown);
    }

    #[test]
    fn no_byte_can_be_changed() {
        let tokens = GrantTokens::new(HmacSha256Key::new(&[7; 32]));
        let client: ClientId = "shop".parse().unwrap();
        let token = tokens.refresh_token(&client, GrantId::from_bytes([5; 16]), 3);
        for at in 0..token.body().len() {
            let mut body = token.body().to_vec();
            body[at] ^= 1;
            let forged = Presented::new(PresentedKind::RefreshToken, &body).reveal();
            let reading = tokens.read_refresh_token(&client, &forged);
            assert!(!matches!(reading, Reading::Own(..)), "{at}: {reading:?}");
        }
    }
}

//! Makes keys.

use tessera_jose::{Algorithm, SigningKey};
use tessera_model::{KeyId, KeyPurpose, KeyState, StoredKey, Timestamp};
use tessera_store::Store;
use zeroize::Zeroizing;

use super::{Kek, KeyError};
use crate::access::Allowed;
use crate::ports::Entropy;

/// What every issuer needs.
pub(crate) const FOUNDATION: [KeyPurpose; 6] = [
    KeyPurpose::Access(Algorithm::Es256),
    KeyPurpose::IdToken(Algorithm::Rs256),
    KeyPurpose::Feed(Algorithm::Es256),
    KeyPurpose::GrantTokens,
    KeyPurpose::Browser,
    KeyPurpose::ClientSecrets,
];

/// What making a key takes.
pub(crate) struct KeyMaker<'a> {
    pub(crate) kek: &'a Kek,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) now: Timestamp,
}

/// Makes the keys that a database lacks.
pub(crate) struct KeyFactory<'a> {
    pub(crate) store: &'a Store,
    pub(crate) maker: KeyMaker<'a>,
}

impl<'a> KeyFactory<'a> {
    /// The factory of a running system, for a verb that needs a key.
    pub(crate) fn of(allowed: &Allowed<'a>) -> Self {
        let cx = allowed.cx();
        let maker = KeyMaker { kek: &cx.app.kek, entropy: &*cx.app.entropy, now: cx.now };
        Self { store: &cx.app.store, maker }
    }

    /// Makes an active key for each purpose that has none. Two issuers may start at once: the database keeps one of each.
    /// Nothing is sealed under a key-encryption key that does not open what is there.
    pub(crate) async fn ensure(&self, purposes: &[KeyPurpose]) -> Result<(), KeyError> {
        let keys = self.store.read(|tx| async move { tx.keys().list().await }).await?;
        for key in &keys {
            self.maker.kek.open(key)?;
        }
        for purpose in purposes {
            if keys.iter().any(|key| key.purpose == *purpose && key.state == KeyState::Active) {
                continue;
            }
            let key = &self.maker.make(*purpose, KeyState::Active)?;
            self.store.write(|tx| async move { tx.keys().insert(key).await }).await?;
        }
        Ok(())
    }
}

impl KeyMaker<'_> {
    pub(super) fn make(&self, purpose: KeyPurpose, state: KeyState) -> Result<StoredKey, KeyError> {
        let private = match purpose.algorithm() {
            Some(alg) => SigningKey::generate(alg)?.to_pkcs8(),
            None => Zeroizing::new(self.random::<32>().to_vec()),
        };
        let id = KeyId::from_random(self.random());
        let activated_at = (state == KeyState::Active).then_some(self.now);
        let sealed = self.kek.seal(id, purpose, self.random(), &private);
        Ok(StoredKey { id, purpose, state, sealed, created_at: self.now, activated_at, due_at: None })
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

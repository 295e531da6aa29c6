//! What a statement is about (WebAuthn section 6.5.2, the verification procedure inputs).

use crate::authenticator_data::{AttestedCredential, AuthenticatorData};
use crate::credential_key::CredentialKey;

/// The credential and the registration that a statement must belong to.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) authenticator_data: &'a [u8],
    pub(crate) parsed: &'a AuthenticatorData<'a>,
    pub(crate) credential: &'a AttestedCredential<'a>,
    pub(crate) key: &'a CredentialKey,
    pub(crate) client_data_hash: &'a [u8; 32],
}

impl Subject<'_> {
    /// What most formats sign: authenticator data and the hash of the client data.
    pub(crate) fn signed(&self) -> Vec<u8> {
        [self.authenticator_data, self.client_data_hash].concat()
    }
}

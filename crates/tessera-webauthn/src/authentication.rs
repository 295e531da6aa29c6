//! Authentication with a known credential (WebAuthn section 7.2).

use crate::authenticator_data::{AuthenticatorData, AuthenticatorDataError, Flags};
use crate::client_data::{self, Ceremony, ClientDataError};
use crate::credential_key::{CredentialKey, CredentialKeyError};
use crate::key::WrongSignature;
use crate::relying_party::{RelyingParty, UserVerification};

/// What the caller asked for when it began the authentication.
#[derive(Clone, Copy, Debug)]
pub struct Authentication<'a> {
    /// Who asked.
    pub relying_party: &'a RelyingParty,
    /// The challenge of this authentication. The caller lets each count once.
    pub challenge: &'a [u8],
    /// Whether the person must have been verified.
    pub user_verification: UserVerification,
    /// How the caller knows who it is.
    pub identification: Identification,
}

/// How the user was identified (section 7.2 step 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identification {
    /// Before the ceremony, by a name or a session. A user handle in the response must fit if it is there.
    Before,
    /// By the user handle in the response, which must be there.
    ByUserHandle,
}

/// What the caller stored about the credential that the response names. The caller looks it up by the id in the response, and
/// only among those that it offered, if it offered any (steps 5 and 6).
#[derive(Clone, Copy, Debug)]
pub struct StoredCredential<'a> {
    /// [`Registered::public_key`](crate::Registered::public_key).
    pub public_key: &'a [u8],
    /// The last counter.
    pub sign_count: u32,
    /// [`Flags::backup_eligible`] at the registration.
    pub backup_eligible: bool,
    /// The user handle of the user that the credential belongs to.
    pub user_handle: &'a [u8],
}

/// What the browser answered (`AuthenticatorAssertionResponse`), decoded from base64url.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticationResponse<'a> {
    /// `clientDataJSON`.
    pub client_data_json: &'a [u8],
    /// `authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `signature`.
    pub signature: &'a [u8],
    /// `userHandle`.
    pub user_handle: Option<&'a [u8]>,
}

/// A verified authentication. The caller stores counter and [`Flags::backed_up`] (step 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// What the authenticator says about the person and about backups.
    pub flags: Flags,
    /// The new counter.
    pub sign_count: u32,
    /// What the counter tells. It is no error: the caller decides.
    pub counter: Counter,
}

/// What the signature counter tells (section 7.2 step 22, section 6.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// The authenticator does not count: both numbers are zero.
    NotUsed,
    /// The number is higher than the last one.
    Advanced,
    /// The number is not higher than the last one. A clone of the authenticator may be in use.
    WentBack,
}

impl Counter {
    const fn compare(last: u32, new: u32) -> Self {
        match (last, new) {
            (0, 0) => Self::NotUsed,
            _ if new > last => Self::Advanced,
            _ => Self::WentBack,
        }
    }
}

/// Why an authentication is refused, by the step that refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// Step 6: the response is for another user, or names none though it must.
    #[error("user handle: missing, or that of another user")]
    UserHandle,
    /// Steps 8 to 14.
    #[error("client data: {0}")]
    ClientData(#[from] ClientDataError),
    /// Steps 15 to 18.
    #[error("authenticator data: {0}")]
    AuthenticatorData(#[from] AuthenticatorDataError),
    /// Step 19: the credential could be backed up and can not any more, or the other way round. That never happens to a
    /// credential (section 6.1.3).
    #[error("backup eligibility: it changed since the registration")]
    BackupEligibility,
    /// Step 21: what the caller stored is not the key of a credential.
    #[error("stored key: {0}")]
    StoredKey(#[from] CredentialKeyError),
    /// Step 21.
    #[error("signature: {0}")]
    Signature(#[from] WrongSignature),
}

impl Authentication<'_> {
    /// Verifies the response to this authentication, in the order of section 7.2.
    ///
    /// # Errors
    /// [`AuthenticationError`].
    pub fn verify(
        &self,
        credential: &StoredCredential<'_>,
        response: &AuthenticationResponse<'_>,
    ) -> Result<Authenticated, AuthenticationError> {
        match response.user_handle {
            Some(handle) if handle == credential.user_handle => {}
            None if self.identification == Identification::Before => {}
            _ => return Err(AuthenticationError::UserHandle),
        }
        let client_data_hash =
            client_data::check(Ceremony::Get, self.relying_party, self.challenge, response.client_data_json)?;
        let parsed = AuthenticatorData::parse(response.authenticator_data)?;
        if parsed.credential.is_some() {
            return Err(AuthenticatorDataError::UnexpectedCredential.into());
        }
        parsed.check(self.relying_party, self.user_verification)?;
        if parsed.flags.backup_eligible() != credential.backup_eligible {
            return Err(AuthenticationError::BackupEligibility);
        }
        let key = CredentialKey::parse(credential.public_key)?;
        let signed = [response.authenticator_data, &client_data_hash].concat();
        key.verify(&signed, response.signature)?;
        Ok(Authenticated {
            flags: parsed.flags,
            sign_count: parsed.sign_count,
            counter: Counter::compare(credential.sign_count, parsed.sign_count),
        })
    }
}

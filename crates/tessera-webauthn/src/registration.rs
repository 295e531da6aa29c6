//! Registration of a new credential (WebAuthn section 7.1).

use crate::algorithm::CoseAlgorithm;
use crate::attestation::{
    self, Attestation, AttestationError, AttestationObject, AttestationObjectError, AttestationPolicy,
    Format, Subject,
};
use crate::authenticator_data::{Aaguid, AuthenticatorData, AuthenticatorDataError, Flags};
use crate::client_data::{self, Ceremony, ClientDataError};
use crate::credential_key::{CredentialKey, CredentialKeyError};
use crate::relying_party::{RelyingParty, UserVerification};

/// The most transports that a response may name.
pub const MAX_TRANSPORTS: usize = 16;

/// The longest name of a transport, in bytes.
pub const MAX_TRANSPORT_LEN: usize = 32;

/// What the caller asked for when it began the registration.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// Who asked.
    pub relying_party: &'a RelyingParty,
    /// The challenge of this registration. The caller lets each count once.
    pub challenge: &'a [u8],
    /// Whether the person must have been verified.
    pub user_verification: UserVerification,
    /// The algorithms that were offered.
    pub algorithms: &'a [CoseAlgorithm],
    /// Whether the caller wants to know the authenticator.
    pub attestation: AttestationPolicy,
}

/// What the browser answered (`AuthenticatorAttestationResponse`), decoded from base64url.
#[derive(Clone, Copy, Debug)]
pub struct RegistrationResponse<'a> {
    /// `clientDataJSON`.
    pub client_data_json: &'a [u8],
    /// `attestationObject`.
    pub attestation_object: &'a [u8],
    /// What `getTransports()` returned. Nobody signs it: it is a hint for later ceremonies.
    pub transports: &'a [&'a str],
}

/// A verified registration. Before it is stored, the caller checks that no user has the credential id yet (step 26), and whether
/// the attestation is acceptable (step 24).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// 1 to [`MAX_CREDENTIAL_ID_LEN`](crate::MAX_CREDENTIAL_ID_LEN) bytes.
    pub credential_id: Vec<u8>,
    /// The public key as the authenticator wrote it, in COSE. Later authentications need exactly these bytes.
    pub public_key: Vec<u8>,
    /// The algorithm of the key, one of those that were offered.
    pub algorithm: CoseAlgorithm,
    /// What the authenticator says about the person and about backups.
    pub flags: Flags,
    /// The signature counter. Zero at many authenticators that do not count.
    pub sign_count: u32,
    /// The model that the authenticator claims to be. See [`Self::attested_aaguid`].
    pub aaguid: Aaguid,
    /// The transports, each once, in the order of the response.
    pub transports: Vec<String>,
    /// Who vouches for the authenticator.
    pub attestation: Attestation,
}

impl Registered {
    /// The model, if a statement with certificates covers it. It is worth as much as the chain, which the caller checks against the
    /// roots of this model.
    pub fn attested_aaguid(&self) -> Option<Aaguid> {
        match self.attestation {
            Attestation::Certified { format: Format::FidoU2f, .. }
            | Attestation::None
            | Attestation::SelfSigned
            | Attestation::Unverified { .. } => None,
            Attestation::Certified { .. } => Some(self.aaguid),
        }
    }
}

/// Why a registration is refused, by the step that refused it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// Steps 5 to 11.
    #[error("client data: {0}")]
    ClientData(#[from] ClientDataError),
    /// Step 13.
    #[error("attestation object: {0}")]
    AttestationObject(#[from] AttestationObjectError),
    /// Steps 14 to 17, and 25.
    #[error("authenticator data: {0}")]
    AuthenticatorData(#[from] AuthenticatorDataError),
    /// Step 20.
    #[error("credential key: {0}")]
    CredentialKey(#[from] CredentialKeyError),
    /// Steps 21 and 22.
    #[error("attestation statement: {0}")]
    Attestation(#[from] AttestationError),
    /// The transports, which have no step: more than [`MAX_TRANSPORTS`], or a name that is empty, longer than
    /// [`MAX_TRANSPORT_LEN`] or not printable.
    #[error("transports: too many, or not names")]
    Transports,
}

impl Registration<'_> {
    /// Verifies the response to this registration, in the order of section 7.1.
    ///
    /// # Errors
    /// [`RegistrationError`].
    pub fn verify(&self, response: &RegistrationResponse<'_>) -> Result<Registered, RegistrationError> {
        let client_data_hash = client_data::check(
            Ceremony::Create,
            self.relying_party,
            self.challenge,
            response.client_data_json,
        )?;
        let object = AttestationObject::parse(response.attestation_object)?;
        let parsed = AuthenticatorData::parse(object.authenticator_data)?;
        parsed.check(self.relying_party, self.user_verification)?;
        let credential = parsed.credential.as_ref().ok_or(AuthenticatorDataError::NoCredential)?;
        let key = CredentialKey::parse(credential.key)?;
        if !self.algorithms.contains(&key.algorithm) {
            return Err(CredentialKeyError::Algorithm(key.algorithm.number()).into());
        }
        let subject = Subject {
            authenticator_data: object.authenticator_data,
            parsed: &parsed,
            credential,
            key: &key,
            client_data_hash: &client_data_hash,
        };
        let attestation = attestation::verify(&object, &subject, self.attestation)?;
        Ok(Registered {
            credential_id: credential.id.to_vec(),
            public_key: credential.key.to_vec(),
            algorithm: key.algorithm,
            flags: parsed.flags,
            sign_count: parsed.sign_count,
            aaguid: credential.aaguid,
            transports: transports(response.transports)?,
            attestation,
        })
    }
}

/// Names of transports that nobody knows yet are kept (section 5.8.4).
fn transports(names: &[&str]) -> Result<Vec<String>, RegistrationError> {
    let is_name = |name: &str| {
        (1..=MAX_TRANSPORT_LEN).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
    };
    if names.len() > MAX_TRANSPORTS || !names.iter().all(|name| is_name(name)) {
        return Err(RegistrationError::Transports);
    }
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.iter().any(|other| other == name) {
            kept.push((*name).to_owned());
        }
    }
    Ok(kept)
}

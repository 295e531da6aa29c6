//! What the authenticator says: authenticator data (WebAuthn section 6.1) and the checks that both ceremonies share.

use std::fmt;

use crate::cbor::{CborError, Reader};
use crate::relying_party::{RelyingParty, UserVerification};

/// The longest credential id, in bytes (section 7.1 step 25).
pub const MAX_CREDENTIAL_ID_LEN: usize = 1023;

/// Why authenticator data are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticatorDataError {
    /// The data end before their fixed fields do.
    #[error("too short")]
    Truncated,
    /// The credential key or the extensions are not canonical CBOR, or bytes follow that no flag announces.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The credential belongs to another relying party.
    #[error("the credential is for another relying party")]
    RelyingParty,
    /// Nobody touched the authenticator (flag UP).
    #[error("no user was present")]
    UserPresence,
    /// The authenticator did not verify the person (flag UV), though the caller requires it.
    #[error("the user was not verified")]
    UserVerification,
    /// The credential is backed up (flag BS) though it can not be (flag BE), which section 6.1.3 rules out.
    #[error("backed up, but not eligible for backup")]
    BackupState,
    /// A registration without a credential (flag AT).
    #[error("no credential is attached")]
    NoCredential,
    /// A credential (flag AT) in an authentication.
    #[error("a credential is attached to an authentication")]
    UnexpectedCredential,
    /// The credential id is empty or longer than [`MAX_CREDENTIAL_ID_LEN`].
    #[error("the credential id is empty or too long")]
    CredentialId,
}

/// The model of an authenticator (section 6.5.1). All zeros if the authenticator does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Aaguid(pub [u8; 16]);

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

/// The flags of section 6.1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    const UP: u8 = 1;
    const UV: u8 = 1 << 2;
    const BE: u8 = 1 << 3;
    const BS: u8 = 1 << 4;
    const AT: u8 = 1 << 6;
    const ED: u8 = 1 << 7;

    /// UP: somebody touched the authenticator.
    pub const fn user_present(self) -> bool {
        self.has(Self::UP)
    }

    /// UV: the authenticator verified the person.
    pub const fn user_verified(self) -> bool {
        self.has(Self::UV)
    }

    /// BE: the key may leave the authenticator and exist on several devices. This never changes during the life of a credential.
    pub const fn backup_eligible(self) -> bool {
        self.has(Self::BE)
    }

    /// BS: the key is backed up now.
    pub const fn backed_up(self) -> bool {
        self.has(Self::BS)
    }

    const fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [(Self::UP, "UP"), (Self::UV, "UV"), (Self::BE, "BE"), (Self::BS, "BS")];
        f.debug_set().entries(names.iter().filter(|(flag, _)| self.has(*flag)).map(|(_, name)| name)).finish()
    }
}

/// The parts of authenticator data.
#[derive(Debug)]
pub(crate) struct AuthenticatorData<'a> {
    pub(crate) rp_id_hash: &'a [u8; 32],
    pub(crate) flags: Flags,
    pub(crate) sign_count: u32,
    pub(crate) credential: Option<AttestedCredential<'a>>,
}

/// A new credential (section 6.5.1).
#[derive(Debug)]
pub(crate) struct AttestedCredential<'a> {
    pub(crate) aaguid: Aaguid,
    pub(crate) id: &'a [u8],
    /// The COSE key. Only its encoding has been checked.
    pub(crate) key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, AuthenticatorDataError> {
        const TRUNCATED: AuthenticatorDataError = AuthenticatorDataError::Truncated;
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or(TRUNCATED)?;
        let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(TRUNCATED)?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>().ok_or(TRUNCATED)?;
        let flags = Flags(*flags);
        let mut head = None;
        if flags.has(Flags::AT) {
            let (aaguid, after) = rest.split_first_chunk::<16>().ok_or(TRUNCATED)?;
            let (len, after) = after.split_first_chunk::<2>().ok_or(TRUNCATED)?;
            let len = usize::from(u16::from_be_bytes(*len));
            if !(1..=MAX_CREDENTIAL_ID_LEN).contains(&len) {
                return Err(AuthenticatorDataError::CredentialId);
            }
            let (id, after) = after.split_at_checked(len).ok_or(TRUNCATED)?;
            (head, rest) = (Some((Aaguid(*aaguid), id)), after);
        }
        let mut cbor = Reader::new(rest)?;
        let mut credential = None;
        if let Some((aaguid, id)) = head {
            credential = Some(AttestedCredential { aaguid, id, key: cbor.raw()? });
        }
        // Section 6.1: a map of extension outputs stands here exactly if the flag says so. None of them is used.
        if flags.has(Flags::ED) {
            cbor.skip_map()?;
        }
        cbor.end()?;
        Ok(Self { rp_id_hash, flags, sign_count: u32::from_be_bytes(*sign_count), credential })
    }

    /// Section 7.1 steps 14 to 17, section 7.2 steps 15 to 18.
    pub(crate) fn check(
        &self,
        rp: &RelyingParty,
        user_verification: UserVerification,
    ) -> Result<(), AuthenticatorDataError> {
        if self.rp_id_hash != rp.id_hash() {
            return Err(AuthenticatorDataError::RelyingParty);
        }
        if !self.flags.user_present() {
            return Err(AuthenticatorDataError::UserPresence);
        }
        if user_verification == UserVerification::Required && !self.flags.user_verified() {
            return Err(AuthenticatorDataError::UserVerification);
        }
        if self.flags.backed_up() && !self.flags.backup_eligible() {
            return Err(AuthenticatorDataError::BackupState);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_aaguid_reads_like_a_uuid() {
        let mut bytes = [0; 16];
        (bytes[0], bytes[15]) = (0xee, 0x01);
        assert_eq!(Aaguid(bytes).to_string(), "ee000000-0000-0000-0000-000000000001");
    }

    #[test]
    fn flags_read_by_their_names() {
        let flags = Flags(0x5d);
        assert_eq!(format!("{flags:?}"), r#"{"UP", "UV", "BE", "BS"}"#);
    }

    proptest! {
        #[test]
        fn l37_arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 30..200)) {
            let _ = AuthenticatorData::parse(&bytes);
        }
    }
}

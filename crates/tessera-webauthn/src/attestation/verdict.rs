//! What the verification of a statement says to the caller (WebAuthn sections 6.5.3 and 7.1 step 24).

/// Whether the caller wants to know which authenticator made a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttestationPolicy {
    /// The caller asked for no attestation. A statement of a format that is not verified here gives
    /// [`Attestation::Unverified`], and proves nothing. A statement of a format that is verified here still must be right.
    #[default]
    NotWanted,
    /// A statement of a format that is not verified here is an error. The caller decides which of the other verdicts it accepts:
    /// browsers may replace a statement by `none`.
    Wanted,
}

/// Who vouches for a new credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attestation {
    /// Nobody: the format is `none`. Model and flags are what the browser claims.
    None,
    /// The credential itself (section 6.5.3, self attestation). This proves that the credential key was there, but no model.
    SelfSigned,
    /// The holder of a certificate. This says something only if the chain ends at a root that the caller trusts. This crate
    /// has verified the statement, not the chain: neither its signatures, nor its times, nor its revocation.
    Certified {
        /// The format of the statement.
        format: Format,
        /// Who holds the attestation key.
        voucher: Voucher,
        /// The certificates in DER, the one of the attestation key first. Only that one has been read.
        chain: Vec<Vec<u8>>,
    },
    /// Nobody: this crate does not verify the format, and the policy is [`AttestationPolicy::NotWanted`].
    Unverified {
        /// The name of the format, 1 to [`MAX_FORMAT_LEN`](super::MAX_FORMAT_LEN) printable characters.
        format: String,
    },
}

/// The format of a statement with certificates (sections 8.2 to 8.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `packed`, section 8.2.
    Packed,
    /// `tpm`, section 8.3.
    Tpm,
    /// `android-key`, section 8.4.
    AndroidKey,
    /// `fido-u2f`, section 8.6.
    FidoU2f,
    /// `apple`, section 8.8.
    Apple,
}

/// Who holds the attestation key (section 6.5.3). The type of the statement shows it, as far as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Voucher {
    /// Many authenticators of one model share the key.
    Basic,
    /// An attestation CA certified a key of this authenticator alone.
    AttestationCa,
    /// One of the two above. The statement does not tell which.
    BasicOrAttestationCa,
    /// An anonymization CA certified the credential key itself.
    AnonymizationCa,
}

//! `tpm` (WebAuthn section 8.3, TPM 2.0 library part 2).

mod structures;
mod verify;

pub(super) use self::verify::verify;

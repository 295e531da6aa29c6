//! Which format is verified how (WebAuthn section 7.1 steps 20 and 21).

use super::error::AttestationError;
use super::object::AttestationObject;
use super::subject::Subject;
use super::verdict::{Attestation, AttestationPolicy};
use super::{android_key, apple, fido_u2f, packed, statement::Statement, tpm};

/// Verifies the statement of an attestation object.
pub(crate) fn verify(
    object: &AttestationObject<'_>,
    subject: &Subject<'_>,
    policy: AttestationPolicy,
) -> Result<Attestation, AttestationError> {
    let statement = || Statement::parse(object.statement);
    match object.format {
        "none" => none(&statement()?),
        "packed" => packed::verify(&statement()?, subject),
        "tpm" => tpm::verify(&statement()?, subject),
        "android-key" => android_key::verify(&statement()?, subject),
        "fido-u2f" => fido_u2f::verify(&statement()?, subject),
        "apple" => apple::verify(&statement()?, subject),
        other => match policy {
            AttestationPolicy::NotWanted => Ok(Attestation::Unverified { format: other.to_owned() }),
            AttestationPolicy::Wanted => Err(AttestationError::UnsupportedFormat(other.to_owned())),
        },
    }
}

/// Section 8.7: the statement is empty.
fn none(statement: &Statement<'_>) -> Result<Attestation, AttestationError> {
    if *statement == Statement::default() { Ok(Attestation::None) } else { Err(AttestationError::Members) }
}

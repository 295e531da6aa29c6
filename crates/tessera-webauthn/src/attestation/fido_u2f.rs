//! `fido-u2f` (WebAuthn section 8.6). Neither the model nor the flags nor the counter are part of what is signed.

use tessera_jose::jwk::{Curve, Material};

use super::certificate::{Certificate, CertificateError};
use super::error::AttestationError;
use super::statement::Statement;
use super::subject::Subject;
use super::verdict::{Attestation, Format, Voucher};
use crate::algorithm::CoseAlgorithm;

pub(super) fn verify(
    statement: &Statement<'_>,
    subject: &Subject<'_>,
) -> Result<Attestation, AttestationError> {
    let Statement { alg: None, sig: Some(sig), x5c: Some(chain), ver: None, cert_info: None, pub_area: None } =
        statement
    else {
        return Err(AttestationError::Members);
    };
    if !chain.above.is_empty() {
        return Err(AttestationError::ChainLength);
    }
    let Material::Ec { curve: Curve::P256, x, y } = subject.key.public.material() else {
        return Err(AttestationError::AlgorithmMismatch);
    };
    let key = Certificate::parse(chain.leaf)?.key()?.ok_or(CertificateError::UnsupportedKey)?;
    // Refuses any key but one on P-256.
    let verifier = key.verifier(CoseAlgorithm::Es256)?;
    let id = subject.credential.id;
    let signed: [&[u8]; 7] = [&[0], subject.parsed.rp_id_hash, subject.client_data_hash, id, &[4], x, y];
    verifier.verify(&signed.concat(), sig)?;
    let (format, voucher) = (Format::FidoU2f, Voucher::BasicOrAttestationCa);
    Ok(Attestation::Certified { format, voucher, chain: chain.to_der() })
}

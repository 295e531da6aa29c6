//! The public key of a credential, as the authenticator wrote it (WebAuthn section 6.5.1.1, RFC 9052 section 7, RFC 8230 section 4).

use tessera_jose::jwk::Curve;

use crate::algorithm::CoseAlgorithm;
use crate::cbor::{CborError, Key, Reader};
use crate::key::{BadKey, PublicKey, Verifier, WrongSignature};

/// Why a COSE key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialKeyError {
    /// Not canonical CBOR, or a member has another type.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The key is for an algorithm that this crate does not verify, or that the caller does not accept.
    #[error("algorithm {0} is not accepted")]
    Algorithm(i64),
    /// A parameter is missing, does not belong to a key of this algorithm, or has a value that the algorithm does not allow.
    #[error("the parameters do not fit the algorithm")]
    Parameters,
    /// The key is malformed or weak.
    #[error(transparent)]
    Key(#[from] BadKey),
}

/// A credential's key, checked and ready to verify.
#[derive(Clone, Debug)]
pub(crate) struct CredentialKey {
    pub(crate) algorithm: CoseAlgorithm,
    pub(crate) public: PublicKey,
    verifier: Verifier,
}

impl CredentialKey {
    /// Reads a COSE key. It must have the parameters that its algorithm requires, and no others.
    pub(crate) fn parse(cose: &[u8]) -> Result<Self, CredentialKeyError> {
        let parameters = Parameters::read(cose)?;
        let number = parameters.alg.ok_or(CredentialKeyError::Parameters)?;
        let algorithm = CoseAlgorithm::from_number(number).ok_or(CredentialKeyError::Algorithm(number))?;
        let public = parameters.public_key(algorithm)?;
        let verifier = public.verifier(algorithm)?;
        Ok(Self { algorithm, public, verifier })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), WrongSignature> {
        self.verifier.verify(message, signature)
    }
}

/// The members of a COSE key. What -1, -2 and -3 mean depends on the type of the key.
#[derive(Default)]
struct Parameters<'a> {
    kty: Option<i64>,
    alg: Option<i64>,
    minus_1: Option<Value<'a>>,
    minus_2: Option<&'a [u8]>,
    minus_3: Option<&'a [u8]>,
}

/// The curve, or the modulus of an RSA key.
#[derive(Clone, Copy)]
enum Value<'a> {
    Curve(i64),
    Bytes(&'a [u8]),
}

impl<'a> Parameters<'a> {
    fn read(cose: &'a [u8]) -> Result<Self, CredentialKeyError> {
        const RSA: i64 = 3;
        let mut parameters = Self::default();
        let mut reader = Reader::new(cose)?;
        reader.map(|reader, key| {
            match key {
                Key::Integer(1) => parameters.kty = Some(reader.integer()?),
                Key::Integer(3) => parameters.alg = Some(reader.integer()?),
                // Keys are sorted, so the type is known.
                Key::Integer(-1) if parameters.kty == Some(RSA) => {
                    parameters.minus_1 = Some(Value::Bytes(reader.bytes()?));
                }
                Key::Integer(-1) => parameters.minus_1 = Some(Value::Curve(reader.integer()?)),
                Key::Integer(-2) => parameters.minus_2 = Some(reader.bytes()?),
                Key::Integer(-3) => parameters.minus_3 = Some(reader.bytes()?),
                _ => return Err(CredentialKeyError::Parameters),
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(parameters)
    }

    /// Section 5.8.5 ties each algorithm to one type and one curve. A compressed point is no byte string and was refused before.
    fn public_key(&self, algorithm: CoseAlgorithm) -> Result<PublicKey, CredentialKeyError> {
        const OKP: i64 = 1;
        const EC2: i64 = 2;
        const RSA: i64 = 3;
        let kty = self.kty.ok_or(CredentialKeyError::Parameters)?;
        let key = match (algorithm, kty, self.minus_1, self.minus_2, self.minus_3) {
            (CoseAlgorithm::Es256, EC2, Some(Value::Curve(1)), Some(x), Some(y)) => {
                PublicKey::ec(Curve::P256, x, y)?
            }
            (CoseAlgorithm::Es384, EC2, Some(Value::Curve(2)), Some(x), Some(y)) => {
                PublicKey::ec(Curve::P384, x, y)?
            }
            (CoseAlgorithm::EdDsa, OKP, Some(Value::Curve(6)), Some(x), None) => PublicKey::ed25519(x)?,
            (CoseAlgorithm::Rs256, RSA, Some(Value::Bytes(n)), Some(e), None) => PublicKey::rsa(n, e)?,
            _ => return Err(CredentialKeyError::Parameters),
        };
        Ok(key)
    }
}

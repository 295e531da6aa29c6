//! An authenticator and its browser. Every field can be set to what no honest one would say.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256,
};
use tessera_jose::{base64url, digest};
use tessera_webauthn::{
    AttestationPolicy, Authenticated, Authentication, AuthenticationError, AuthenticationResponse,
    CoseAlgorithm, Identification, Registered, Registration, RegistrationError, RegistrationResponse,
    RelyingParty, StoredCredential, UserVerification,
};

use crate::cbor::Value;

pub(crate) const RP_ID: &str = "example.org";
pub(crate) const ORIGIN: &str = "https://login.example.org";
pub(crate) const CHALLENGE: [u8; 32] = [0xc4; 32];
pub(crate) const USER: &[u8] = b"user-17";

pub(crate) const UP: u8 = 0x01;
pub(crate) const UV: u8 = 0x04;
pub(crate) const BE: u8 = 0x08;
pub(crate) const BS: u8 = 0x10;
pub(crate) const AT: u8 = 0x40;
pub(crate) const ED: u8 = 0x80;

pub(crate) enum KeyPair {
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl KeyPair {
    pub(crate) fn generate(algorithm: CoseAlgorithm) -> Self {
        match algorithm {
            CoseAlgorithm::Es256 => {
                Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
            }
            CoseAlgorithm::Es384 => {
                Self::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap())
            }
            CoseAlgorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::generate().unwrap()),
            CoseAlgorithm::Rs256 => Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        }
    }

    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        match self {
            Self::P256(pair) | Self::P384(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => pair.as_der().unwrap().as_ref().to_vec(),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::P256(pair) | Self::P384(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// The coordinates of a key on a curve.
    pub(crate) fn point(&self) -> (Vec<u8>, Vec<u8>) {
        let (Self::P256(pair) | Self::P384(pair)) = self else { panic!("not on a curve") };
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        (x.to_vec(), y.to_vec())
    }

    /// The modulus of an RSA key of 2048 bits, whose exponent is 65537.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        let Self::Rsa(pair) = self else { panic!("no RSA key") };
        let der = pair.public_key().as_ref();
        assert_eq!(der[der.len() - 5..], [2, 3, 1, 0, 1]);
        der[der.len() - 5 - 256..der.len() - 5].to_vec()
    }

    pub(crate) fn cose(&self) -> Value {
        match self {
            Self::P256(_) | Self::P384(_) => {
                let (x, y) = self.point();
                let (alg, curve) = if matches!(self, Self::P256(_)) { (-7, 1) } else { (-35, 2) };
                ec_cose(alg, curve, &x, &y)
            }
            Self::Ed25519(pair) => Value::numbered(vec![
                (1, Value::Int(1)),
                (3, Value::Int(-8)),
                (-1, Value::Int(6)),
                (-2, Value::bytes(pair.public_key().as_ref())),
            ]),
            Self::Rsa(_) => {
                let (n, e) = (self.modulus(), [1, 0, 1]);
                Value::numbered(vec![
                    (1, Value::Int(3)),
                    (3, Value::Int(-257)),
                    (-1, Value::bytes(&n)),
                    (-2, Value::bytes(&e)),
                ])
            }
        }
    }
}

pub(crate) fn ec_cose(alg: i64, curve: i64, x: &[u8], y: &[u8]) -> Value {
    Value::numbered(vec![
        (1, Value::Int(2)),
        (3, Value::Int(alg)),
        (-1, Value::Int(curve)),
        (-2, Value::bytes(x)),
        (-3, Value::bytes(y)),
    ])
}

/// What the browser says, as text of JSON.
pub(crate) struct ClientData {
    pub(crate) r#type: &'static str,
    pub(crate) challenge: Vec<u8>,
    pub(crate) origin: &'static str,
    pub(crate) rest: &'static str,
}

impl ClientData {
    pub(crate) fn create() -> Self {
        let (challenge, rest) = (CHALLENGE.to_vec(), r#","crossOrigin":false"#);
        Self { r#type: "webauthn.create", challenge, origin: ORIGIN, rest }
    }

    pub(crate) fn get() -> Self {
        Self { r#type: "webauthn.get", ..Self::create() }
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        let challenge = base64url::encode(&self.challenge);
        let Self { r#type, origin, rest, .. } = self;
        format!(r#"{{"type":"{type}","challenge":"{challenge}","origin":"{origin}"{rest}}}"#).into_bytes()
    }
}

pub(crate) struct Authenticator {
    pub(crate) key: KeyPair,
    /// What it says its key is.
    pub(crate) cose: Value,
    pub(crate) rp_id: &'static str,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) aaguid: [u8; 16],
    pub(crate) id: Vec<u8>,
    /// What follows, such as outputs of extensions.
    pub(crate) rest: Vec<u8>,
    pub(crate) client_data: ClientData,
}

impl Authenticator {
    pub(crate) fn new(algorithm: CoseAlgorithm) -> Self {
        let key = KeyPair::generate(algorithm);
        Self {
            cose: key.cose(),
            key,
            rp_id: RP_ID,
            flags: UP | UV | BE | AT,
            counter: 3,
            aaguid: [0xaa; 16],
            id: vec![0x1d; 32],
            rest: Vec::new(),
            client_data: ClientData::create(),
        }
    }

    pub(crate) fn es256() -> Self {
        Self::new(CoseAlgorithm::Es256)
    }

    pub(crate) fn authenticator_data(&self) -> Vec<u8> {
        let mut data = digest::sha256(self.rp_id.as_bytes()).to_vec();
        data.push(self.flags);
        data.extend(self.counter.to_be_bytes());
        if self.flags & AT != 0 {
            data.extend(self.aaguid);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            data.extend(self.cose.encode());
        }
        data.extend(&self.rest);
        data
    }

    /// What is signed in most formats and in authentications.
    pub(crate) fn signed(&self) -> Vec<u8> {
        [self.authenticator_data(), digest::sha256(&self.client_data.json()).to_vec()].concat()
    }

    pub(crate) fn object(&self, format: &'static str, statement: Value) -> Vec<u8> {
        let members = vec![
            ("fmt", Value::Text(format)),
            ("attStmt", statement),
            ("authData", Value::Bytes(self.authenticator_data())),
        ];
        Value::named(members).encode()
    }

    pub(crate) fn unattested(&self) -> Vec<u8> {
        self.object("none", Value::Map(vec![]))
    }

    /// The statement of self attestation.
    pub(crate) fn self_attested(&self, alg: i64) -> Vec<u8> {
        let sig = Value::Bytes(self.key.sign(&self.signed()));
        self.object("packed", Value::named(vec![("alg", Value::Int(alg)), ("sig", sig)]))
    }

    /// Registers without attestation.
    pub(crate) fn register(&self) -> Result<Registered, RegistrationError> {
        self.register_with(&self.unattested(), AttestationPolicy::NotWanted)
    }

    pub(crate) fn register_with(
        &self,
        object: &[u8],
        attestation: AttestationPolicy,
    ) -> Result<Registered, RegistrationError> {
        register(&self.client_data.json(), object, attestation)
    }

    /// Says what it says in an authentication.
    pub(crate) fn authenticating(mut self) -> Self {
        self.flags &= !AT;
        self.counter += 1;
        self.client_data = ClientData::get();
        self
    }

    pub(crate) fn authenticate(&self, stored: &Stored) -> Result<Authenticated, AuthenticationError> {
        let (json, data) = (self.client_data.json(), self.authenticator_data());
        let signature = self.key.sign(&self.signed());
        stored.authenticate(&json, &data, &signature)
    }
}

pub(crate) fn relying_party() -> RelyingParty {
    RelyingParty::new(RP_ID, [ORIGIN])
}

pub(crate) fn register(
    client_data_json: &[u8],
    attestation_object: &[u8],
    attestation: AttestationPolicy,
) -> Result<Registered, RegistrationError> {
    let registration = Registration {
        relying_party: &relying_party(),
        challenge: &CHALLENGE,
        user_verification: UserVerification::Required,
        algorithms: &CoseAlgorithm::ALL,
        attestation,
    };
    registration.verify(&RegistrationResponse {
        client_data_json,
        attestation_object,
        transports: &["internal", "hybrid"],
    })
}

/// A stored credential and how its user comes.
pub(crate) struct Stored {
    pub(crate) public_key: Vec<u8>,
    pub(crate) sign_count: u32,
    pub(crate) backup_eligible: bool,
    pub(crate) user_verification: UserVerification,
    pub(crate) identification: Identification,
    pub(crate) user_handle: Option<Vec<u8>>,
}

impl Stored {
    pub(crate) fn of(registered: &Registered) -> Self {
        Self {
            public_key: registered.public_key.clone(),
            sign_count: registered.sign_count,
            backup_eligible: registered.flags.backup_eligible(),
            user_verification: UserVerification::Required,
            identification: Identification::ByUserHandle,
            user_handle: Some(USER.to_vec()),
        }
    }

    pub(crate) fn authenticate(
        &self,
        client_data_json: &[u8],
        authenticator_data: &[u8],
        signature: &[u8],
    ) -> Result<Authenticated, AuthenticationError> {
        let authentication = Authentication {
            relying_party: &relying_party(),
            challenge: &CHALLENGE,
            user_verification: self.user_verification,
            identification: self.identification,
        };
        let credential = StoredCredential {
            public_key: &self.public_key,
            sign_count: self.sign_count,
            backup_eligible: self.backup_eligible,
            user_handle: USER,
        };
        let user_handle = self.user_handle.as_deref();
        let response =
            AuthenticationResponse { client_data_json, authenticator_data, signature, user_handle };
        authentication.verify(&credential, &response)
    }
}

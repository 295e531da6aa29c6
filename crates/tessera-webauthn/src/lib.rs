//! The two ceremonies of Web Authentication level 3, as a relying party verifies them. Pure: no I/O, no clock, no randomness.
//!
//! [`Registration::verify`] follows section 7.1 of the standard, [`Authentication::verify`] section 7.2. Sections are those of
//! WebAuthn level 3 where nothing else is said. The caller makes challenges and lets each count once, knows users and
//! credentials, and holds chains of attestation certificates against its roots.
//!
//! * What comes in has one form. CBOR is canonical, DER is strict, JSON has no member twice, and nothing follows anything
//!   that no flag announces.
//! * A page counts only if its origin is in the list, byte for byte. A ceremony inside a frame of another origin is refused.
//! * The key fixes the algorithm, and a weak key is refused at the registration.
//! * A signature counter that goes back is told, not judged. A backup eligibility that changes is an error.
//!
//! It does not do: conditional registration, where no user is present (section 7.1 step 15); extensions, whose outputs are read over;
//! the `appid` extension; the formats `android-safetynet` and `compound`; SHA-1; ES512 and Ed448.
//!
//! ```
//! use tessera_webauthn::{
//!     Attestation, AttestationPolicy, Authentication, AuthenticationError, AuthenticationResponse, CoseAlgorithm, Counter,
//!     Identification, Registered, Registration, RegistrationError, RegistrationResponse, RelyingParty, StoredCredential,
//!     UserVerification,
//! };
//!
//! fn register(challenge: &[u8], response: &RegistrationResponse) -> Result<Registered, RegistrationError> {
//!     let registration = Registration {
//!         relying_party: &RelyingParty::new("example.org", ["https://login.example.org"]),
//!         challenge,
//!         user_verification: UserVerification::Required,
//!         algorithms: &CoseAlgorithm::ALL,
//!         attestation: AttestationPolicy::NotWanted,
//!     };
//!     registration.verify(response)
//! }
//!
//! fn log_in(
//!     challenge: &[u8],
//!     credential: &StoredCredential,
//!     response: &AuthenticationResponse,
//! ) -> Result<bool, AuthenticationError> {
//!     let authentication = Authentication {
//!         relying_party: &RelyingParty::new("example.org", ["https://login.example.org"]),
//!         challenge,
//!         user_verification: UserVerification::Required,
//!         identification: Identification::ByUserHandle,
//!     };
//!     let authenticated = authentication.verify(credential, response)?;
//!     Ok(authenticated.counter != Counter::WentBack)
//! }
//!
//! // Whatever a browser sends is either verified or refused with the step that failed.
//! let response = RegistrationResponse { client_data_json: b"{}", attestation_object: &[], transports: &[] };
//! let refused = register(&[7; 32], &response).map(|registered| registered.attestation == Attestation::None);
//! assert_eq!(refused.unwrap_err().to_string(), "client data: type is missing");
//! ```

mod algorithm;
mod attestation;
mod authentication;
mod authenticator_data;
mod cbor;
mod client_data;
mod credential_key;
mod der;
mod key;
mod registration;
mod relying_party;

pub use algorithm::CoseAlgorithm;
pub use attestation::{
    Attestation, AttestationError, AttestationObjectError, AttestationPolicy, CertificateError, Format,
    MAX_CERTIFICATE_LEN, MAX_CHAIN_LEN, MAX_FORMAT_LEN, Voucher,
};
pub use authentication::{
    Authenticated, Authentication, AuthenticationError, AuthenticationResponse, Counter, Identification,
    StoredCredential,
};
pub use authenticator_data::{Aaguid, AuthenticatorDataError, Flags, MAX_CREDENTIAL_ID_LEN};
pub use cbor::{CborError, MAX_CBOR_DEPTH, MAX_CBOR_LEN};
pub use client_data::{ClientDataError, MAX_CLIENT_DATA_LEN, MIN_CHALLENGE_LEN};
pub use credential_key::CredentialKeyError;
pub use key::{BadKey, WrongSignature};
pub use registration::{
    MAX_TRANSPORT_LEN, MAX_TRANSPORTS, Registered, Registration, RegistrationError, RegistrationResponse,
};
pub use relying_party::{RelyingParty, UserVerification};

//! One-time codes, and the files that bring their seeds. Pure: no I/O, no clock, no randomness.
//!
//! * [`Hotp`] (RFC 4226) and [`Totp`] (RFC 6238) make and verify codes. A match says which counter or step it was. The caller stores
//!   that and hands it in again, so no code counts twice.
//! * [`otpauth_uri`] and [`qr::svg`] bring a new secret into an authenticator app.
//! * [`pskc`] (RFC 6030) and [`csv`] read the files in which vendors of key fobs deliver the secrets.
//!
//! It does not do: storing, counting wrong attempts, randomness for new secrets, codes sent by SMS or e-mail, challenge and
//! response (OCRA), codes of other lengths than 6 and 8, other periods than 30 and 60 seconds.
//!
//! What a caller must do: seal [`Secret::expose`] before it is stored; store what matched by one conditional statement, before the
//! login goes on; bound the wrong attempts of a person, because six digits are guessed one time in a million for each step that may match.
//!
//! ```
//! use tessera_otp::{Algorithm, Code, Digits, Period, Secret, Totp, TotpState, otpauth_uri, qr};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let random = b"\x01\x9f\x3c\x55\xaa\x10\x42\x87\x6b\xe0\x13\x99\x5d\xc4\x71\x08\x2e\xb6\xf3\x4d";
//! // `random` are 20 fresh random bytes.
//! let secret = Secret::new(random)?;
//! let totp = Totp::new(secret, Algorithm::Sha1, Digits::Six, Period::Seconds30);
//!
//! // Enrolment: the person scans the picture, or types the secret.
//! let uri = otpauth_uri(&totp, "Tessera", "alice@example.com")?;
//! let picture = qr::svg(&uri, "QR code for your authenticator app")?;
//! assert!(picture.starts_with("<svg "));
//! assert_eq!(totp.secret().to_base32_grouped().split(' ').count(), 8);
//!
//! // Login: `now` is the time of the request, `typed` what the person typed.
//! let now = 1_800_000_000;
//! let typed = totp.code(totp.step_at(now)).reveal();
//! let code = Code::parse(&typed, totp.digits())?;
//! let state = TotpState::default();
//! let found = totp.verify(&code, now, &state, 1).ok_or("a wrong code")?;
//!
//! // The caller stores the step. The same code never matches again.
//! let state = TotpState { last_step: Some(found.step), ..state };
//! assert_eq!(totp.verify(&code, now, &state, 1), None);
//! # Ok(())
//! # }
//! ```
//!
//! Reading a seed file, with everything that is wrong in it:
//!
//! ```
//! use tessera_otp::csv::{Format, Reader};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = "serial,secret,type\n\
//!             F-1,3132333435363738393031323334353637383930,totp\n\
//!             F-2,3132,totp\n";
//! for entry in Reader::new(file.as_bytes(), Format::default())? {
//!     let entry = entry?;
//!     match entry.seed {
//!         Ok(seed) => assert_eq!(seed.serial, "F-1"),
//!         Err(error) => assert_eq!(
//!             format!("line {}, {:?}: {error}", entry.line, entry.serial),
//!             "line 3, Some(\"F-2\"): the secret has 2 bytes, which is too few"
//!         ),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod algorithm;
pub mod base32;
pub mod code;
pub mod csv;
pub mod enrolment;
mod generator;
pub mod hotp;
mod mac;
pub mod pskc;
pub mod qr;
pub mod secret;
pub mod seed;
mod source;
pub mod totp;

pub use algorithm::{Algorithm, Digits, Period};
pub use code::{Code, NotACode};
pub use enrolment::{LabelError, otpauth_uri};
pub use hotp::Hotp;
pub use secret::{Secret, SecretError};
pub use seed::{Entry, EntryError, FileError, FileProblem, Seed, Token};
pub use totp::{Totp, TotpMatch, TotpState};

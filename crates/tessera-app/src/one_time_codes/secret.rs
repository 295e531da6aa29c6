//! The secret of a device that shows codes, as it is stored.

use std::fmt;

use tessera_model::{AuthenticatorId, FobId, TotpSecret, UserId};
use tessera_otp::{Secret, Totp};

use crate::Cx;

/// The row that a secret is sealed for. One that is moved to another row or another person does not open.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// An authenticator of a person whose codes follow the time.
    Totp(UserId, AuthenticatorId),
    /// One whose codes follow a counter.
    Hotp(UserId, AuthenticatorId),
    /// A fob of the stock.
    Fob(FobId),
}

impl Place {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Totp(user, id) => [b"totp", user.as_bytes().as_slice(), id.as_bytes()].concat(),
            Self::Hotp(user, id) => [b"hotp", user.as_bytes().as_slice(), id.as_bytes()].concat(),
            Self::Fob(id) => [b"fob".as_slice(), id.as_bytes()].concat(),
        }
    }
}

/// For errors.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Totp(_, id) | Self::Hotp(_, id) => write!(f, "authenticator {id}"),
            Self::Fob(id) => write!(f, "fob {id}"),
        }
    }
}

/// Seals a secret for this row.
pub(crate) fn seal_bytes(cx: &Cx, place: Place, secret: &Secret) -> Vec<u8> {
    let key = &cx.app.catalog.load().keys.authenticators;
    key.seal(cx.app.random(), &place.bytes(), secret.expose())
}

/// Opens the secret of this row.
pub(super) fn open_bytes(cx: &Cx, place: Place, sealed: &[u8]) -> Option<Secret> {
    let key = &cx.app.catalog.load().keys.authenticators;
    let plain = key.open(&place.bytes(), sealed).ok()?;
    Secret::imported(&plain).ok()
}

/// What is stored of a device whose codes follow the time. It is an app: nothing is known about its clock.
pub(crate) fn seal_totp(cx: &Cx, place: Place, totp: &Totp) -> TotpSecret {
    TotpSecret {
        sealed: seal_bytes(cx, place, totp.secret()),
        algorithm: totp.algorithm().name().to_owned(),
        digits: u8::try_from(totp.digits().count()).unwrap_or(u8::MAX),
        period: u32::try_from(totp.period().seconds()).unwrap_or(u32::MAX),
        drift: 0,
        fob: None,
    }
}

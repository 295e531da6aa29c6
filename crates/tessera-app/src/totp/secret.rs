//! The secret of a TOTP authenticator, as it is stored.

use tessera_model::{Authenticator, AuthenticatorId, AuthenticatorKind, TotpSecret, UserId};
use tessera_otp::{Algorithm, Digits, Period, Secret, Totp};
use tessera_store::StoreError;

use crate::Cx;

/// Seals the secret for the row of this authenticator of this person.
pub(super) fn seal(cx: &Cx, (user, id): (UserId, AuthenticatorId), totp: &Totp) -> TotpSecret {
    let key = &cx.app.catalog.load().keys.authenticators;
    let sealed = key.seal(cx.app.random(), &place(user, id), totp.secret().expose());
    TotpSecret {
        sealed,
        algorithm: totp.algorithm().name().to_owned(),
        digits: u8::try_from(totp.digits().count()).unwrap_or(u8::MAX),
        period: u32::try_from(totp.period().seconds()).unwrap_or(u32::MAX),
    }
}

/// Opens the secret of an authenticator. `None` if it is of another kind.
pub(super) fn open(cx: &Cx, authenticator: &Authenticator) -> Result<Option<Totp>, StoreError> {
    let AuthenticatorKind::Totp(stored) = &authenticator.kind else { return Ok(None) };
    let key = &cx.app.catalog.load().keys.authenticators;
    let plain = key.open(&place(authenticator.user_id, authenticator.id), &stored.sealed);
    let secret = plain.ok().and_then(|plain| Secret::imported(&plain).ok());
    let parameters = Algorithm::from_name(&stored.algorithm)
        .zip(Digits::from_count(stored.digits.into()))
        .zip(Period::from_seconds(stored.period.into()));
    let Some((secret, ((algorithm, digits), period))) = secret.zip(parameters) else {
        return Err(StoreError::Corrupt(format!(
            "the secret of authenticator {} does not open",
            authenticator.id
        )));
    };
    Ok(Some(Totp::new(secret, algorithm, digits, period)))
}

/// A secret that is moved to another row or another person does not open.
fn place(user: UserId, id: AuthenticatorId) -> Vec<u8> {
    [b"totp", user.as_bytes().as_slice(), id.as_bytes()].concat()
}

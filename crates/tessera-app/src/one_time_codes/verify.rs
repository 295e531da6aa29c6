//! Codes against a device: where one stands, and where two in a row do.

use tessera_model::{Authenticator, AuthenticatorKind, Proof, TotpSecret};
use tessera_otp::{Algorithm, Code, Digits, Hotp, Period, Secret, Totp, TotpMatch, TotpState};
use tessera_store::StoreError;

use super::secret::{Place, open_bytes};
use crate::Cx;

/// By how many steps the clock of a device may be off.
const ALLOWED_STEPS: u8 = 1;
/// How many counters beside the next one may match: the look-ahead of ten codes (RFC 4226 section 7.4).
const LOOK_AHEAD: u8 = 9;
/// How far the counter of a fob may be ahead for two codes in a row.
const COUNTERS: u16 = 1000;
/// By how many steps the clock of a fob may be off for two codes in a row: an hour.
const STEPS: u16 = 120;

/// What somebody typed.
#[derive(Clone, Copy)]
pub struct TypedCodes<'a> {
    /// A code.
    pub code: &'a str,
    /// The one that the device shows after it. Two in a row set a fob right that has counted too far, or whose clock is wrong.
    pub next: Option<&'a str>,
}

/// A device that shows codes, ready to verify one.
pub(crate) enum Device {
    /// Codes by counter.
    Hotp(Hotp),
    /// Codes by time.
    Totp(Totp, TotpState),
}

/// The device of this row. `None` if it shows no codes.
///
/// # Errors
/// The stored secret does not open.
pub(crate) fn open(
    cx: &Cx,
    place: Place,
    (kind, counter): (&AuthenticatorKind, i64),
) -> Result<Option<Device>, StoreError> {
    let does_not_open = || StoreError::Corrupt(format!("the secret of {place} does not open"));
    let parts = |sealed: &[u8], algorithm: &str, digits: u8| -> Option<(Secret, Algorithm, Digits)> {
        let secret = open_bytes(cx, place, sealed)?;
        Some((secret, Algorithm::from_name(algorithm)?, Digits::from_count(digits.into())?))
    };
    match kind {
        AuthenticatorKind::Totp(stored) => {
            let parts = parts(&stored.sealed, &stored.algorithm, stored.digits);
            let (secret, algorithm, digits) = parts.ok_or_else(does_not_open)?;
            let period = Period::from_seconds(stored.period.into()).ok_or_else(does_not_open)?;
            let state = TotpState { drift: stored.drift, last_step: u64::try_from(counter).ok() };
            Ok(Some(Device::Totp(Totp::new(secret, algorithm, digits, period), state)))
        }
        AuthenticatorKind::Hotp(stored) => {
            let parts = parts(&stored.sealed, &stored.algorithm, stored.digits);
            let (secret, algorithm, digits) = parts.ok_or_else(does_not_open)?;
            Ok(Some(Device::Hotp(Hotp::new(secret, algorithm, digits))))
        }
        AuthenticatorKind::WebAuthn(_) | AuthenticatorKind::Other(_) => Ok(None),
    }
}

/// The secret of the device of this row.
///
/// # Errors
/// It does not open, or the device shows no codes.
pub(crate) fn secret_of(cx: &Cx, place: Place, kind: &AuthenticatorKind) -> Result<Secret, StoreError> {
    match open(cx, place, (kind, 0))? {
        Some(Device::Hotp(hotp)) => Ok(hotp.secret().clone()),
        Some(Device::Totp(totp, _)) => Ok(totp.secret().clone()),
        None => Err(StoreError::Misuse("a device without codes has no secret")),
    }
}

/// The authenticator whose code this is, as it is after this use, and what is proven by it. The caller writes the use down: it fails if the
/// code has been used meanwhile.
///
/// # Errors
/// A stored secret does not open.
pub(crate) fn verify(
    cx: &Cx,
    typed: TypedCodes<'_>,
    of: &[Authenticator],
) -> Result<Option<(Authenticator, Proof)>, StoreError> {
    for one in of {
        let place = match &one.kind {
            AuthenticatorKind::Totp(_) => Place::Totp(one.user_id, one.id),
            AuthenticatorKind::Hotp(_) => Place::Hotp(one.user_id, one.id),
            AuthenticatorKind::WebAuthn(_) | AuthenticatorKind::Other(_) => continue,
        };
        // A fob whose time is over is still a factor of its person: they are not let in with less.
        let is_out_of_date = one.kind.fob().is_some_and(|dates| !dates.allow(cx.now));
        let Some(device) = open(cx, place, (&one.kind, one.counter))?.filter(|_| !is_out_of_date) else {
            continue;
        };
        let found = match typed.next.filter(|_| one.kind.fob().is_some()) {
            Some(next) => device
                .find(cx, typed.code, one.counter)
                .or_else(|| device.find_pair(cx, [typed.code, next], one.counter)),
            None => device.find(cx, typed.code, one.counter),
        };
        let Some(found) = found else { continue };
        let used = Authenticator { counter: found.counter, kind: found.kind(&one.kind), ..one.clone() };
        return Ok(used.strongest_proof(cx.now).map(|proof| (used, proof)));
    }
    Ok(None)
}

/// Where two codes in a row stand: what a device has counted then, and its kind with what is known of its clock.
pub(crate) fn pairs(
    cx: &Cx,
    device: &Device,
    codes: [&str; 2],
    (kind, counter): (&AuthenticatorKind, i64),
) -> Option<(i64, AuthenticatorKind)> {
    let found = device.find_pair(cx, codes, counter)?;
    Some((found.counter, found.kind(kind)))
}

/// Where a code stands.
struct Found {
    counter: i64,
    /// By how many steps the clock of the device is off. It is known only of one that has a clock.
    drift: Option<i64>,
}

impl Found {
    fn step(found: TotpMatch) -> Option<Self> {
        Some(Self { counter: i64::try_from(found.step).ok()?, drift: Some(found.drift) })
    }

    fn used(counter: u64) -> Option<Self> {
        Some(Self { counter: i64::try_from(counter).ok()?.checked_add(1)?, drift: None })
    }

    /// The kind of a fob remembers how its clock goes.
    fn kind(&self, before: &AuthenticatorKind) -> AuthenticatorKind {
        match (before, self.drift) {
            (AuthenticatorKind::Totp(secret), Some(drift)) if secret.fob.is_some() => {
                AuthenticatorKind::Totp(TotpSecret { drift, ..secret.clone() })
            }
            (other, _) => other.clone(),
        }
    }
}

impl Device {
    /// Where a code stands that was not used before.
    fn find(&self, cx: &Cx, typed: &str, counter: i64) -> Option<Found> {
        match self {
            Self::Hotp(hotp) => {
                let code = Code::parse(typed, hotp.digits()).ok()?;
                Found::used(hotp.verify(&code, u64::try_from(counter).ok()?, LOOK_AHEAD)?)
            }
            Self::Totp(totp, state) => {
                let code = Code::parse(typed, totp.digits()).ok()?;
                let now = u64::try_from(cx.now.seconds()).ok()?;
                Found::step(totp.verify(&code, now, state, ALLOWED_STEPS)?)
            }
        }
    }

    /// Where two codes in a row stand, of which none was used before.
    fn find_pair(&self, cx: &Cx, typed: [&str; 2], counter: i64) -> Option<Found> {
        let digits = match self {
            Self::Hotp(hotp) => hotp.digits(),
            Self::Totp(totp, _) => totp.digits(),
        };
        let [first, second] = [Code::parse(typed[0], digits).ok()?, Code::parse(typed[1], digits).ok()?];
        match self {
            Self::Hotp(hotp) => {
                let next = u64::try_from(counter).ok()?;
                Found::used(hotp.resynchronise([&first, &second], next, COUNTERS)?)
            }
            Self::Totp(totp, state) => {
                let now = u64::try_from(cx.now.seconds()).ok()?;
                Found::step(totp.resynchronise([&first, &second], now, state, STEPS)?)
            }
        }
    }
}

/// The step of a code of a device that nobody has used.
pub(crate) fn first_step(cx: &Cx, totp: &Totp, typed: &str) -> Option<i64> {
    let device = Device::Totp(totp.clone(), TotpState::default());
    Some(device.find(cx, typed, 0)?.counter)
}

/// How many codes a guess at these may hit.
pub(crate) fn codes_that_match(of: &[Authenticator]) -> i64 {
    let codes = of.iter().map(|one| match &one.kind {
        AuthenticatorKind::Totp(_) => 2 * i64::from(ALLOWED_STEPS) + 1,
        AuthenticatorKind::Hotp(_) => i64::from(LOOK_AHEAD) + 1,
        AuthenticatorKind::WebAuthn(_) | AuthenticatorKind::Other(_) => 0,
    });
    codes.sum()
}

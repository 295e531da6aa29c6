//! A code against the authenticators of a person.

use tessera_model::{Authenticator, Proof, ProofMethod};
use tessera_otp::{Code, Totp, TotpState};
use tessera_store::StoreError;

use super::secret::open;
use crate::Cx;

/// By how many steps the clock of an app may be off.
pub(super) const ALLOWED_STEPS: u8 = 1;

/// The authenticator whose code this is, as it is after this use, and what is proven by it. The caller writes the use down: it fails if the
/// code has been used meanwhile.
///
/// # Errors
/// A stored secret does not open.
pub(crate) fn verify(
    cx: &Cx,
    typed: &str,
    of: &[Authenticator],
) -> Result<Option<(Authenticator, Proof)>, StoreError> {
    for authenticator in of {
        let Some(totp) = open(cx, authenticator)? else { continue };
        if let Some(step) = matches(cx, &totp, typed, authenticator.counter) {
            let proof =
                Proof { authenticator: Some(authenticator.id), ..Proof::new(ProofMethod::Totp, cx.now) };
            return Ok(Some((Authenticator { counter: step, ..authenticator.clone() }, proof)));
        }
    }
    Ok(None)
}

/// The step of a code that was not used before.
pub(super) fn matches(cx: &Cx, totp: &Totp, typed: &str, last_step: i64) -> Option<i64> {
    let code = Code::parse(typed, totp.digits()).ok()?;
    let state = TotpState { last_step: u64::try_from(last_step).ok(), ..TotpState::default() };
    let now = u64::try_from(cx.now.seconds()).ok()?;
    i64::try_from(totp.verify(&code, now, &state, ALLOWED_STEPS)?.step).ok()
}

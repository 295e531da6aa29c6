//! Whether a new password is good enough.

use tessera_model::{PlainPassword, User};

use super::accepted::AcceptedPassword;
use super::digest::PasswordDigest;
use super::refusal::PasswordRefusal;
use super::rules::{OnlyFactor, PasswordRules, WhenUnreachable};
use super::{strength, variation};
use crate::Cx;
use crate::hasher::Busy;
use crate::hashing_pool::Queue;

/// A password that somebody wants to set. [`PlainPassword`] has bounded its length and normalised it.
pub struct NewPassword<'a> {
    /// The password.
    pub password: PlainPassword,
    /// Whose it would be.
    pub user: &'a User,
    /// Their old one, where it was just verified. Without it only the stored hash is compared.
    pub old: Option<PlainPassword>,
    /// Whether it would be all that their login needs.
    pub only_factor: OnlyFactor,
}

/// The password, or every rule that it breaks.
pub type Judged = Result<AcceptedPassword, Vec<PasswordRefusal>>;

/// Judges a new password. Nothing ends early: whoever has to choose another one is told everything at once.
///
/// # Errors
/// The hashing pool is full.
pub async fn judge(cx: &Cx, new: NewPassword<'_>) -> Result<Judged, Busy> {
    let rules = &cx.app.config.passwords;
    let mut refusals = of_form(&new.password, rules.min_length(new.only_factor));
    let listed = of_list(cx, rules, &new.password).await;
    let known = strength::known(new.user, &cx.app.config.issuer);
    let NewPassword { mut password, user, old, .. } = new;
    let hasher = &cx.app.hasher;
    let mut turn = hasher.turn(Queue::Known).await?;
    if let (None, Some(stored)) = (&old, &user.password) {
        let is_old;
        ((is_old, password), turn) = hasher.is_of(turn, password, stored).await?;
        refusals.extend(is_old.then_some(PasswordRefusal::SameAsOld));
    }
    let min_score = rules.min_score;
    let look = move || {
        let varied = old.and_then(|old| variation::refusal(&old, &password));
        // Whoever accepts anything does not pay for the estimate.
        let guessable = min_score > 0 && strength::score(&password, &known) < min_score;
        ([varied, guessable.then_some(PasswordRefusal::Guessable)], password)
    };
    let (looked, password) = hasher.run(turn, look).await?;
    refusals.extend(looked.into_iter().flatten().chain(listed));
    Ok(if refusals.is_empty() { Ok(AcceptedPassword::new(password)) } else { Err(refusals) })
}

/// What the characters alone tell.
fn of_form(password: &PlainPassword, min: u32) -> Vec<PasswordRefusal> {
    let text = password.text();
    let too_short = u32::try_from(text.chars().count()).is_ok_and(|count| count < min);
    let refusals = [
        too_short.then_some(PasswordRefusal::TooShort { min }),
        text.contains('\0').then_some(PasswordRefusal::Nul),
    ];
    refusals.into_iter().flatten().collect()
}

/// What the list of breached passwords tells.
async fn of_list(cx: &Cx, rules: &PasswordRules, password: &PlainPassword) -> Option<PasswordRefusal> {
    let unreadable = match rules.breached.has(PasswordDigest::of(password), &*cx.app.fetch).await {
        Ok(found) => return found.then_some(PasswordRefusal::Breached),
        Err(unreadable) => unreadable,
    };
    metrics::counter!("tessera_breached_list_failures_total").increment(1);
    match rules.when_unreachable {
        WhenUnreachable::Accept => {
            tracing::warn!(reason = %unreadable, "a password was not looked up, because the list of breached passwords cannot be read");
            None
        }
        WhenUnreachable::Refuse => {
            tracing::warn!(reason = %unreadable, "a password was refused, because the list of breached passwords cannot be read");
            Some(PasswordRefusal::NotLookedUp)
        }
    }
}

//! Claims about a person are changed. What the change does not name stays as it is.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, User, UserId, UserStatus};
use tessera_oauth::claims::ProfileClaims;

use super::rules::problems;
use super::{UserError, claims};
use crate::access::{Action, Object, authorize};
use crate::problem::differing;
use crate::{Cx, problem};

/// What changes; `None` stays as it is, the empty text removes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChanges {
    /// Display name.
    pub name: Option<String>,
    /// E-mail address. A new one is not verified unless [`UserChanges::email_verified`] says so.
    pub email: Option<String>,
    /// Whether the administrator knows that the address is theirs.
    pub email_verified: Option<bool>,
    /// The other claims. A new telephone number is not verified unless it is said here.
    pub claims: ProfileClaims,
}

/// Changes claims about a person.
///
/// # Errors
/// See [`UserError`].
pub async fn update(cx: &Cx, id: UserId, changes: &UserChanges) -> Result<User, UserError> {
    let allowed = &authorize(cx, Action::UpdateUser, Object::User(id)).await?;
    allowed
        .write(|tx| async move {
            let before = tx.users().find_for_update(id).await?.ok_or(UserError::NotFound)?;
            if matches!(before.status, UserStatus::Disabled { .. }) {
                return Err(UserError::Disabled);
            }
            let mut user = before.clone();
            changes.apply(&mut user);
            problem::require_none(problems(&user), UserError::Invalid)?;
            let names = differences(&before, &user);
            if names.is_empty() {
                return Ok(user);
            }
            user.updated_at = cx.now;
            tx.users().update(&user).await?;
            let detail = Some(Detail::Changed(&names).text());
            tx.audit().append(&AuditEvent { detail, ..allowed.event(EventCode::UserUpdated) }).await?;
            Ok(user)
        })
        .await
}

impl UserChanges {
    fn apply(&self, user: &mut User) {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        if let Some(name) = &self.name {
            user.name = given(name);
        }
        if let Some(email) = self.email.as_ref().map(given).filter(|email| *email != user.email) {
            user.email = email;
            user.email_verified = false;
        }
        user.email_verified = self.email_verified.unwrap_or(user.email_verified) && user.email.is_some();
        claims::merge(&mut user.claims, &self.claims);
    }
}

/// The names of what has changed.
fn differences(before: &User, after: &User) -> Vec<&'static str> {
    differing(&[
        ("name", before.name != after.name),
        ("email", before.email != after.email),
        ("email_verified", before.email_verified != after.email_verified),
        ("claims", before.claims != after.claims),
    ])
}

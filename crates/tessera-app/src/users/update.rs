//! What is told about a person is changed. What is not named stays as it is.

use tessera_model::{AuditEvent, EventCode, User, UserId, UserStatus};
use tessera_oauth::claims::ProfileClaims;
use tessera_store::StoreError;

use super::add::{check_email, check_name};
use super::{AddError, UserError, claims};
use crate::Cx;

/// What becomes of a person; `None` leaves as it is, the empty text removes.
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

/// Why a person was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The account cannot be changed.
    #[error(transparent)]
    User(#[from] UserError),
    /// Some of it cannot be.
    #[error(transparent)]
    Invalid(#[from] AddError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes what is told about a person and answers what it is then.
///
/// # Errors
/// See [`UpdateError`]; nothing is changed then.
pub async fn update(cx: &Cx, id: UserId, changes: &UserChanges) -> Result<User, UpdateError> {
    cx.app
        .store
        .write(|tx| async move {
            let before = tx.users().find_for_update(id).await?.ok_or(UserError::NotFound)?;
            if matches!(before.status, UserStatus::Disabled { .. }) {
                return Err(UserError::Disabled.into());
            }
            let mut user = before.clone();
            changes.apply(&mut user);
            check(&user)?;
            if user == before {
                return Ok(user);
            }
            user.updated_at = cx.now;
            tx.users().update(&user).await?;
            let event = AuditEvent {
                user_id: Some(id),
                detail: Some(differences(&before, &user)),
                ..cx.event(EventCode::UserUpdated)
            };
            tx.audit().append(&event).await?;
            Ok(user)
        })
        .await
}

fn check(user: &User) -> Result<(), AddError> {
    check_name(user.name.as_deref())?;
    check_email(user.email.as_deref())?;
    let problems = claims::problems(&user.claims);
    if problems.is_empty() { Ok(()) } else { Err(AddError::Claims(problems)) }
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

/// The names of what has changed, never the values: events outlive the person.
fn differences(before: &User, after: &User) -> String {
    let all = [
        ("name", before.name != after.name),
        ("email", before.email != after.email),
        ("email_verified", before.email_verified != after.email_verified),
        ("claims", before.claims != after.claims),
    ];
    let names: Vec<&str> = all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    names.join(" ")
}

//! A new account.

use tessera_model::{
    AuditEvent, EventCode, PlainPassword, SecurityVersion, User, UserId, UserStatus, Username,
};
use tessera_oauth::claims::ProfileClaims;

use super::UserError;
use super::rules::problems;
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::passwords::{NewPassword, OnlyFactor, judge};
use crate::problem::{self, Problem};

/// What an account starts with.
pub struct NewUser {
    /// Login name.
    pub username: Username,
    /// Display name, at most 100 characters.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the administrator knows that the address is theirs.
    pub email_verified: bool,
    /// The other claims about the person.
    pub claims: ProfileClaims,
    /// `None`: no password login.
    pub password: Option<PlainPassword>,
}

impl NewUser {
    /// An account with a login name and nothing else.
    pub fn new(username: Username) -> Self {
        let (claims, email_verified) = (ProfileClaims::default(), false);
        Self { username, name: None, email: None, email_verified, claims, password: None }
    }
}

/// Makes an account.
///
/// # Errors
/// See [`UserError`].
pub async fn add(cx: &Cx, new: NewUser) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::AddUser, Object::Users).await?;
    let (mut user, password) = user(cx, new);
    let mut problems = problems(&user);
    let accepted = match password {
        Some(password) => {
            let new = NewPassword { password, user: &user, old: None, only_factor: OnlyFactor::Yes };
            let judged = judge(cx, new).await?;
            judged.map_err(|refusals| problems.extend(Problem::of_password(refusals))).ok()
        }
        None => None,
    };
    problem::require_none(problems, UserError::Invalid)?;
    if let Some(password) = accepted {
        user.password = Some(cx.app.hasher.hash(password, cx.app.random()).await?);
    }
    let row = &user;
    let event = &AuditEvent { user_id: Some(user.id), ..allowed.event(EventCode::UserCreated) };
    allowed
        .write(|tx| async move {
            if !tx.users().insert(row).await? {
                return Err(UserError::Taken);
            }
            Ok(tx.audit().append(event).await?)
        })
        .await?;
    Ok(user)
}

/// The account, still without its password.
fn user(cx: &Cx, new: NewUser) -> (User, Option<PlainPassword>) {
    let user = User {
        id: UserId::from_random(cx.app.random()),
        username: new.username,
        name: new.name,
        email_verified: new.email_verified && new.email.is_some(),
        email: new.email,
        claims: new.claims,
        status: UserStatus::Active,
        password: None,
        security_version: SecurityVersion::FIRST,
        created_at: cx.now,
        updated_at: cx.now,
    };
    (user, new.password)
}

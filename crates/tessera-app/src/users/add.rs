//! A new account.

use tessera_model::{
    AuditEvent, EventCode, PlainPassword, SecurityVersion, User, UserId, UserStatus, Username,
};
use tessera_oauth::claims::ProfileClaims;
use tessera_store::StoreError;

use super::claims;
use crate::Cx;
use crate::hasher::Busy;

/// Longest display name, in characters.
const MAX_NAME: usize = 100;
/// Longest e-mail address, in bytes (RFC 5321 section 4.5.3.1.3).
const MAX_EMAIL: usize = 254;

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

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The name is taken, perhaps by a closed account.
    #[error("the username is taken: choose another")]
    Taken,
    /// Display name over 100 characters, or with control characters.
    #[error("the name must be at most {MAX_NAME} characters, without control characters")]
    Name,
    /// Not an address.
    #[error("this is not an e-mail address")]
    Email,
    /// A claim is not of its form; all of them at once.
    #[error("{}", .0.join("\n"))]
    Claims(Vec<String>),
    /// The hashing pool is full.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an account.
///
/// # Errors
/// See [`AddError`]; nothing is made then.
pub async fn add(cx: &Cx, new: NewUser) -> Result<User, AddError> {
    check_name(new.name.as_deref())?;
    check_email(new.email.as_deref())?;
    let problems = claims::problems(&new.claims);
    if !problems.is_empty() {
        return Err(AddError::Claims(problems));
    }
    let password = match new.password {
        Some(password) => Some(cx.app.hasher.hash(password, cx.app.random()).await?),
        None => None,
    };
    let has_email = new.email.is_some();
    let user = User {
        id: UserId::from_random(cx.app.random()),
        username: new.username,
        name: new.name,
        email: new.email,
        email_verified: new.email_verified && has_email,
        claims: new.claims,
        status: UserStatus::Active,
        password,
        security_version: SecurityVersion::FIRST,
        created_at: cx.now,
        updated_at: cx.now,
    };
    let event = &AuditEvent { user_id: Some(user.id), ..cx.event(EventCode::UserCreated) };
    let row = &user;
    cx.app
        .store
        .write(|tx| async move {
            if !tx.users().insert(row).await? {
                return Err(AddError::Taken);
            }
            Ok(tx.audit().append(event).await?)
        })
        .await?;
    Ok(user)
}

pub(super) fn check_name(name: Option<&str>) -> Result<(), AddError> {
    let fits =
        name.is_none_or(|name| name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control));
    if fits { Ok(()) } else { Err(AddError::Name) }
}

pub(super) fn check_email(email: Option<&str>) -> Result<(), AddError> {
    let plausible = email.is_none_or(|email| {
        let parts = email.split_once('@');
        email.len() <= MAX_EMAIL
            && parts.is_some_and(|(local, domain)| {
                !local.is_empty() && domain.contains('.') && !domain.contains('@')
            })
            && !email.chars().any(|c| c.is_control() || c.is_whitespace())
    });
    if plausible { Ok(()) } else { Err(AddError::Email) }
}

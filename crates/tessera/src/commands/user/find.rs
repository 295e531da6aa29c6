//! Finds the account that a command names.

use tessera_app::Cx;
use tessera_app::users::{self, UserError};
use tessera_model::User;

use crate::failure::{Exit, Failure};
use crate::problem::refused;
use crate::text::for_terminal;

/// Finds an account by username or id.
pub(in crate::commands) async fn find(cx: &Cx, user: &str) -> Result<User, Failure> {
    users::find(cx, user).await.map_err(|error| match error {
        UserError::NotFound => Failure::data(format!("no such user: {}", for_terminal(user)))
            .hint("`tessera user list` shows all accounts."),
        other => other.into(),
    })
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Invalid(problems) => refused(&problems),
            UserError::NotFound | UserError::Disabled | UserError::Taken => Self::data(error.to_string()),
            UserError::Busy(_) => Self::new(Exit::Unavailable, error.to_string()),
            UserError::Access(error) => error.into(),
            UserError::Store(fault) => fault.into(),
        }
    }
}

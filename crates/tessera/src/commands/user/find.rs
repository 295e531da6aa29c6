//! Finds the account that a command names.

use tessera_app::Cx;
use tessera_app::users::{self, UserError};
use tessera_model::User;

use crate::failure::Failure;
use crate::text::for_terminal;

/// Finds an account by username or id.
pub(super) async fn find(cx: &Cx, user: &str) -> Result<User, Failure> {
    users::find(cx, user).await.map_err(|error| match error {
        UserError::NotFound => Failure::data(format!("no such user: {}", for_terminal(user)))
            .hint("`tessera user list` shows all accounts."),
        other => other.into(),
    })
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(fault) => fault.into(),
            UserError::NotFound | UserError::Disabled => Self::data(error.to_string()),
        }
    }
}

//! What mails there are, with everything that each one says. No other mail can be written.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use tessera_model::{MailAddress, OutboxId, Timestamp, User, Username};
use tessera_oauth::response::with_query;

use super::browser::known_names;
use crate::context::{Actor, Cx};

/// A mail. The adapter turns it into words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mail {
    /// The password of an account was changed.
    PasswordChanged(Notice),
    /// An account has one more factor.
    FactorAdded {
        /// The name that the person gave it.
        factor: String,
        /// Whose account, when and from where.
        notice: Notice,
    },
    /// An account has a factor less.
    FactorRemoved {
        /// The name that the person gave it.
        factor: String,
        /// Whose account, when and from where.
        notice: Notice,
    },
    /// The account has another e-mail address. Goes to the old one.
    EmailChanged(Notice),
    /// An account has new recovery codes.
    RecoveryCodesMade(Notice),
    /// Whoever follows the link has shown that the address is theirs.
    VerifyEmail(Link),
    /// Whoever follows the link may choose a new password.
    ResetPassword(Link),
    /// Whoever follows the link may make an account.
    Invitation(Link),
    /// Whoever follows the link logs in.
    LoginLink(Link),
    /// Whoever types the code logs in.
    LoginCode(Code),
    /// Shows an administrator that mails go out.
    Test,
}

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whose account.
    pub account: Username,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: Origin,
}

/// Who did something to an account, as far as its owner has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Origin {
    /// Those who run the service.
    Administrator,
    /// Somebody with a browser: the owner, one hopes.
    Person {
        /// Network address.
        ip: Option<IpAddr>,
        /// Known names of the browser and its system.
        browser: Option<String>,
    },
}

/// A link to a page of ours. `Debug` does not show it, because it gives access.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Path and query.
    target: String,
    /// Until when the page takes it.
    pub expires_at: Timestamp,
    /// The account that it is for, if there is one.
    pub account: Option<Username>,
}

/// A code that gives access. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// What the person types.
    pub code: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// A mail on its way to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The same for every copy of this letter.
    pub id: OutboxId,
    /// The only recipient.
    pub to: MailAddress,
    /// The language of the recipient, if it is known: a tag such as `fr-CA`.
    pub language: Option<String>,
    /// What it says.
    pub mail: Mail,
}

impl Mail {
    /// The stable name of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PasswordChanged(_) => "password_changed",
            Self::FactorAdded { .. } => "factor_added",
            Self::FactorRemoved { .. } => "factor_removed",
            Self::EmailChanged(_) => "email_changed",
            Self::RecoveryCodesMade(_) => "recovery_codes_made",
            Self::VerifyEmail(_) => "verify_email",
            Self::ResetPassword(_) => "reset_password",
            Self::Invitation(_) => "invitation",
            Self::LoginLink(_) => "login_link",
            Self::LoginCode(_) => "login_code",
            Self::Test => "test",
        }
    }

    /// Whether the recipient waits for it at a page.
    pub(super) const fn is_urgent(&self) -> bool {
        match self {
            Self::VerifyEmail(_) | Self::ResetPassword(_) | Self::LoginLink(_) | Self::LoginCode(_) => true,
            Self::PasswordChanged(_)
            | Self::FactorAdded { .. }
            | Self::FactorRemoved { .. }
            | Self::EmailChanged(_)
            | Self::RecoveryCodesMade(_)
            | Self::Invitation(_)
            | Self::Test => false,
        }
    }

    /// From when on the mail is of no use, if its content says so.
    pub(super) const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::VerifyEmail(link)
            | Self::ResetPassword(link)
            | Self::Invitation(link)
            | Self::LoginLink(link) => Some(link.expires_at),
            Self::LoginCode(code) => Some(code.expires_at),
            Self::PasswordChanged(_)
            | Self::FactorAdded { .. }
            | Self::FactorRemoved { .. }
            | Self::EmailChanged(_)
            | Self::RecoveryCodesMade(_)
            | Self::Test => None,
        }
    }
}

impl Notice {
    /// What this request did to the account of a person.
    pub fn of(cx: &Cx, user: &User) -> Self {
        let by_owner = match &cx.actor {
            Actor::Anonymous => true,
            Actor::User(id) => *id == user.id,
            Actor::Client(_) | Actor::Cli | Actor::System => false,
        };
        let by = if by_owner {
            Origin::Person { ip: cx.ip, browser: cx.user_agent.as_deref().and_then(known_names) }
        } else {
            Origin::Administrator
        };
        Self { account: user.username.clone(), at: cx.now, by }
    }
}

impl Link {
    /// A link to a page, with a secret in a parameter. The path is one of ours, so no request has a say in where the link leads.
    pub fn new(path: &'static str, (name, secret): (&'static str, &str), expires_at: Timestamp) -> Self {
        Self { target: with_query(path, [(name, secret)].into_iter()), expires_at, account: None }
    }

    /// The same for somebody who has an account.
    #[must_use]
    pub fn for_account(self, account: Username) -> Self {
        Self { account: Some(account), ..self }
    }

    /// The address at this issuer.
    pub fn url(&self, issuer: &str) -> String {
        format!("{issuer}{}", self.target)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link(.., until {})", self.expires_at)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code(.., until {})", self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Timestamp = Timestamp::from_seconds(600);

    #[test]
    fn a_link_and_a_code_are_not_shown() {
        let link = Link::new("/reset", ("token", "hunter2"), LATER);
        let code = Code { code: "123456".to_owned(), expires_at: LATER };
        let shown = format!("{:?} {:?}", Mail::ResetPassword(link), Mail::LoginCode(code));
        assert!(!shown.contains("hunter2") && !shown.contains("123456"), "{shown}");
    }

    #[test]
    fn l27_a_link_leads_to_the_issuer_whatever_its_secret_is() {
        for secret in ["x", "//evil.example", "@evil.example/", "&next=https://evil.example#", "\r\n\r\nx"] {
            let url = Link::new("/reset", ("token", secret), LATER).url("https://login.example.com");
            assert!(url.starts_with("https://login.example.com/reset?token="), "{url}");
            let parsed = url::Url::parse(&url).unwrap();
            let read: Vec<_> = parsed.query_pairs().into_owned().collect();
            assert_eq!(read, [("token".to_owned(), secret.to_owned())]);
            assert_eq!(parsed.host_str(), Some("login.example.com"));
        }
    }

    #[test]
    fn the_stored_form_names_the_kind() {
        let mail = Mail::LoginCode(Code { code: "123456".to_owned(), expires_at: LATER });
        let stored = serde_json::to_value(&mail).unwrap();
        assert_eq!(stored["kind"], mail.kind());
        assert_eq!(serde_json::from_value::<Mail>(stored).unwrap(), mail);
    }
}

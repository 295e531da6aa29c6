//! Audit events: one per security outcome (invariant I9), with stable codes and no secrets.
//!
//! The table below is the one place that names a code. `docs/audit.md` is made from it.

use std::fmt;
use std::net::IpAddr;

use crate::{AuditId, ClientId, FobLabel, GrantId, KeyId, KeyPurpose, SessionId, Timestamp, UserId};

/// Makes [`EventCode`] from a table: variant, stable text, the columns that its events fill, what the detail says, and one line
/// for operators.
macro_rules! events {
    ($($code:ident $text:literal [$($about:ident),*] $detail:ident $line:literal;)+) => {
        /// What happened. The text form is stable: operators alert on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventCode {
            $(#[doc = $line] $code,)+
        }

        impl EventCode {
            /// Every code, in the order of the table.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$code),+];

            /// Stable text form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text,)+ }
            }

            /// Which columns its events may fill.
            pub const fn about(self) -> &'static [About] {
                match self { $(Self::$code => &[$(About::$about),*],)+ }
            }

            /// What the detail of its events says.
            pub const fn detail(self) -> DetailKind {
                match self { $(Self::$code => DetailKind::$detail,)+ }
            }

            /// One line for operators.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$code => $line,)+ }
            }
        }
    };
}

events! {
    LoginSucceeded "login.succeeded" [User, Session] Nothing "Somebody logged in.";
    LoginFailed "login.failed" [User] Attempt "A login failed. The page did not say why.";
    LoginThrottled "login.throttled" [] Attempt "A login attempt came too early, or too many came.";
    LoginSpraySuspected "login.spray_suspected" [] Nothing "The same password was tried on many accounts.";
    LoginStepPassed "login.step_passed" [User] Nothing "Somebody proved something, and has to prove more before the session begins.";
    SessionEnded "session.ended" [User, Session] Nothing "A session ended.";
    CodeIssued "code.issued" [User, Client, Session, Grant] Nothing "An authorization code was issued.";
    BadRedirect "authz.bad_redirect" [Client] Nothing "An authorization request named a redirect URI that is not registered.";
    ConsentDenied "consent.denied" [User, Client] Nothing "A person refused an application.";
    CodeRedeemed "code.redeemed" [User, Client, Session, Grant] Nothing "An authorization code was exchanged for tokens.";
    CodeReuse "code.reuse" [User, Client, Session, Grant] Address "A used authorization code came again. Its grant has ended.";
    CodeForeignClient "code.foreign_client" [User, Client, Session, Grant] Nothing "A client presented an authorization code of another client. The actor is the one that presented it, `client_id` the one that was issued it. Nothing changed.";
    CodeBruteforce "code.bruteforce" [User, Client, Session, Grant] Nothing "Too many wrong verifiers came with an authorization code. The code works no more.";
    RefreshRotated "refresh.rotated" [User, Client, Session, Grant] Nothing "A refresh token was exchanged for a new one.";
    RefreshRetried "refresh.retried" [User, Client, Session, Grant] Address "A refresh token came a second time soon after the first, and got the same successor.";
    RefreshShadowed "refresh.shadowed" [User, Client, Session, Grant] Address "The refresh tokens of a grant came from two addresses, several times in a row.";
    RefreshReuse "refresh.reuse_detected" [User, Client, Session, Grant] Address "A used refresh token came again. Its grant has ended.";
    RefreshForeignClient "refresh.foreign_client" [User, Client, Session, Grant] Nothing "A client presented a refresh token of another client. The actor is the one that presented it, `client_id` the one that was issued it. Nothing changed.";
    ClientCredentials "client_credentials.issued" [Client] Nothing "A client got a token for itself.";
    IssuanceRefused "issuance.refused" [User, Client, Session, Grant] Reason "No tokens were issued, although the request was well-formed.";
    ClientAuthFailed "client.auth_failed" [Client] Nothing "A client failed to authenticate.";
    TokenRevoked "token.revoked" [Client, Grant] Nothing "A client revoked a token, or the grant behind it.";
    RulesFolded "revocation.folded" [User, Client] Nothing "A person or a client had too many revocation rules. They became one, which ends all access tokens of the person or the client.";
    CsrfRejected "csrf.rejected" [] Nothing "A form came from another site and was refused, or it was out of date and was shown again.";
    AccessDenied "access.denied" [User, Client] Action "Somebody tried an administrative act that is not allowed to them.";
    UserCreated "user.created" [User] Nothing "An account was made.";
    UserUpdated "user.updated" [User] Changed "Claims about a person were changed.";
    UserLocked "user.locked" [User] Nothing "An account was locked.";
    UserUnlocked "user.unlocked" [User] Nothing "An account was unlocked.";
    UserDisabled "user.disabled" [User] Nothing "An account was closed for good.";
    UserDeleted "user.deleted" [User] Nothing "An account was erased.";
    PasswordSet "user.password_set" [User] Nothing "An administrator set a password.";
    AuthenticatorAdded "authenticator.added" [User] Authenticator "Somebody added a passkey, a security key or an authenticator app to their account.";
    AuthenticatorRenamed "authenticator.renamed" [User] Authenticator "An authenticator got another name.";
    AuthenticatorRemoved "authenticator.removed" [User] Authenticator "An authenticator was removed from an account.";
    AuthenticatorCloned "authenticator.cloned" [User] Authenticator "A security key counted backwards. Somebody may have a copy of it. The login was refused.";
    FobsImported "fobs.imported" [] Fobs "Key fobs were put into the stock. A large import writes one event for every few hundred.";
    FobAssigned "fob.assigned" [User] Fob "A person got a key fob.";
    FobReturned "fob.returned" [User] Fob "A key fob was taken from its person, and is in stock again.";
    FobLost "fob.lost" [User] Fob "A key fob was marked as lost. Its secret is erased.";
    FobResynced "fob.resynced" [User] Fob "A key fob that had counted too far, or whose clock was wrong, was set right with two of its codes.";
    FobDeleted "fob.deleted" [] Fob "A key fob that nobody had used was removed from the stock.";
    RecoveryCodesMade "recovery_codes.made" [User] Nothing "Somebody made new recovery codes. Those from before work no more.";
    RecoveryCodeUsed "recovery_codes.used" [User] Nothing "A recovery code was used.";
    PasswordChanged "user.password_changed" [User] Nothing "Somebody changed their own password.";
    PasswordChangeFailed "user.password_change_failed" [User] Nothing "Somebody wanted to change their own password, and the current one was wrong.";
    ThrottleCleared "user.throttle_cleared" [User] Nothing "Failed logins at an account were forgotten.";
    ClientCreated "client.created" [Client] Nothing "A client was registered.";
    ClientUpdated "client.updated" [Client] Changed "Settings of a client were changed.";
    ClientPkceProven "client.pkce_proven" [Client] Nothing "A client used PKCE for the first time. It must use it from now on.";
    ClientSecretRotated "client.secret_rotated" [Client] Nothing "A client got a new secret.";
    ClientDisabled "client.disabled" [Client] Nothing "A client was turned off.";
    ClientDeleted "client.deleted" [Client] Nothing "A client was removed.";
    ApiCreated "api.created" [] Api "An API was registered.";
    ApiUpdated "api.updated" [] ChangedApi "Settings of an API were changed.";
    GroupCreated "group.created" [] Group "A group of people was made.";
    GroupUpdated "group.updated" [] Group "The description of a group was changed.";
    GroupDeleted "group.deleted" [] Group "A group was removed, whoever was in it.";
    MemberAdded "group.member_added" [User] Group "A person was put into a group.";
    MemberRemoved "group.member_removed" [User] Group "A person was taken out of a group.";
    BackupMade "backup.made" [] Rows "A backup was written.";
    RestoreDone "restore.done" [] RestoredFrom "The database was restored. Everything that was issued before has ended, and every key was replaced.";
    ClockJumped "clock.jumped" [] Clock "The clock of a server jumped ahead by an hour or more, or was put back by a minute or more.";
    ClockAccepted "clock.accepted" [] Clock "An administrator accepted a clock that differs from the highest time seen.";
    MailFailed "mail.failed" [User] Mail "A mail was given up: the server refused it for good, or its time was over.";
    KeyRotated "key.rotated" [] Key "A key was published, began to sign, or was removed.";
}

impl EventCode {
    /// Reads [`EventCode::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

/// A column that says what an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// `user_id`.
    User,
    /// `client_id`.
    Client,
    /// `session_id`.
    Session,
    /// `grant_id`.
    Grant,
}

impl About {
    /// Name of the column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user_id",
            Self::Client => "client_id",
            Self::Session => "session_id",
            Self::Grant => "grant_id",
        }
    }
}

/// What the details of a code say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetailKind {
    /// There is none.
    Nothing,
    /// Why a login failed or waits, and the name that was typed.
    Attempt,
    /// A stable reason.
    Reason,
    /// From where the token was used first, or the grant last.
    Address,
    /// See [`Detail::Action`].
    Action,
    /// See [`Detail::Changed`].
    Changed,
    /// See [`Detail::Api`].
    Api,
    /// See [`Detail::ChangedApi`].
    ChangedApi,
    /// See [`Detail::Group`].
    Group,
    /// See [`Detail::Authenticator`].
    Authenticator,
    /// See [`Detail::Fob`].
    Fob,
    /// See [`Detail::Fobs`].
    Fobs,
    /// See [`Detail::Key`].
    Key,
    /// See [`Detail::Mail`].
    Mail,
    /// See [`Detail::Rows`].
    Rows,
    /// See [`Detail::RestoredFrom`].
    RestoredFrom,
    /// See [`Detail::Clock`].
    Clock,
}

impl DetailKind {
    /// One line for operators.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Attempt => {
                "a reason, if there is one to tell, and the name that was typed. If no account has it, `#` and 16 bits of a keyed hash: the text may be a password. Equal texts have equal bits"
            }
            Self::Reason => "a stable reason, such as `user_inactive`",
            Self::Address => {
                "`first used from` and the address of the first use (IPv6: its network), or `last used from` and the address that used the grant last"
            }
            Self::Action => "the action, such as `users.lock`",
            Self::Changed => "the names of the settings that differ now",
            Self::Api => "the audience",
            Self::ChangedApi => "the names of the settings that differ now, and the audience",
            Self::Group => "the name of the group",
            Self::Authenticator => "the kind of the authenticator, if it is told, and its id",
            Self::Fob => "the serial number of the fob and, if it is known, who made it",
            Self::Fobs => "how many",
            Self::Rows => "how many rows it has",
            Self::RestoredFrom => {
                "`backup of` and when it was made, in seconds since 1970, or `in place` for a database that came back in another way"
            }
            Self::Key => "purpose and id of the key, and `published`, `signs` or `removed`",
            Self::Mail => "the kind of the mail, and why it did not go out, such as `rejected`",
            Self::Clock => "`ahead` or `back`, and by how many seconds",
        }
    }
}

/// A detail. Each kind has one text form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail<'a> {
    /// A stable reason.
    Reason(&'a str),
    /// From which network a refresh token was used first.
    FirstUsedFrom(&'a str),
    /// From which address a grant was used last.
    LastUsedFrom(IpAddr),
    /// What somebody was not allowed to do.
    Action(&'a str),
    /// Names of the settings that differ now, never their values: events outlive what they are about.
    Changed(&'a [&'static str]),
    /// Audience of the API.
    Api(&'a str),
    /// Names of the settings of an API that differ now, and its audience.
    ChangedApi(&'a [&'static str], &'a str),
    /// Name of the group.
    Group(&'a str),
    /// Kind and id of an authenticator.
    Authenticator(&'a str, &'a str),
    /// Id of an authenticator.
    AuthenticatorId(&'a str),
    /// Serial number and manufacturer of a key fob.
    Fob(&'a FobLabel),
    /// How many key fobs.
    Fobs(u64),
    /// What became of a key.
    Key(KeyPurpose, KeyId, KeyStep),
    /// The kind of a mail, and why it was given up.
    Mail(&'a str, &'a str),
    /// How many rows a backup has.
    Rows(u64),
    /// When the backup was made. `None` for a database that came back in another way.
    RestoredFrom(Option<Timestamp>),
    /// By how many seconds a clock moved: ahead, or back below zero.
    Clock(i64),
    /// How many more events of this code have no row of their own.
    More(u64),
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStep {
    /// Others can see it; it does not sign yet.
    Published,
    /// It signs from now on.
    Signs,
    /// It is no longer published.
    Removed,
}

impl Detail<'_> {
    /// The text of the column, cut to what an event holds.
    pub fn text(self) -> String {
        self.to_string().chars().take(MAX_DETAIL).collect()
    }
}

/// Most characters of a detail.
const MAX_DETAIL: usize = 256;

impl fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reason(text)
            | Self::Action(text)
            | Self::Api(text)
            | Self::Group(text)
            | Self::AuthenticatorId(text) => f.write_str(text),
            Self::Authenticator(kind, id) => write!(f, "{kind} {id}"),
            Self::Fob(label) => label.fmt(f),
            Self::Fobs(number) => write!(f, "{number} fobs"),
            Self::FirstUsedFrom(network) => write!(f, "first used from {network}"),
            Self::LastUsedFrom(ip) => write!(f, "last used from {ip}"),
            Self::Changed(names) => f.write_str(&names.join(" ")),
            Self::ChangedApi(names, audience) => write!(f, "{}: {audience}", names.join(" ")),
            Self::Key(purpose, id, step) => write!(f, "{purpose} {id} {}", step.as_str()),
            Self::Mail(kind, reason) => write!(f, "{kind}: {reason}"),
            Self::Rows(number) => write!(f, "{number} rows"),
            Self::RestoredFrom(Some(at)) => write!(f, "backup of {at}"),
            Self::RestoredFrom(None) => f.write_str("in place"),
            Self::Clock(seconds @ ..0) => write!(f, "back {}", seconds.unsigned_abs()),
            Self::Clock(seconds) => write!(f, "ahead {seconds}"),
            Self::More(number) => write!(f, "{number} more"),
        }
    }
}

impl KeyStep {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Signs => "signs",
            Self::Removed => "removed",
        }
    }
}

/// One audit event, as written; read back, it is a [`RecordedEvent`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent<Code = EventCode> {
    /// Names the event.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub code: Code,
    /// Who did it: `anonymous`, `user:<id>`, `client:<id>`, `cli`, `system`.
    pub actor: String,
    /// The person it is about.
    pub user_id: Option<UserId>,
    /// The client it is about.
    pub client_id: Option<ClientId>,
    /// The session it is about.
    pub session_id: Option<SessionId>,
    /// The grant it is about.
    pub grant_id: Option<GrantId>,
    /// Network address of the request.
    pub ip: Option<String>,
    /// Ties the event to log lines and to the reference on error pages.
    pub request_id: Option<String>,
    /// Stable reason code or short fact, at most 256 characters; never a secret.
    pub detail: Option<String>,
}

/// An audit event from the database.
pub type RecordedEvent = AuditEvent<RecordedCode>;

/// A code from the database. During a rolling upgrade a newer instance may have written one that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedCode {
    /// One of the table.
    Known(EventCode),
    /// A newer one, as it was written.
    Unknown(String),
}

impl RecordedCode {
    /// Reads a text from the database.
    pub fn read(text: String) -> Self {
        EventCode::parse(&text).map_or(Self::Unknown(text), Self::Known)
    }

    /// The text in the database.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(code) => code.as_str(),
            Self::Unknown(text) => text,
        }
    }
}

impl PartialEq<EventCode> for RecordedCode {
    fn eq(&self, other: &EventCode) -> bool {
        matches!(self, Self::Known(code) if code == other)
    }
}

impl RecordedEvent {
    /// What the event carries although the table does not list it for its code. Of a code that is not known nothing can be said.
    pub fn unlisted(&self) -> Vec<&'static str> {
        let RecordedCode::Known(code) = self.code else { return Vec::new() };
        let carried = [
            (About::User, self.user_id.is_some()),
            (About::Client, self.client_id.is_some()),
            (About::Session, self.session_id.is_some()),
            (About::Grant, self.grant_id.is_some()),
        ];
        let about =
            carried.into_iter().filter(|(about, is_there)| *is_there && !code.about().contains(about));
        // Only a row that counts denials has no request id; its detail is the number.
        let detail =
            self.detail.is_some() && self.request_id.is_some() && code.detail() == DetailKind::Nothing;
        about.map(|(about, _)| about.as_str()).chain(detail.then_some("detail")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_codes_share_a_text_and_each_is_read_back() {
        for code in EventCode::ALL {
            assert_eq!(EventCode::parse(code.as_str()), Some(code), "{code:?}");
        }
    }

    #[test]
    fn a_code_of_a_newer_version_keeps_its_text() {
        let code = RecordedCode::read("factor.added".to_owned());
        assert_eq!(
            (code.as_str(), &code),
            ("factor.added", &RecordedCode::Unknown("factor.added".to_owned()))
        );
    }

    #[test]
    fn a_detail_is_cut_to_what_an_event_holds() {
        let long = "é".repeat(300);
        assert_eq!(Detail::Api(&long).text(), "é".repeat(256));
        let names = ["name", "scopes"];
        assert_eq!(Detail::ChangedApi(&names, "urn:a").text(), "name scopes: urn:a");
    }
}

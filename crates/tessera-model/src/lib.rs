//! What Tessera knows: entities, typed ids, secrets, state machines and policies.
//!
//! Pure: no SQL, no HTTP, no clock, no randomness. Time comes in as [`Timestamp`], random bytes as arrays. A state is
//! an enum that carries its own data, so that an impossible combination cannot be written down.

pub mod api;
pub mod audit;
pub mod authentication;
pub mod authenticator;
pub mod client;
pub mod clock;
pub mod consent;
pub mod digest;
pub mod fob;
pub mod grant;
pub mod group;
pub mod id;
pub mod job;
pub mod key;
pub mod login;
pub mod mail_address;
pub mod outbox;
pub mod password;
pub mod policy;
pub mod presented;
pub mod refresh;
pub mod revocation;
pub mod session;
pub mod settings;
pub mod spent;
pub mod throttle;
pub mod time;
pub mod user;

pub use api::{Api, ApiStatus, ScopeDefinition};
pub use audit::{AuditEvent, EventCode, RecordedCode, RecordedEvent};
pub use authentication::{AuthenticationContext, AuthenticationLevel, Proof, ProofMethod, ProofProperty};
pub use authenticator::{
    Authenticator, AuthenticatorKind, AuthenticatorName, FobDates, HotpSecret, InvalidAuthenticatorName,
    TotpSecret, WebAuthnCredential,
};
pub use client::{
    Client, ClientAuthMethod, ClientId, ClientKind, ClientSecret, ClientStatus, PkcePolicy, RefreshTokens,
};
pub use clock::SeenTime;
pub use consent::Consent;
pub use digest::Digest;
pub use fob::{Fob, FobLabel, FobState, FobText, InvalidFobText};
pub use grant::{Grant, GrantStage, Holder, PendingCode, RevokeReason};
pub use group::{Group, GroupName, InvalidGroupName};
pub use id::{AuditId, AuthenticatorId, FobId, GrantId, KeyId, LoginId, OutboxId, SessionId, UserId};
pub use job::{JobClaim, JobEnd, JobLease, JobRecord, JobState};
pub use key::{KeyPurpose, KeyState, StoredKey};
pub use login::Login;
pub use mail_address::{InvalidMailAddress, MailAddress};
pub use outbox::{Channel, Waiting};
pub use password::{PasswordHash, PlainPassword};
pub use presented::{Presented, PresentedKind};
pub use refresh::{Refresh, RefreshUse, Rotation};
pub use revocation::{KnownRule, NumberedRule, RevocableToken, RevocationKind, RevocationRule, RuleBudget};
pub use session::Session;
pub use spent::SpentKind;
pub use throttle::{Admission, Throttle};
pub use time::Timestamp;
pub use user::{SecurityVersion, User, UserStatus, Username};

//! Revocation of tokens that are verified locally. The verifier consults a view of revocation rules for every token, also for one
//! that it has verified before.
//!
//! A rule names a token, grant, session, subject, client, audience or key, or everybody. What was issued to it up to a moment is
//! revoked. Rules are only ever added. They leave when the last token that they revoke has expired. No answer, no order of answers and
//! no restart of the issuer makes the view forget a rule before that.

mod digests;
mod feed;
mod live;
mod page;
mod rule;
mod rules;
mod view;

pub(crate) use self::digests::Digests;
pub(crate) use self::live::Revocation;
pub use self::rule::{Rule, RuleKind};
pub use self::rules::MAX_RULES;
pub use self::view::{RevocationStatus, RevocationView, Verdict};

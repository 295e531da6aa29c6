//! `tessera demo --once`: the whole story of a login without a browser, one line a step.
//!
//! It is told over the real endpoints only: a small browser ([`browser`]) fetches the issuer's pages, fills in their forms and
//! keeps their cookies; the relying party is the sample application's own. A step that does not end as it must ends the story.

mod browser;
mod form;
mod story;
mod transcript;

pub(super) use self::story::tell;
pub(super) use self::transcript::Transcript;

/// The step that went wrong, and how.
#[derive(Debug, thiserror::Error)]
#[error("step \"{step}\": {reason}")]
pub(super) struct Failed {
    pub(super) step: &'static str,
    pub(super) reason: String,
}

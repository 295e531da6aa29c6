//! `tessera demo --once`: a walkthrough of a login without a browser, one line for each step.
//!
//! It uses the real endpoints only. A small browser ([`browser`]) fetches the issuer's pages, submits their forms and keeps their
//! cookies. The relying party is the sample application's own. The first step that fails ends the walkthrough.

mod browser;
mod form;
mod transcript;
mod walkthrough;

pub(crate) use self::transcript::Transcript;
pub(crate) use self::walkthrough::walkthrough;

/// Which step failed, and why.
#[derive(Debug, thiserror::Error)]
#[error("step \"{step}\": {reason}")]
pub(crate) struct StepFailed {
    pub(crate) step: &'static str,
    pub(crate) reason: String,
}

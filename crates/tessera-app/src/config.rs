//! What an operator chooses for the use cases.

use tessera_model::key::RotationSchedule;
use tessera_model::policy::Lifetimes;

use crate::hasher::Hashing;

/// Settings of the issuer.
#[derive(Clone, Debug)]
pub struct Config {
    /// Issuer identifier (RFC 8414 section 2), without a trailing slash; every URL we emit starts with it.
    pub issuer: String,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// When keys rotate.
    pub rotation: RotationSchedule,
    /// Cost of password hashing.
    pub hashing: Hashing,
}

impl Config {
    /// Defaults of the design for this issuer.
    pub fn new(issuer: String) -> Self {
        Self {
            issuer,
            lifetimes: Lifetimes::default(),
            rotation: RotationSchedule::default(),
            hashing: Hashing::default(),
        }
    }
}

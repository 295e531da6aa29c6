//! What an operator chooses for the use cases.

use std::time::Duration;

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
    /// Whose address a request carries.
    pub peers: Peers,
    /// Whether every authorization request needs a PKCE challenge, whatever its client is registered for.
    pub require_pkce: bool,
    /// How long audit events are kept.
    pub audit_retention: Duration,
}

/// Whose address a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// That of who asks.
    Direct,
    /// One that all who ask share, such as a proxy's or a load balancer's: nobody is counted by it.
    Shared,
}

impl Config {
    /// Defaults of the design for this issuer.
    pub fn new(issuer: String) -> Self {
        Self {
            issuer,
            lifetimes: Lifetimes::default(),
            rotation: RotationSchedule::default(),
            hashing: Hashing::default(),
            peers: Peers::Direct,
            require_pkce: false,
            audit_retention: Duration::from_secs(400 * 86_400),
        }
    }
}

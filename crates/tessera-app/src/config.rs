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
    /// What becomes of a grant whose refresh tokens are used from two places again and again.
    pub on_shadow: OnShadow,
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

/// What becomes of a grant whose refresh tokens are used from two places again and again (RFC 9700 section 4.14.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnShadow {
    /// It goes on; the audit trail says so. The two places may be one person's.
    #[default]
    Alarm,
    /// It ends too.
    End,
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
            on_shadow: OnShadow::default(),
            audit_retention: Duration::from_secs(400 * 86_400),
        }
    }
}

//! What an operator configures for the use cases.

use std::time::Duration;

use tessera_model::RuleBudget;
use tessera_model::key::RotationSchedule;
use tessera_model::policy::Lifetimes;

use crate::hasher::Hashing;
use crate::network::{Peers, TrustedProxies};
use crate::passkeys::{Passkeys, default_rp_id};
use crate::passwords::PasswordRules;

/// Settings of the issuer.
#[derive(Clone, Debug)]
pub struct Config {
    /// Issuer identifier (RFC 8414 section 2), without a trailing slash; every URL we emit starts with it.
    pub issuer: String,
    /// Lifetimes of codes, tokens, sessions and grants.
    pub lifetimes: Lifetimes,
    /// When keys rotate.
    pub rotation: RotationSchedule,
    /// Cost of password hashing.
    pub hashing: Hashing,
    /// What is demanded of new passwords.
    pub passwords: PasswordRules,
    /// Whether the address of a connection is that of the client. Trusted proxies say themselves whose address it is.
    pub peers: Peers,
    /// The proxies that may name the address of a client.
    pub proxies: TrustedProxies,
    /// Whether every authorization request needs a PKCE challenge, whatever its client is registered for.
    pub require_pkce: bool,
    /// What happens to a grant whose refresh tokens are repeatedly used from two places.
    pub on_shadow: OnShadow,
    /// How long audit events are kept.
    pub audit_retention: Duration,
    /// Settings of passkeys.
    pub passkeys: Passkeys,
    /// How far the clock may be from the highest time seen when a server starts.
    pub clock: ClockLimits,
    /// How many revocation rules there may be. Operators do not set it.
    pub rule_budget: RuleBudget,
}

/// How far the clock may be from the highest time that a server has seen, when the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockLimits {
    /// Most that it may be behind.
    pub max_behind: Duration,
    /// Most that it may be ahead: the longest time without a server.
    pub max_ahead: Duration,
}

impl Default for ClockLimits {
    fn default() -> Self {
        Self { max_behind: Duration::from_secs(60), max_ahead: Duration::from_secs(30 * 86_400) }
    }
}

/// What happens to a grant whose refresh tokens are repeatedly used from two places (RFC 9700 section 4.14.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnShadow {
    /// The audit trail gets an alarm, and the grant lives on. Both places may belong to one person.
    #[default]
    Alarm,
    /// The audit trail gets an alarm, and the grant ends.
    End,
}

impl Config {
    /// Defaults of the design for this issuer.
    pub fn new(issuer: String) -> Self {
        Self {
            passkeys: Passkeys { rp_id: default_rp_id(&issuer) },
            issuer,
            lifetimes: Lifetimes::default(),
            rotation: RotationSchedule::default(),
            hashing: Hashing::default(),
            passwords: PasswordRules::default(),
            peers: Peers::Direct,
            proxies: TrustedProxies::default(),
            require_pkce: false,
            on_shadow: OnShadow::default(),
            audit_retention: Duration::from_secs(400 * 86_400),
            clock: ClockLimits::default(),
            rule_budget: RuleBudget::default(),
        }
    }
}

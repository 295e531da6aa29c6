//! How a person has proven who they are. Level, methods and time of a login are derived here and nowhere else.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AuthenticatorId, Timestamp};

/// One thing that a person has proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// By which method.
    pub method: ProofMethod,
    /// With which of the person's authenticators; `None` for a password, of which there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator: Option<AuthenticatorId>,
    /// When.
    pub at: Timestamp,
    /// What else was proven at the same time.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub properties: BTreeSet<ProofProperty>,
}

impl Proof {
    /// A password that was right at this moment.
    pub const fn password(at: Timestamp) -> Self {
        Self { method: ProofMethod::Password, authenticator: None, at, properties: BTreeSet::new() }
    }
}

/// A method of authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofMethod {
    /// A password.
    Password,
    /// A method of a newer version. It is kept, and counts for nothing.
    #[serde(untagged)]
    Other(String),
}

/// Something that a proof says beside its method.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofProperty {
    /// The authenticator has verified its person itself, with a PIN or a biometric: it is a multi-factor authenticator
    /// (NIST SP 800-63B-4 section 3.1).
    UserVerified,
    /// A property of a newer version. It is kept, and counts for nothing.
    #[serde(untagged)]
    Other(String),
}

/// What kind of thing a factor is. Two of one kind are no second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// Something the person knows.
    Knowledge,
    /// Something the person has.
    Possession,
    /// Something that an authenticator asks of its person: they know it, or are it.
    Activation,
}

/// What a method counts for.
struct MethodRow {
    /// Its factor; `None` for a method that counts for nothing.
    factor: Option<Factor>,
    /// Its value in `amr` (RFC 8176 section 2).
    amr: Option<&'static str>,
}

impl ProofMethod {
    /// The table of methods.
    const fn row(&self) -> MethodRow {
        match self {
            Self::Password => MethodRow { factor: Some(Factor::Knowledge), amr: Some("pwd") },
            Self::Other(_) => MethodRow { factor: None, amr: None },
        }
    }
}

/// Authentication assurance level (NIST SP 800-63B-4 section 2), lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthenticationLevel {
    /// One factor.
    Aal1,
    /// Two different factors.
    Aal2,
}

impl AuthenticationLevel {
    /// The value of `acr`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
        }
    }

    /// The level of what was proven.
    pub fn of(factors: &BTreeSet<Factor>) -> Self {
        let has = |factor| factors.contains(&factor);
        // A second factor besides possession: one that the person knows or is.
        if has(Factor::Possession) && (has(Factor::Knowledge) || has(Factor::Activation)) {
            Self::Aal2
        } else {
            Self::Aal1
        }
    }
}

impl fmt::Display for AuthenticationLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Everything that a person has proven in a session. Tokens take `acr`, `amr` and `auth_time` only from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthenticationContext {
    proofs: Vec<Proof>,
}

impl AuthenticationContext {
    /// The context of these proofs.
    pub const fn new(proofs: Vec<Proof>) -> Self {
        Self { proofs }
    }

    /// The proofs, those of earlier logins first.
    pub fn proofs(&self) -> &[Proof] {
        &self.proofs
    }

    /// The same session after a later login: a new proof takes the place of an older one of the same authenticator that proved no
    /// more, and the others stay. So a login with less never lowers a session.
    #[must_use]
    pub fn renewed_by(&self, later: &Self) -> Self {
        let is_again = |old: &Proof| {
            later.proofs.iter().any(|new| {
                (&new.method, new.authenticator) == (&old.method, old.authenticator)
                    && old.properties.is_subset(&new.properties)
            })
        };
        let kept = self.proofs.iter().filter(|old| !is_again(old));
        Self { proofs: kept.chain(&later.proofs).cloned().collect() }
    }

    /// When the person last proved anything that counts (`auth_time`, OIDC core section 2); 1970 if they never did.
    pub fn auth_time(&self) -> Timestamp {
        let counted = self.proofs.iter().filter(|proof| proof.method.row().factor.is_some());
        counted.map(|proof| proof.at).max().unwrap_or_default()
    }

    /// How sure it is that it is the person (`acr`, OIDC core section 2).
    pub fn level(&self) -> AuthenticationLevel {
        let mut factors = BTreeSet::new();
        for proof in &self.proofs {
            let Some(factor) = proof.method.row().factor else { continue };
            factors.insert(factor);
            if proof.properties.contains(&ProofProperty::UserVerified) {
                factors.insert(Factor::Activation);
            }
        }
        AuthenticationLevel::of(&factors)
    }

    /// The methods (`amr`, RFC 8176), each once.
    pub fn amr(&self) -> Vec<&'static str> {
        let methods: BTreeSet<_> = self.proofs.iter().filter_map(|proof| proof.method.row().amr).collect();
        methods.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn proof(method: ProofMethod, seconds: i64) -> Proof {
        Proof { method, authenticator: None, at: at(seconds), properties: BTreeSet::new() }
    }

    #[test]
    fn the_level_is_that_of_the_factors() {
        use AuthenticationLevel::{Aal1, Aal2};
        use Factor::{Activation, Knowledge, Possession};
        let table: [(&[Factor], AuthenticationLevel); 7] = [
            (&[], Aal1),
            (&[Knowledge], Aal1),
            (&[Possession], Aal1),
            (&[Knowledge, Activation], Aal1),
            (&[Knowledge, Possession], Aal2),
            (&[Possession, Activation], Aal2),
            (&[Knowledge, Possession, Activation], Aal2),
        ];
        for (factors, level) in table {
            assert_eq!(AuthenticationLevel::of(&factors.iter().copied().collect()), level, "{factors:?}");
        }
    }

    #[test]
    fn a_password_is_one_factor() {
        let context = AuthenticationContext::new(vec![proof(ProofMethod::Password, 7)]);
        assert_eq!(context.level().as_str(), "aal1");
        assert_eq!(context.amr(), ["pwd"]);
        assert_eq!(context.auth_time(), at(7));
    }

    #[test]
    fn a_later_login_adds_and_never_takes_away() {
        let other = || ProofMethod::Other("badge".to_owned());
        let first = AuthenticationContext::new(vec![proof(other(), 1), proof(ProofMethod::Password, 2)]);
        let renewed = first.renewed_by(&AuthenticationContext::new(vec![proof(ProofMethod::Password, 9)]));
        assert_eq!(renewed.proofs(), [proof(other(), 1), proof(ProofMethod::Password, 9)]);
        assert!(renewed.level() >= first.level());
        assert_eq!(renewed.auth_time(), at(9));
        let verified = Proof { properties: [ProofProperty::UserVerified].into(), ..proof(other(), 1) };
        let with_less = AuthenticationContext::new(vec![proof(other(), 3)]);
        let both = AuthenticationContext::new(vec![verified.clone()]).renewed_by(&with_less);
        assert_eq!(both.proofs(), [verified, proof(other(), 3)], "what it proved besides stays");
    }

    #[test]
    fn what_a_newer_version_has_proven_is_kept_and_counts_for_nothing() {
        let json = r#"[{"method":"password","at":5},{"method":"iris","authenticator":"8f14e45f-ceea-467f-a1d3-6f1c2b0e9a77","at":6,"properties":["shiny"]}]"#;
        let context: AuthenticationContext = serde_json::from_str(json).unwrap();
        assert_eq!((context.level(), context.amr()), (AuthenticationLevel::Aal1, vec!["pwd"]));
        assert_eq!(context.auth_time(), at(5));
        assert_eq!(serde_json::to_string(&context).unwrap(), json);
    }
}

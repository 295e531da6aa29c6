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
    /// A proof by this method at this moment, which says nothing else.
    pub const fn new(method: ProofMethod, at: Timestamp) -> Self {
        Self { method, authenticator: None, at, properties: BTreeSet::new() }
    }

    /// A password that was right at this moment.
    pub const fn password(at: Timestamp) -> Self {
        Self::new(ProofMethod::Password, at)
    }

    fn says(&self, property: &ProofProperty) -> bool {
        self.properties.contains(property)
    }

    /// Whether a key has proven it that no other site can use.
    fn is_phishing_resistant(&self) -> bool {
        self.method == ProofMethod::WebAuthn
    }

    /// Whether a key has proven it that cannot leave its hardware and that its person has unlocked.
    fn is_hardware_protected(&self) -> bool {
        self.is_phishing_resistant()
            && self.says(&ProofProperty::HardwareAttested)
            && self.says(&ProofProperty::UserVerified)
            && !self.says(&ProofProperty::BackupEligible)
    }

    /// What the proof counts for: the factor of its method, and what the authenticator has asked of its person.
    fn factors(&self) -> impl Iterator<Item = Factor> {
        let factor = self.method.row().factor;
        let activation =
            (factor.is_some() && self.says(&ProofProperty::UserVerified)).then_some(Factor::Activation);
        factor.into_iter().chain(activation)
    }
}

/// A method of authentication.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofMethod {
    /// A passkey or a security key.
    #[serde(rename = "webauthn")]
    WebAuthn,
    /// A code of an authenticator app or a fob that follows the time.
    Totp,
    /// A code of a fob that follows a counter.
    Hotp,
    /// A recovery code, which counts once.
    RecoveryCode,
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
    /// The key may be copied to other devices (WebAuthn level 3 section 6.1.3).
    BackupEligible,
    /// A chain of certificates that was verified says that the key is in hardware.
    HardwareAttested,
    /// A property of a newer version. It is kept, and counts for nothing.
    #[serde(untagged)]
    Other(String),
}

/// What kind of thing a factor is. Two of one kind are no second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Factor {
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
    /// Its values in `amr` (RFC 8176 section 2).
    amr: &'static [&'static str],
}

impl ProofMethod {
    /// The table of methods.
    const fn row(&self) -> MethodRow {
        match self {
            Self::WebAuthn => MethodRow { factor: Some(Factor::Possession), amr: &["pop", "user"] },
            Self::Totp | Self::Hotp | Self::RecoveryCode => {
                MethodRow { factor: Some(Factor::Possession), amr: &["otp"] }
            }
            Self::Password => MethodRow { factor: Some(Factor::Knowledge), amr: &["pwd"] },
            Self::Other(_) => MethodRow { factor: None, amr: &[] },
        }
    }
}

/// How sure it is that it is the person: a value of `acr`. The levels `aal1` to `aal3` are those of NIST SP 800-63B-4 section 2, `phr`
/// and `phrh` those of OpenID Connect EAP ACR Values section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthenticationLevel {
    /// One factor.
    Aal1,
    /// Two different factors.
    Aal2,
    /// Two factors, one of them a key that no other site can use and that cannot leave its hardware.
    Aal3,
    /// Phishing-resistant: a key that no other site can use.
    Phr,
    /// Phishing-resistant, and the key cannot leave its hardware.
    Phrh,
}

impl AuthenticationLevel {
    /// Every level.
    pub const ALL: [Self; 5] = [Self::Aal1, Self::Aal2, Self::Aal3, Self::Phr, Self::Phrh];

    /// The value of `acr`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
            Self::Aal3 => "aal3",
            Self::Phr => "phr",
            Self::Phrh => "phrh",
        }
    }

    /// Reads [`AuthenticationLevel::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
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

    /// What was proven at this moment or later.
    #[must_use]
    pub fn since(&self, moment: Timestamp) -> Self {
        Self { proofs: self.proofs.iter().filter(|proof| proof.at >= moment).cloned().collect() }
    }

    /// When the person last logged in (`auth_time`, OIDC core section 2): the last moment from which on their proofs are one factor, or two
    /// where there are two. So one factor that is proven again later makes no fresh login of two. 1970 if nothing was proven.
    pub fn auth_time(&self) -> Timestamp {
        let level = self.level().min(AuthenticationLevel::Aal2);
        let moments = self.proofs.iter().map(|proof| proof.at);
        moments.filter(|moment| self.since(*moment).reaches(level)).max().unwrap_or_default()
    }

    /// The highest level of NIST SP 800-63B-4 that is reached (`acr`, OIDC core section 2). One that nothing was proven for is `aal1`
    /// too, as no session is without a proof.
    pub fn level(&self) -> AuthenticationLevel {
        let levels = [AuthenticationLevel::Aal3, AuthenticationLevel::Aal2];
        levels.into_iter().find(|level| self.reaches(*level)).unwrap_or(AuthenticationLevel::Aal1)
    }

    /// Whether what was proven is enough for a level.
    pub fn reaches(&self, level: AuthenticationLevel) -> bool {
        let factors = self.factors();
        let has = |factor| factors.contains(&factor);
        match level {
            AuthenticationLevel::Aal1 => !factors.is_empty(),
            // Beside possession, something that the person knows or is.
            AuthenticationLevel::Aal2 => {
                has(Factor::Possession) && (has(Factor::Knowledge) || has(Factor::Activation))
            }
            AuthenticationLevel::Phr => self.proofs.iter().any(Proof::is_phishing_resistant),
            AuthenticationLevel::Aal3 | AuthenticationLevel::Phrh => {
                self.proofs.iter().any(Proof::is_hardware_protected)
            }
        }
    }

    /// Whether this proof counts for something that has not been proven yet.
    pub fn gains_by(&self, proof: &Proof) -> bool {
        let more = Self { proofs: self.proofs.iter().chain([proof]).cloned().collect() };
        more.factors().len() > self.factors().len()
            || AuthenticationLevel::ALL.into_iter().any(|level| more.reaches(level) && !self.reaches(level))
    }

    /// The same, and this proof. See [`Self::renewed_by`].
    #[must_use]
    pub fn with(self, proof: Proof) -> Self {
        self.renewed_by(&Self { proofs: vec![proof] })
    }

    /// The same without what an authenticator has proven.
    #[must_use]
    pub fn without(&self, authenticator: AuthenticatorId) -> Self {
        let kept = self.proofs.iter().filter(|proof| proof.authenticator != Some(authenticator));
        Self { proofs: kept.cloned().collect() }
    }

    fn factors(&self) -> BTreeSet<Factor> {
        self.proofs.iter().flat_map(Proof::factors).collect()
    }

    /// The methods (`amr`, RFC 8176), each once.
    pub fn amr(&self) -> Vec<&'static str> {
        let mut methods: BTreeSet<_> =
            self.proofs.iter().flat_map(|proof| proof.method.row().amr).copied().collect();
        let keys = || self.proofs.iter().filter(|proof| proof.method == ProofMethod::WebAuthn);
        if keys().any(|proof| proof.says(&ProofProperty::HardwareAttested)) {
            methods.insert("hwk");
        }
        if keys().any(|proof| proof.says(&ProofProperty::BackupEligible)) {
            methods.insert("swk");
        }
        if self.reaches(AuthenticationLevel::Aal2) {
            methods.insert("mfa");
        }
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
        Proof::new(method, at(seconds))
    }

    #[test]
    fn the_levels_are_those_of_the_proofs() {
        use AuthenticationLevel::{Aal1, Aal2, Aal3, Phr, Phrh};
        use ProofMethod::{Hotp, Password, RecoveryCode, Totp, WebAuthn};
        use ProofProperty::{BackupEligible, HardwareAttested, UserVerified};
        let with = |method: ProofMethod, properties: &[ProofProperty]| Proof {
            properties: properties.iter().cloned().collect(),
            ..Proof::new(method, at(1))
        };
        let key = |properties: &[ProofProperty]| with(WebAuthn, properties);
        let (password, totp, recovery) = (with(Password, &[]), with(Totp, &[]), with(RecoveryCode, &[]));
        let hotp = with(Hotp, &[]);
        let table: [(Vec<Proof>, &[AuthenticationLevel], &[&str]); 14] = [
            (vec![], &[], &[]),
            (vec![password.clone()], &[Aal1], &["pwd"]),
            (vec![totp.clone()], &[Aal1], &["otp"]),
            (vec![totp.clone(), recovery.clone()], &[Aal1], &["otp"]),
            (vec![totp.clone(), hotp.clone()], &[Aal1], &["otp"]),
            (vec![password.clone(), hotp], &[Aal1, Aal2], &["mfa", "otp", "pwd"]),
            (vec![password.clone(), totp], &[Aal1, Aal2], &["mfa", "otp", "pwd"]),
            (vec![password.clone(), recovery], &[Aal1, Aal2], &["mfa", "otp", "pwd"]),
            (vec![key(&[])], &[Aal1, Phr], &["pop", "user"]),
            (vec![password.clone(), key(&[])], &[Aal1, Aal2, Phr], &["mfa", "pop", "pwd", "user"]),
            (vec![key(&[UserVerified])], &[Aal1, Aal2, Phr], &["mfa", "pop", "user"]),
            (
                vec![key(&[UserVerified, HardwareAttested, BackupEligible])],
                &[Aal1, Aal2, Phr],
                &["hwk", "mfa", "pop", "swk", "user"],
            ),
            // Without user verification, a password does not make it hardware-protected.
            (
                vec![password, key(&[HardwareAttested])],
                &[Aal1, Aal2, Phr],
                &["hwk", "mfa", "pop", "pwd", "user"],
            ),
            (
                vec![key(&[UserVerified, HardwareAttested])],
                &[Aal1, Aal2, Aal3, Phr, Phrh],
                &["hwk", "mfa", "pop", "user"],
            ),
        ];
        for (proofs, levels, amr) in table {
            let context = AuthenticationContext::new(proofs);
            let reached: Vec<_> =
                AuthenticationLevel::ALL.into_iter().filter(|level| context.reaches(*level)).collect();
            assert_eq!(reached, levels, "{context:?}");
            assert_eq!(context.amr(), amr, "{context:?}");
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
    fn one_factor_that_is_proven_again_makes_no_fresh_login_of_two() {
        let key = |seconds, properties: &[ProofProperty]| Proof {
            properties: properties.iter().cloned().collect(),
            ..proof(ProofMethod::WebAuthn, seconds)
        };
        let two =
            AuthenticationContext::new(vec![proof(ProofMethod::Password, 1), proof(ProofMethod::Totp, 3)]);
        assert_eq!(two.auth_time(), at(1));
        assert_eq!(two.clone().with(key(9, &[])).auth_time(), at(1));
        assert_eq!(two.clone().with(proof(ProofMethod::Totp, 9)).auth_time(), at(1));
        assert_eq!(two.clone().with(key(9, &[ProofProperty::UserVerified])).auth_time(), at(9), "two in one");
        // A login of two factors is a fresh one also in a session that has proven more.
        let hardware = [ProofProperty::UserVerified, ProofProperty::HardwareAttested];
        let more = AuthenticationContext::new(vec![key(1, &hardware)]);
        let again =
            AuthenticationContext::new(vec![proof(ProofMethod::Password, 7), proof(ProofMethod::Totp, 8)]);
        assert_eq!(more.renewed_by(&again).auth_time(), at(7));
        assert_eq!(AuthenticationContext::new(vec![]).auth_time(), at(0));
    }

    #[test]
    fn a_later_login_adds_and_never_takes_away() {
        let other = || ProofMethod::Other("badge".to_owned());
        let first = AuthenticationContext::new(vec![proof(other(), 1), proof(ProofMethod::Password, 2)]);
        let renewed = first.renewed_by(&AuthenticationContext::new(vec![proof(ProofMethod::Password, 9)]));
        assert_eq!(renewed.proofs(), [proof(other(), 1), proof(ProofMethod::Password, 9)]);
        assert_eq!(renewed.level(), first.level());
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

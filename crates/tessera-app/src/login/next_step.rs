//! The next step of a login: a pure function of what was proven, what the person can prove, and what is required.

use tessera_model::{AuthenticationContext, AuthenticationLevel, Proof, ProofMethod, Timestamp};

use super::means::Means;

/// What a login needs, beside what the person's own means ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// All of these levels, or there is no session.
    pub levels: Vec<AuthenticationLevel>,
    /// One of these levels, the first that the person can reach. If they can reach none, the login goes on without (`acr_values`, OIDC
    /// core section 3.1.2.1).
    pub wanted: Vec<AuthenticationLevel>,
}

impl Requirement {
    /// Whether a session with these proofs needs nothing more, whoever's it is.
    pub fn is_met_by(&self, proven: &AuthenticationContext) -> bool {
        self.levels.iter().all(|level| proven.reaches(*level))
            && (self.wanted.is_empty() || self.wanted.iter().any(|level| proven.reaches(*level)))
    }
}

/// The next step of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LoginStep {
    /// The person proves one of these next. The strongest stands first.
    Prove(Vec<ProofMethod>),
    /// Enough was proven.
    StartSession,
    /// The person has nothing that would reach the required level.
    Refuse,
}

/// The next step after `proven`.
pub(crate) fn next_step(
    means: &Means,
    proven: &AuthenticationContext,
    required: &Requirement,
    now: Timestamp,
) -> LoginStep {
    let counted = means.counted(proven);
    let goal = goal(means, &counted, required, now);
    let is_enough = |context: &AuthenticationContext| goal.iter().all(|level| context.reaches(*level));
    if is_enough(&counted) {
        return LoginStep::StartSession;
    }
    let open: Vec<_> = means.proofs(now).filter(|proof| counted.gains_by(proof)).collect();
    if !is_enough(&open.iter().cloned().fold(counted.clone(), AuthenticationContext::with)) {
        return LoginStep::Refuse;
    }
    // Those that are enough alone, if there are any: nobody is asked twice who could be asked once.
    let last: Vec<_> =
        open.iter().filter(|proof| is_enough(&counted.clone().with((*proof).clone()))).collect();
    let offered = if last.is_empty() { open.iter().collect() } else { last };
    LoginStep::Prove(methods(&offered))
}

/// Every level that has to be reached.
fn goal(
    means: &Means,
    counted: &AuthenticationContext,
    required: &Requirement,
    now: Timestamp,
) -> Vec<AuthenticationLevel> {
    let all = means.proofs(now).fold(counted.clone(), AuthenticationContext::with);
    let is_reached = required.wanted.iter().any(|level| counted.reaches(*level));
    let wanted = required.wanted.iter().find(|level| !is_reached && all.reaches(**level));
    required
        .levels
        .iter()
        .chain(wanted)
        .copied()
        .chain([AuthenticationLevel::Aal1, means.own_level()])
        .collect()
}

/// The methods of these proofs, each once.
fn methods(proofs: &[&Proof]) -> Vec<ProofMethod> {
    let mut methods: Vec<_> = proofs.iter().map(|proof| proof.method.clone()).collect();
    methods.dedup();
    methods
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tessera_model::{Authenticator, AuthenticatorId, PasswordHash, User, UserId, UserStatus};
    use tessera_model::{AuthenticatorKind, FobDates, HotpSecret, TotpSecret, WebAuthnCredential};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(7);

    /// What a person may have.
    #[derive(Clone, Copy, Debug, Default)]
    struct Has {
        password: bool,
        /// A key, and whether it verifies its person.
        key: Option<bool>,
        attested: bool,
        totp: bool,
        fob: bool,
        codes: u64,
    }

    impl Has {
        fn authenticators(self) -> Vec<Authenticator> {
            let one = |number, kind| Authenticator {
                id: AuthenticatorId::from_random([number; 16]),
                user_id: UserId::from_random([1; 16]),
                name: "mine".parse().unwrap(),
                kind,
                counter: 0,
                created_at: NOW,
                last_used_at: None,
            };
            let (sealed, algorithm) = (Vec::new(), "SHA1".to_owned());
            let hotp = HotpSecret { sealed, algorithm, digits: 6, fob: FobDates::default() };
            let (sealed, algorithm) = (Vec::new(), "SHA1".to_owned());
            let totp = TotpSecret { sealed, algorithm, digits: 6, period: 30, drift: 0, fob: None };
            let key = |user_verified| WebAuthnCredential {
                credential_id: vec![1],
                public_key: Vec::new(),
                user_verified,
                backup_eligible: false,
                backed_up: false,
                discoverable: None,
                transports: Vec::new(),
                aaguid: String::new(),
                hardware_attested: self.attested,
            };
            let totp = self.totp.then(|| one(3, AuthenticatorKind::Totp(totp)));
            let key = self.key.map(|verifies| one(2, AuthenticatorKind::WebAuthn(key(verifies))));
            let fob = self.fob.then(|| one(4, AuthenticatorKind::Hotp(hotp)));
            totp.into_iter().chain(fob).chain(key).collect()
        }

        fn means(self) -> Means {
            let user = User {
                id: UserId::from_random([1; 16]),
                username: "alice".parse().unwrap(),
                name: None,
                email: None,
                email_verified: false,
                claims: tessera_oauth::claims::ProfileClaims::default(),
                status: UserStatus::Active,
                password: self.password.then(|| PasswordHash::new("hash".to_owned())),
                security_version: tessera_model::SecurityVersion::FIRST,
                created_at: NOW,
                updated_at: NOW,
            };
            Means::of(&user, &self.authenticators(), self.codes, NOW)
        }

        /// The strongest proof by a method.
        fn proof(self, method: &ProofMethod) -> Proof {
            let mine = self.means().proofs(NOW).find(|proof| proof.method == *method);
            mine.unwrap_or_else(|| Proof::new(method.clone(), NOW))
        }
    }

    fn step(has: Has, proven: &[ProofMethod], required: &Requirement) -> LoginStep {
        let proofs = proven.iter().map(|method| has.proof(method)).collect();
        next_step(&has.means(), &AuthenticationContext::new(proofs), required, NOW)
    }

    fn needs(levels: &[AuthenticationLevel]) -> Requirement {
        Requirement { levels: levels.to_vec(), wanted: Vec::new() }
    }

    #[test]
    fn the_next_step_follows_from_what_was_proven() {
        use AuthenticationLevel::{Aal2, Aal3, Phr};
        use LoginStep::{Refuse, StartSession};
        use ProofMethod::{Hotp, Password, RecoveryCode, Totp, WebAuthn};
        let prove = |methods: &[ProofMethod]| LoginStep::Prove(methods.to_vec());
        let nothing = Has::default();
        let password = Has { password: true, ..nothing };
        let totp = Has { totp: true, ..password };
        let fob = Has { fob: true, ..password };
        let both = Has { totp: true, ..fob };
        let codes = Has { codes: 3, ..totp };
        let touch = Has { key: Some(false), ..password };
        let passkey = Has { key: Some(true), ..nothing };
        let everything = Has { key: Some(true), attested: true, ..codes };
        let other = [ProofMethod::Other("badge".to_owned())];
        let any = needs(&[]);
        let table: [(Has, &[ProofMethod], Requirement, LoginStep); 25] = [
            (nothing, &[], any.clone(), Refuse),
            (password, &[], any.clone(), prove(&[Password])),
            (password, &[Password], any.clone(), StartSession),
            (password, &[Password], needs(&[Aal2]), Refuse),
            (password, &other, any.clone(), prove(&[Password])),
            // Whoever has enrolled a second factor is asked for it.
            (totp, &[Password], any.clone(), prove(&[Totp])),
            (totp, &[Password, Totp], any.clone(), StartSession),
            (totp, &[Password, Totp], needs(&[Phr]), Refuse),
            (fob, &[Password], any.clone(), prove(&[Hotp])),
            (both, &[Password], any.clone(), prove(&[Totp, Hotp])),
            (both, &[Password, Hotp], any.clone(), StartSession),
            (codes, &[Password], any.clone(), prove(&[Totp, RecoveryCode])),
            (codes, &[Password, RecoveryCode], any.clone(), StartSession),
            (Has { codes: 3, ..password }, &[Password], any.clone(), StartSession),
            (touch, &[Password], any.clone(), prove(&[WebAuthn])),
            (touch, &[WebAuthn], any.clone(), prove(&[Password])),
            (touch, &[Password, WebAuthn], needs(&[Phr]), StartSession),
            (passkey, &[], any.clone(), prove(&[WebAuthn])),
            (passkey, &[WebAuthn], any.clone(), StartSession),
            (passkey, &[WebAuthn], needs(&[Aal3]), Refuse),
            (everything, &[Password], any.clone(), prove(&[WebAuthn, Totp, RecoveryCode])),
            (everything, &[Password, Totp], needs(&[Phr]), prove(&[WebAuthn])),
            (everything, &[Password], needs(&[Aal3]), prove(&[WebAuthn])),
            (everything, &[WebAuthn], needs(&[Aal3, Phr]), StartSession),
            // Only the authenticators that the person still has count.
            (password, &[Totp, Password], any, StartSession),
        ];
        for (has, proven, required, expected) in table {
            assert_eq!(step(has, proven, &required), expected, "{has:?} {proven:?} {required:?}");
        }
    }

    #[test]
    fn what_is_wanted_is_asked_for_only_where_it_helps() {
        use AuthenticationLevel::{Aal2, Aal3, Phr};
        use ProofMethod::{Password, Totp, WebAuthn};
        let want =
            |wanted: &[AuthenticationLevel]| Requirement { levels: Vec::new(), wanted: wanted.to_vec() };
        let password = Has { password: true, ..Has::default() };
        let both = Has { key: Some(true), totp: true, ..password };
        assert_eq!(step(password, &[Password], &want(&[Aal3, Phr])), LoginStep::StartSession);
        assert_eq!(step(both, &[Password, Totp], &want(&[Aal3])), LoginStep::StartSession);
        assert_eq!(step(both, &[Password, Totp], &want(&[Aal3, Phr])), LoginStep::Prove(vec![WebAuthn]));
        assert_eq!(
            step(both, &[Password, Totp], &want(&[Phr, Aal2])),
            LoginStep::StartSession,
            "one is reached"
        );
    }

    fn has() -> impl Strategy<Value = Has> {
        (any::<[bool; 4]>(), any::<Option<bool>>(), 0..2_u64).prop_map(
            |([password, attested, totp, fob], key, codes)| Has { password, key, attested, totp, fob, codes },
        )
    }

    fn requirement() -> impl Strategy<Value = Requirement> {
        let levels = || proptest::sample::subsequence(AuthenticationLevel::ALL.to_vec(), 0..3);
        (levels(), levels()).prop_map(|(levels, wanted)| Requirement { levels, wanted })
    }

    fn methods() -> impl Strategy<Value = Vec<ProofMethod>> {
        let method = prop_oneof![
            Just(ProofMethod::Password),
            Just(ProofMethod::Totp),
            Just(ProofMethod::Hotp),
            Just(ProofMethod::WebAuthn),
            Just(ProofMethod::RecoveryCode),
            "[a-z]{1,4}".prop_map(ProofMethod::Other)
        ];
        proptest::collection::vec(method, 0..4)
    }

    proptest! {
        #[test]
        fn no_path_reaches_a_session_below_the_required_level(
            has in has(),
            proven in methods(),
            required in requirement(),
        ) {
            let context = AuthenticationContext::new(proven.iter().map(|method| has.proof(method)).collect());
            if step(has, &proven, &required) == LoginStep::StartSession {
                for level in &required.levels {
                    prop_assert!(context.reaches(*level), "{level}");
                }
                prop_assert!(context.reaches(has.means().own_level()));
            }
        }

        #[test]
        fn every_login_ends_after_a_few_steps(has in has(), required in requirement(), choices in any::<[u8; 4]>()) {
            let mut proven = Vec::new();
            for choice in choices {
                match step(has, &proven, &required) {
                    LoginStep::Prove(methods) => {
                        let next = methods[usize::from(choice) % methods.len()].clone();
                        prop_assert!(!proven.contains(&next), "{next:?} is asked for again after {proven:?}");
                        proven.push(next);
                    }
                    LoginStep::StartSession => return Ok(()),
                    LoginStep::Refuse => {
                        prop_assert!(proven.is_empty(), "refused after {proven:?}");
                        return Ok(());
                    }
                }
            }
            prop_assert_eq!(step(has, &proven, &required), LoginStep::StartSession);
        }
    }
}

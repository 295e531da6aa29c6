//! What a person can prove themselves with.

use tessera_model::{
    AuthenticationContext, AuthenticationLevel, Authenticator, AuthenticatorKind, Proof, ProofMethod,
    Timestamp, User,
};
use tessera_store::{StoreError, Tx};

/// What a person can prove, as far as anybody knows.
pub(crate) struct Means {
    /// The most that each of their methods can prove, strongest first.
    proofs: Vec<Proof>,
    /// Whether they have recovery codes, which stand in for a second factor.
    recovery_codes: bool,
    /// Whether they have something that a newer version has enrolled. This version cannot ask for it, and still lets nobody in without a
    /// second factor.
    has_unknown: bool,
    can_log_in: bool,
}

impl Means {
    /// The means of a person with these authenticators and so many recovery codes.
    pub(crate) fn of(
        user: &User,
        authenticators: &[Authenticator],
        recovery_codes: u64,
        now: Timestamp,
    ) -> Self {
        let mut proofs: Vec<_> = authenticators.iter().filter_map(|one| one.strongest_proof(now)).collect();
        proofs.sort_by(|a, b| a.method.cmp(&b.method));
        proofs.extend(user.password.is_some().then(|| Proof::password(now)));
        let names_its_person = |one: &Authenticator| match &one.kind {
            AuthenticatorKind::WebAuthn(credential) => credential.discoverable != Some(false),
            AuthenticatorKind::Totp(_) | AuthenticatorKind::Hotp(_) | AuthenticatorKind::Other(_) => false,
        };
        let can_log_in = user.password.is_some() || authenticators.iter().any(names_its_person);
        let has_unknown = authenticators.iter().any(|one| one.strongest_proof(now).is_none());
        let means = Self { proofs, recovery_codes: false, has_unknown, can_log_in };
        Self { recovery_codes: recovery_codes > 0 && means.has_second_factor(), ..means }
    }

    /// The means of a person as they are now.
    pub(crate) async fn read(tx: &Tx, user: &User, now: Timestamp) -> Result<Self, StoreError> {
        let authenticators = tx.authenticators().of_user(user.id).await?;
        let codes = if authenticators.is_empty() { 0 } else { tx.recovery_codes().count(user.id).await? };
        Ok(Self::of(user, &authenticators, codes, now))
    }

    /// Whether a login can begin with one of them.
    pub(crate) const fn can_log_in(&self) -> bool {
        self.can_log_in
    }

    /// Whether the person has enrolled something that is a second factor beside a password.
    pub(crate) fn has_second_factor(&self) -> bool {
        self.has_unknown || self.proofs.iter().any(|proof| proof.method != ProofMethod::Password)
    }

    /// The level that the person's own logins need: two factors for whoever has enrolled two.
    pub(crate) fn own_level(&self) -> AuthenticationLevel {
        let all = AuthenticationContext::new(self.proofs.clone());
        let has_two = self.has_unknown || all.reaches(AuthenticationLevel::Aal2);
        if has_two { AuthenticationLevel::Aal2 } else { AuthenticationLevel::Aal1 }
    }

    /// The most that each method can prove, strongest first and recovery codes last.
    pub(super) fn proofs(&self, now: Timestamp) -> impl Iterator<Item = Proof> {
        let recovery = self.recovery_codes.then(|| Proof::new(ProofMethod::RecoveryCode, now));
        self.proofs.iter().cloned().chain(recovery)
    }

    /// What counts of the proofs of a login: what the person can still prove. An authenticator that was removed counts no more. A
    /// recovery code is gone once it is used, and counts.
    pub(crate) fn counted(&self, proven: &AuthenticationContext) -> AuthenticationContext {
        let has = |proof: &&Proof| {
            proof.method == ProofMethod::RecoveryCode
                || self
                    .proofs
                    .iter()
                    .any(|mine| (&mine.method, mine.authenticator) == (&proof.method, proof.authenticator))
        };
        AuthenticationContext::new(proven.proofs().iter().filter(has).cloned().collect())
    }
}

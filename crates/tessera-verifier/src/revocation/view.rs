//! The rules in memory.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::rule::{Rule, RuleKind};
use super::rules::{Cutoff, Rules};
use crate::claims::Claims;

/// How far a rule that others were folded into may reach into the future, in seconds: the most that clocks may differ.
const FOLD_REACH: i64 = 60;
/// How long a rule stays after it has expired, in seconds. Longer than the leeway with which an expired token is still accepted.
const KEEP_EXPIRED: i64 = 120;
/// Most names of unknown kinds that are remembered.
const MAX_UNKNOWN_KINDS: usize = 16;

/// Revocation rules, consulted for every token.
///
/// ```
/// use tessera_verifier::revocation::{RevocationView, Rule, RuleKind};
///
/// let view = RevocationView::new();
/// view.insert([Rule::new(RuleKind::All, [0; 32], 1_000, 4_600)], 1_000);
/// assert_eq!(view.len(), 1);
/// view.purge(10_000);
/// assert!(view.is_empty());
/// ```
#[derive(Default)]
pub struct RevocationView {
    /// Whether there is any rule. There usually is none, and then nobody takes the lock.
    has_rules: AtomicBool,
    rules: RwLock<Rules>,
    unknown_kinds: RwLock<BTreeSet<String>>,
}

/// What the rules say about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No rule revokes it.
    Live,
    /// A rule of this kind revokes it.
    Revoked(RuleKind),
    /// There were more rules than `MAX_RULES`, and they could not be folded. So nobody knows.
    Undecided,
}

/// The state of the rules, for the operator of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationStatus {
    /// How many rules there are.
    pub rules: usize,
    /// Kinds of rules that this version does not know. Tokens that they could mean are refused. Update the verifier.
    pub unknown_kinds: Vec<String>,
    /// How often there were too many rules. Then rules of one person or one client gave way to a rule about the person or the client.
    pub folds: u64,
    /// Whether there are too many rules now and they cannot be folded. Then old tokens are refused with 503.
    pub overfull: bool,
}

impl RevocationView {
    /// A view without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rules at `now` (seconds since 1970). A second rule with the same kind and id can only make the first stricter.
    ///
    /// With more than [`MAX_RULES`](super::MAX_RULES) rules, several rules of one person become one about the person, and if that is
    /// not enough, the rules of a client with more than 10,000 people become one about the client. Such a rule revokes what was issued
    /// until a minute after `now`. Whoever logs in after that gets valid tokens.
    pub fn insert(&self, new: impl IntoIterator<Item = Rule>, now: i64) {
        let mut rules = self.write();
        for rule in new {
            rules.add(&rule, now.saturating_add(FOLD_REACH));
            self.has_rules.store(true, Ordering::Release);
        }
    }

    /// Remembers kinds of rules that this version does not know, and tells the log about new ones.
    pub(crate) fn note_unknown_kinds(&self, kinds: BTreeSet<String>) {
        if kinds.is_empty() {
            return;
        }
        let mut known = self.unknown_kinds.write().unwrap_or_else(PoisonError::into_inner);
        for kind in kinds {
            if known.len() < MAX_UNKNOWN_KINDS && known.insert(kind.clone()) {
                tracing::error!(?kind, "revocation.unknown_kind: update this verifier");
            }
        }
    }

    /// What the rules say about a token.
    pub fn verdict(&self, claims: &Claims) -> Verdict {
        if !self.has_rules.load(Ordering::Acquire) {
            return Verdict::Live;
        }
        let rules = self.read();
        let issued_at = claims.issued_at();
        let hits = |rule: Option<Cutoff>| rule.is_some_and(|cutoff| issued_at <= cutoff.issued_before);
        if hits(rules.everybody) {
            return Verdict::Revoked(RuleKind::All);
        }
        if hits(rules.unknown) {
            return Verdict::Revoked(RuleKind::Unknown);
        }
        if rules.names_nothing() {
            return Verdict::Live;
        }
        let known = claims.known_rules();
        let by = claims.digests().iter().find(|name| rules.revokes(**name, issued_at, known));
        match by {
            Some((kind, _)) => Verdict::Revoked(*kind),
            None if hits(rules.gap) => Verdict::Undecided,
            None => Verdict::Live,
        }
    }

    /// Drops rules that expired at least two minutes before `now` (seconds since 1970). Every token that they revoke has expired.
    pub fn purge(&self, now: i64) {
        let mut rules = self.write();
        rules.retain(|cutoff| cutoff.expires_at.saturating_add(KEEP_EXPIRED) > now);
        self.has_rules.store(rules.len() > 0, Ordering::Release);
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How the rules are doing. Tell somebody about unknown kinds and about a view that is overfull.
    pub fn status(&self) -> RevocationStatus {
        let unknown_kinds = self.unknown_kinds.read().unwrap_or_else(PoisonError::into_inner);
        let rules = self.read();
        RevocationStatus {
            rules: rules.len(),
            unknown_kinds: unknown_kinds.iter().cloned().collect(),
            folds: rules.folds,
            overfull: rules.gap.is_some(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rules> {
        self.rules.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RevocationView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationView({} rules)", self.len())
    }
}

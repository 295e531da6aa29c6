//! The rules in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use super::rule::{Rule, RuleKind};
use crate::claims::Claims;

/// Most rules that are kept one by one. One more, and they are folded into a single rule for everybody. That revokes more tokens
/// than the issuer asked for, but no revoked token becomes valid and memory stays bounded.
pub const MAX_RULES: usize = 1_000_000;
/// How far the rule for everybody may reach into the future when rules are folded, in seconds: the most that clocks may differ.
/// Single rules may reach further, because what they name gets no more tokens. Everybody else still gets tokens.
const FOLD_REACH: i64 = 60;
/// How long a rule stays after it has expired, in seconds. Longer than the leeway with which an expired token is still accepted.
const KEEP_EXPIRED: i64 = 120;

/// Revocation rules, consulted for every token.
///
/// ```
/// use tessera_verifier::revocation::{RevocationView, Rule, RuleKind};
///
/// let view = RevocationView::new();
/// view.insert([Rule { kind: RuleKind::All, id: [0; 32], issued_before: 1_000, expires_at: 4_600 }], 1_000);
/// assert_eq!(view.len(), 1);
/// view.purge(10_000);
/// assert!(view.is_empty());
/// ```
#[derive(Default)]
pub struct RevocationView {
    /// Whether there is any rule. There usually is none, and then nobody takes the lock.
    has_rules: AtomicBool,
    rules: RwLock<Rules>,
}

#[derive(Default)]
struct Rules {
    by_id: HashMap<(RuleKind, [u8; 32]), Cutoff>,
    everybody: Option<Cutoff>,
    /// How often rules have been folded.
    folds: u64,
}

/// Tokens issued up to and including `issued_before` are revoked. Both are seconds since 1970.
#[derive(Clone, Copy)]
struct Cutoff {
    issued_before: i64,
    expires_at: i64,
}

impl Cutoff {
    /// Revokes what either of the two revokes, for as long as either of them lasts.
    fn merge(self, other: Self) -> Self {
        Self {
            issued_before: self.issued_before.max(other.issued_before),
            expires_at: self.expires_at.max(other.expires_at),
        }
    }
}

impl RevocationView {
    /// A view without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rules at `now` (seconds since 1970). A second rule with the same kind and id can only make the first stricter.
    ///
    /// With more than [`MAX_RULES`] rules, all are folded into one for everybody. It revokes what was issued until a minute after
    /// `now`. Whoever logs in after that gets valid tokens.
    pub fn insert(&self, new: impl IntoIterator<Item = Rule>, now: i64) {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        for rule in new {
            let cutoff = Cutoff { issued_before: rule.issued_before, expires_at: rule.expires_at };
            match rule.kind {
                RuleKind::All => rules.add_for_everybody(cutoff),
                RuleKind::Token
                | RuleKind::Grant
                | RuleKind::Session
                | RuleKind::Subject
                | RuleKind::Client => {
                    let entry = rules.by_id.entry((rule.kind, rule.id)).or_insert(cutoff);
                    *entry = entry.merge(cutoff);
                }
            }
            if rules.by_id.len() > MAX_RULES {
                rules.fold(now.saturating_add(FOLD_REACH));
            }
            self.has_rules.store(true, Ordering::Release);
        }
    }

    /// The kind of a rule that revokes the token, if one does.
    pub fn revoked_by(&self, claims: &Claims) -> Option<RuleKind> {
        if !self.has_rules.load(Ordering::Acquire) {
            return None;
        }
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        let issued_at = claims.issued_at();
        if rules.everybody.is_some_and(|cutoff| issued_at <= cutoff.issued_before) {
            return Some(RuleKind::All);
        }
        if rules.by_id.is_empty() {
            return None;
        }
        let revokes = |(kind, id): &(RuleKind, &[u8; 32])| {
            rules.by_id.get(&(*kind, **id)).is_some_and(|cutoff| issued_at <= cutoff.issued_before)
        };
        claims.digests().iter().find(revokes).map(|(kind, _)| kind)
    }

    /// Drops rules that expired at least two minutes before `now` (seconds since 1970). Every token that they revoke has expired.
    pub fn purge(&self, now: i64) {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        let is_needed = |cutoff: &Cutoff| cutoff.expires_at.saturating_add(KEEP_EXPIRED) > now;
        rules.by_id.retain(|_, cutoff| is_needed(cutoff));
        rules.everybody = rules.everybody.filter(is_needed);
        self.has_rules.store(rules.everybody.is_some() || !rules.by_id.is_empty(), Ordering::Release);
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        rules.by_id.len() + usize::from(rules.everybody.is_some())
    }

    /// How often rules have been folded into one for everybody.
    pub(crate) fn folds(&self) -> u64 {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).folds
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Rules {
    fn add_for_everybody(&mut self, cutoff: Cutoff) {
        self.everybody = Some(self.everybody.map_or(cutoff, |old| old.merge(cutoff)));
    }

    fn fold(&mut self, latest: i64) {
        let all = std::mem::take(&mut self.by_id).into_values().reduce(Cutoff::merge);
        if let Some(cutoff) = all {
            let cutoff = Cutoff { issued_before: cutoff.issued_before.min(latest), ..cutoff };
            self.folds += 1;
            self.add_for_everybody(cutoff);
            tracing::error!(issued_before = cutoff.issued_before, "revocation.rules_folded");
        }
    }
}

impl fmt::Debug for RevocationView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationView({} rules)", self.len())
    }
}

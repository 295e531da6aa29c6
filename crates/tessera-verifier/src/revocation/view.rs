//! The rules in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use super::{Rule, RuleKind};
use crate::claims::Claims;

/// Most rules kept one by one. One more, and they are folded into a single rule for everybody: more is refused than was asked
/// for, but nothing comes back to life and memory stays bounded (attack V02).
pub const MAX_RULES: usize = 1_000_000;
/// How far the rule for everybody may reach past the moment of folding, in seconds: the most that clocks may be apart. Some
/// rules reach further, into a time in which what they name issues nothing any more; everybody else does.
const FOLD_REACH: i64 = 60;
/// How long a rule stays after its own end: longer than the leeway with which an expired token still passes.
const LINGER: i64 = 120;

/// Revocation rules, consulted for every token.
#[derive(Default)]
pub struct RevocationView {
    /// Whether there is any rule: the usual answer to the usual question, without taking the lock.
    armed: AtomicBool,
    rules: RwLock<Rules>,
}

#[derive(Default)]
struct Rules {
    by_id: HashMap<(RuleKind, [u8; 32]), Cut>,
    everybody: Option<Cut>,
    folds: u64,
}

#[derive(Clone, Copy)]
struct Cut {
    issued_before: i64,
    expires_at: i64,
}

impl Cut {
    /// Both at once: whatever either of them hits, for as long as either of them lasts.
    fn join(self, other: Self) -> Self {
        Self {
            issued_before: self.issued_before.max(other.issued_before),
            expires_at: self.expires_at.max(other.expires_at),
        }
    }
}

impl RevocationView {
    /// Without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rules at `now` (seconds since 1970). A rule about something that has one already makes it stricter, never laxer.
    ///
    /// One more than [`MAX_RULES`], and all are folded into one for everybody, for whatever was issued until a minute from
    /// `now`: who logs in again after that is let in.
    pub fn insert(&self, new: impl IntoIterator<Item = Rule>, now: i64) {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        for rule in new {
            let cut = Cut { issued_before: rule.issued_before, expires_at: rule.expires_at };
            match rule.kind {
                RuleKind::All => rules.add_for_everybody(cut),
                RuleKind::Token
                | RuleKind::Grant
                | RuleKind::Session
                | RuleKind::Subject
                | RuleKind::Client => {
                    let entry = rules.by_id.entry((rule.kind, rule.id)).or_insert(cut);
                    *entry = entry.join(cut);
                }
            }
            if rules.by_id.len() > MAX_RULES {
                rules.fold(now.saturating_add(FOLD_REACH));
            }
            self.armed.store(true, Ordering::Release);
        }
    }

    /// The kind of a rule that hits the token, if one does.
    pub fn revoked_by(&self, claims: &Claims) -> Option<RuleKind> {
        if !self.armed.load(Ordering::Acquire) {
            return None;
        }
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        let issued_at = claims.issued_at();
        if rules.everybody.is_some_and(|cut| issued_at <= cut.issued_before) {
            return Some(RuleKind::All);
        }
        if rules.by_id.is_empty() {
            return None;
        }
        let hits = |(kind, id): &(RuleKind, &[u8; 32])| {
            rules.by_id.get(&(*kind, **id)).is_some_and(|cut| issued_at <= cut.issued_before)
        };
        claims.digests().iter().find(hits).map(|(kind, _)| kind)
    }

    /// Drops rules that ended a while before `now` (seconds since 1970): no token they hit can pass any more.
    pub fn purge(&self, now: i64) {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        let lives = |cut: &Cut| cut.expires_at.saturating_add(LINGER) > now;
        rules.by_id.retain(|_, cut| lives(cut));
        rules.everybody = rules.everybody.filter(lives);
        self.armed.store(rules.everybody.is_some() || !rules.by_id.is_empty(), Ordering::Release);
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
    fn add_for_everybody(&mut self, cut: Cut) {
        self.everybody = Some(self.everybody.map_or(cut, |old| old.join(cut)));
    }

    fn fold(&mut self, latest: i64) {
        let all = std::mem::take(&mut self.by_id).into_values().reduce(Cut::join);
        if let Some(cut) = all {
            let cut = Cut { issued_before: cut.issued_before.min(latest), ..cut };
            self.folds += 1;
            self.add_for_everybody(cut);
            tracing::error!(issued_before = cut.issued_before, "revocation.rules_folded");
        }
    }
}

impl fmt::Debug for RevocationView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationView({} rules)", self.len())
    }
}

//! The rules of a view, and how they stay few.
//!
//! When there are too many rules, they give way to fewer ones that revoke more. First several rules of one person become one rule
//! about the person. If that is not enough, the rules of a client with very many people become one rule about the client. They never
//! become a rule for everybody. Rules that cannot give way and do not fit leave a gap: the verifier cannot tell whether a token up to
//! the moment of the gap is revoked, and says so.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tessera_oauth::payload::KnownRules;

use super::rule::{Rule, RuleKind};

/// Most rules that are kept. With one more, some are folded into fewer that revoke more, but no revoked token becomes valid.
pub const MAX_RULES: usize = 1_000_000;
/// Folding stops when there are no more rules than this, so that it does not happen at every rule.
const FOLD_TO: usize = MAX_RULES / 4 * 3;
/// A client with no more people than this keeps their rules.
const MANY_PEOPLE: usize = 10_000;

/// Tokens issued up to and including `issued_before` are revoked. Both are seconds since 1970.
#[derive(Clone, Copy)]
pub(super) struct Cutoff {
    pub(super) issued_before: i64,
    pub(super) expires_at: i64,
}

impl Cutoff {
    /// Revokes what either of the two revokes, for as long as either of them lasts.
    pub(super) fn merge(self, other: Self) -> Self {
        Self {
            issued_before: self.issued_before.max(other.issued_before),
            expires_at: self.expires_at.max(other.expires_at),
        }
    }
}

/// One rule that names something.
#[derive(Clone, Copy)]
struct Kept {
    cutoff: Cutoff,
    /// The highest number of the rules that are in this one. A rule without a number counts as newer than all others.
    seq: i64,
    subject: Option<[u8; 32]>,
    client: Option<[u8; 32]>,
}

impl Kept {
    fn of(rule: &Rule) -> Self {
        Self {
            cutoff: Cutoff { issued_before: rule.issued_before, expires_at: rule.expires_at },
            seq: rule.seq.unwrap_or(i64::MAX),
            subject: rule.subject,
            client: rule.client,
        }
    }

    fn merge(self, other: Self) -> Self {
        Self {
            cutoff: self.cutoff.merge(other.cutoff),
            seq: self.seq.max(other.seq),
            subject: self.subject.filter(|_| self.subject == other.subject),
            client: self.client.filter(|_| self.client == other.client),
        }
    }
}

/// All rules of a view.
#[derive(Default)]
pub(super) struct Rules {
    by_id: HashMap<(RuleKind, [u8; 32]), Kept>,
    pub(super) everybody: Option<Cutoff>,
    /// Rules of kinds that this version does not know and that do not say whom they mean.
    pub(super) unknown: Option<Cutoff>,
    /// Rules that did not fit.
    pub(super) gap: Option<Cutoff>,
    /// How often rules have been folded.
    pub(super) folds: u64,
}

impl Rules {
    /// Adds a rule. `latest` is the last moment up to which a folded rule revokes.
    pub(super) fn add(&mut self, rule: &Rule, latest: i64) {
        let kept = Kept::of(rule);
        match rule.kind {
            RuleKind::All => widen(&mut self.everybody, kept.cutoff),
            RuleKind::Unknown => widen(&mut self.unknown, kept.cutoff),
            RuleKind::Token
            | RuleKind::Grant
            | RuleKind::Session
            | RuleKind::Subject
            | RuleKind::Client
            | RuleKind::Audience
            | RuleKind::Key => self.keep((rule.kind, rule.id), kept, latest),
        }
    }

    fn keep(&mut self, name: (RuleKind, [u8; 32]), kept: Kept, latest: i64) {
        if let Entry::Occupied(mut known) = self.by_id.entry(name) {
            let merged = known.get().merge(kept);
            known.insert(merged);
            return;
        }
        if self.by_id.len() >= MAX_RULES && self.gap.is_none() {
            self.fold(latest);
        }
        if self.by_id.len() < MAX_RULES {
            self.by_id.insert(name, kept);
        } else {
            widen(&mut self.gap, no_later(kept.cutoff, latest));
        }
    }

    /// Whether the rule of this name revokes a token.
    pub(super) fn revokes(&self, name: (RuleKind, [u8; 32]), issued_at: i64, known: KnownRules) -> bool {
        self.by_id.get(&name).is_some_and(|kept| {
            let known = match name.0 {
                RuleKind::Subject => known.subject,
                RuleKind::Client => known.client,
                RuleKind::Token
                | RuleKind::Grant
                | RuleKind::Session
                | RuleKind::Audience
                | RuleKind::Key
                | RuleKind::All
                | RuleKind::Unknown => None,
            };
            issued_at <= kept.cutoff.issued_before && known.is_none_or(|known| known < kept.seq)
        })
    }

    /// Forgets the rules that are not needed any more.
    pub(super) fn retain(&mut self, is_needed: impl Fn(&Cutoff) -> bool) {
        self.by_id.retain(|_, kept| is_needed(&kept.cutoff));
        for cutoff in [&mut self.everybody, &mut self.unknown, &mut self.gap] {
            *cutoff = cutoff.filter(&is_needed);
        }
    }

    pub(super) fn len(&self) -> usize {
        let others = [self.everybody, self.unknown, self.gap];
        self.by_id.len() + others.into_iter().flatten().count()
    }

    pub(super) fn names_nothing(&self) -> bool {
        self.by_id.is_empty()
    }

    fn fold(&mut self, latest: i64) {
        let before = self.by_id.len();
        let people = self.fold_people(latest);
        let clients = self.fold_clients(latest);
        self.folds += 1;
        tracing::error!(before, after = self.by_id.len(), people, clients, "revocation.rules_folded");
    }

    /// The rules of each person with more than one become one. Returns the number of people.
    fn fold_people(&mut self, latest: i64) -> usize {
        let mut of_person: HashMap<[u8; 32], u32> = HashMap::new();
        for subject in self.by_id.values().filter_map(|kept| kept.subject) {
            *of_person.entry(subject).or_default() += 1;
        }
        of_person.retain(|_, rules| *rules > 1);
        let several = |kept: &Kept| kept.subject.filter(|subject| of_person.contains_key(subject));
        self.replace(RuleKind::Subject, several, latest);
        of_person.len()
    }

    /// While there are too many rules, those of the client with the most people become one. Returns the number of clients.
    fn fold_clients(&mut self, latest: i64) -> usize {
        let mut of_client: HashMap<[u8; 32], usize> = HashMap::new();
        for client in self.by_id.values().filter_map(|kept| kept.client) {
            *of_client.entry(client).or_default() += 1;
        }
        let mut largest: Vec<_> = of_client.into_iter().filter(|(_, people)| *people > MANY_PEOPLE).collect();
        largest.sort_unstable_by_key(|(_, people)| std::cmp::Reverse(*people));
        let mut folded = 0;
        for (client, _) in largest {
            if self.by_id.len() <= FOLD_TO {
                break;
            }
            self.replace(RuleKind::Client, |kept| kept.client.filter(|other| *other == client), latest);
            folded += 1;
        }
        folded
    }

    /// Replaces rules by one for each name of this kind that `name` gives them.
    fn replace(&mut self, kind: RuleKind, name: impl Fn(&Kept) -> Option<[u8; 32]>, latest: i64) {
        let mut wider: HashMap<(RuleKind, [u8; 32]), Kept> = HashMap::new();
        self.by_id.retain(|_, kept| {
            let Some(id) = name(kept) else { return true };
            let kept = Kept { cutoff: no_later(kept.cutoff, latest), ..*kept };
            wider.entry((kind, id)).and_modify(|other| *other = other.merge(kept)).or_insert(kept);
            false
        });
        for (name, kept) in wider {
            self.by_id.entry(name).and_modify(|other| *other = other.merge(kept)).or_insert(kept);
        }
    }
}

/// A rule that takes the place of others may revoke less of the future: what the others name gets no more tokens, but the rest of the
/// tokens of a person or a client goes on.
fn no_later(cutoff: Cutoff, latest: i64) -> Cutoff {
    Cutoff { issued_before: cutoff.issued_before.min(latest), ..cutoff }
}

fn widen(rule: &mut Option<Cutoff>, cutoff: Cutoff) {
    *rule = Some(rule.map_or(cutoff, |old| old.merge(cutoff)));
}

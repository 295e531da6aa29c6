//! The revocation rules that this process has committed, until it has read the log as far.
//!
//! Whoever got an acknowledgement relies on the rule, also when the database cannot be read a moment later.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use tessera_model::{NumberedRule, RevocationRule};

/// More are not kept. They fit into one answer of the feed.
const MOST: usize = 500;

#[derive(Default)]
pub(crate) struct CommittedRules(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    rules: BTreeMap<i64, RevocationRule>,
    /// The highest number of a rule that was too many.
    left_out: Option<i64>,
}

impl CommittedRules {
    pub(crate) fn add(&self, rules: Vec<NumberedRule>) {
        if rules.is_empty() {
            return;
        }
        let mut kept = self.0.lock();
        for (seq, rule) in rules {
            if kept.rules.len() < MOST {
                kept.rules.insert(seq, rule);
            } else {
                kept.left_out = kept.left_out.max(Some(seq));
            }
        }
    }

    /// All of them, in order. `None` if there were too many.
    pub(crate) fn all(&self) -> Option<Vec<NumberedRule>> {
        let kept = self.0.lock();
        let all = kept.rules.iter().map(|(seq, rule)| (*seq, rule.clone()));
        kept.left_out.is_none().then(|| all.collect())
    }

    pub(crate) fn forget(&self, until: i64) {
        let mut kept = self.0.lock();
        kept.rules = kept.rules.split_off(&until.saturating_add(1));
        kept.left_out = kept.left_out.filter(|seq| *seq > until);
    }
}

#[cfg(test)]
mod tests {
    use tessera_model::{Digest, RevocationKind, Timestamp};

    use super::*;

    #[test]
    fn p5_when_one_is_left_out_there_are_none_until_it_was_read() {
        let rule = RevocationRule {
            kind: RevocationKind::Grant,
            id: Digest::new([7; 32]),
            issued_before: Timestamp::from_seconds(1),
            expires_at: Timestamp::from_seconds(2),
            subject: None,
            client: None,
        };
        let (rules, last) = (CommittedRules::default(), i64::try_from(MOST).unwrap());
        rules.add((1..=last).map(|seq| (seq, rule.clone())).collect());
        assert_eq!(rules.all().map(|all| all.len()), Some(MOST));
        rules.add(vec![(last + 2, rule.clone())]);
        assert_eq!(rules.all(), None);
        rules.forget(last + 1);
        assert_eq!(rules.all(), None);
        rules.forget(last + 2);
        assert_eq!(rules.all(), Some(Vec::new()));
        rules.add(vec![(last + 3, rule.clone())]);
        assert_eq!(rules.all(), Some(vec![(last + 3, rule)]));
    }
}

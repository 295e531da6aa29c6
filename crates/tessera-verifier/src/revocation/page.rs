//! One page of revocation rules, as the issuer signs it. `docs/revocation-rules.md` describes the format.

use std::collections::BTreeSet;

use tessera_jose::base64url;
use tessera_jose::json::{self, JsonError, Reader};

use super::rule::{Rule, RuleKind};

/// A page of rules. All its members but the epoch are required; others are ignored.
pub(super) struct Page {
    pub(super) iss: String,
    /// Seconds since 1970.
    pub(super) iat: i64,
    /// The numbers belong to this epoch. Every restore of the issuer's database begins a higher one. An issuer that does not say it
    /// is in epoch 0.
    pub(super) epoch: i64,
    /// The page starts after the rule of this number.
    pub(super) after: i64,
    /// The nonce of the request.
    pub(super) nonce: String,
    /// The next page begins after this number. Rules with a higher one come again.
    pub(super) seq: i64,
    /// Whether no rules follow.
    pub(super) complete: bool,
    pub(super) rules: Vec<Rule>,
    /// Kinds of rules on the page that this version does not know.
    pub(super) unknown_kinds: BTreeSet<String>,
}

impl Page {
    /// Reads a page. One rule that cannot be read refuses the whole page. A rule of an unknown kind can be read: it becomes a rule
    /// that revokes at least as much.
    pub(super) fn parse(json: &[u8]) -> Result<Self, JsonError> {
        let (mut iss, mut iat, mut after, mut nonce) = (None, None, None, None);
        let (mut epoch, mut seq, mut complete, mut rules) = (None, None, None, None);
        let mut unknown_kinds = BTreeSet::new();
        json::read_object(json, |value, name| {
            match name {
                "iss" => iss = Some(value.string()?.into_owned()),
                "iat" => iat = Some(value.integer()?),
                "epoch" => epoch = Some(value.integer()?),
                "after" => after = Some(value.integer()?),
                "nonce" => nonce = Some(value.string()?.into_owned()),
                "seq" => seq = Some(value.integer()?),
                "complete" => complete = Some(value.boolean()?),
                "rules" => rules = Some(read_rules(value, &mut unknown_kinds)?),
                _ => value.skip()?,
            }
            Ok(())
        })?;
        Ok(Self {
            iss: required(iss)?,
            iat: required(iat)?,
            epoch: epoch.unwrap_or(0),
            after: required(after)?,
            nonce: required(nonce)?,
            seq: required(seq)?,
            complete: required(complete)?,
            rules: required(rules)?,
            unknown_kinds,
        })
    }
}

fn read_rules(list: &mut Reader<'_>, unknown_kinds: &mut BTreeSet<String>) -> Result<Vec<Rule>, JsonError> {
    let mut rules = Vec::new();
    list.array(|value| {
        let members = Members::read(value)?;
        if let Some(kind) = RuleKind::from_name(required(members.kind.as_deref())?) {
            rules.push(members.rule(kind)?);
        } else {
            rules.push(members.rule_of_unknown_kind()?);
            unknown_kinds.extend(members.kind);
        }
        Ok(())
    })?;
    Ok(rules)
}

/// The members of a rule. A member with the name of a kind says what all tokens of the rule have in common.
#[derive(Default)]
struct Members {
    kind: Option<String>,
    id: Option<String>,
    before: Option<i64>,
    exp: Option<i64>,
    seq: Option<i64>,
    common: Vec<(RuleKind, [u8; 32])>,
}

impl Members {
    fn read(object: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut members = Self::default();
        object.object(|value, name| {
            match name {
                "kind" => members.kind = Some(value.string()?.into_owned()),
                "id" => members.id = value.value()?.as_str().map(str::to_owned),
                "before" => members.before = Some(value.integer()?),
                "exp" => members.exp = Some(value.integer()?),
                "seq" => members.seq = Some(value.integer()?),
                _ => match RuleKind::from_name(name).filter(|kind| kind.has_id()) {
                    Some(kind) => {
                        let id = digest(&value.string()?).ok_or(JsonError::WrongType)?;
                        members.common.push((kind, id));
                    }
                    None => value.skip()?,
                },
            }
            Ok(())
        })?;
        Ok(members)
    }

    fn rule(&self, kind: RuleKind) -> Result<Rule, JsonError> {
        let id = required(self.id.as_deref())?;
        let id = if kind.has_id() { digest(id).ok_or(JsonError::WrongType)? } else { [0; 32] };
        let (subject, client) = (self.common(RuleKind::Subject), self.common(RuleKind::Client));
        Ok(Rule { seq: self.seq, subject, client, ..self.of(kind, id)? })
    }

    /// Revokes everything that the rule could mean: what all its tokens have in common, or else every token up to its moment.
    fn rule_of_unknown_kind(&self) -> Result<Rule, JsonError> {
        let narrowest = RuleKind::ALL.into_iter().find_map(|kind| Some((kind, self.common(kind)?)));
        let (kind, id) = narrowest.unwrap_or((RuleKind::Unknown, [0; 32]));
        self.of(kind, id)
    }

    fn of(&self, kind: RuleKind, id: [u8; 32]) -> Result<Rule, JsonError> {
        Ok(Rule::new(kind, id, required(self.before)?, required(self.exp)?))
    }

    fn common(&self, kind: RuleKind) -> Option<[u8; 32]> {
        self.common.iter().find(|(other, _)| *other == kind).map(|(_, id)| *id)
    }
}

fn digest(text: &str) -> Option<[u8; 32]> {
    base64url::decode(text).ok()?.try_into().ok()
}

fn required<T>(value: Option<T>) -> Result<T, JsonError> {
    value.ok_or(JsonError::WrongType)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn page(rule: &str) -> String {
        format!(
            r#"{{"iss":"i","iat":1,"after":0,"nonce":"n","seq":1,"complete":true,"rules":[{rule}],"x":[{{}}]}}"#
        )
    }

    fn rules(rule: &str) -> Vec<Rule> {
        Page::parse(page(rule).as_bytes()).map(|page| page.rules).unwrap()
    }

    #[test]
    fn a_rule_of_every_kind_is_read() {
        for kind in RuleKind::ALL {
            let rule = format!(r#"{{"kind":"{kind}","id":"{ID}","before":5,"exp":9,"x":null}}"#);
            assert_eq!(rules(&rule), [Rule::new(kind, [0; 32], 5, 9)], "{kind}");
        }
    }

    #[test]
    fn number_subject_and_client_of_a_rule_are_read() {
        let (one, two) = (base64url::encode([1; 32]), base64url::encode([2; 32]));
        let rule = format!(
            r#"{{"kind":"grant","id":"{ID}","before":5,"exp":9,"seq":7,"subject":"{one}","client":"{two}"}}"#
        );
        let expected = Rule {
            seq: Some(7),
            subject: Some([1; 32]),
            client: Some([2; 32]),
            ..Rule::new(RuleKind::Grant, [0; 32], 5, 9)
        };
        assert_eq!(rules(&rule), [expected]);
    }

    #[test]
    fn a_rule_of_an_unknown_kind_revokes_what_its_tokens_have_in_common_or_everything_up_to_its_moment() {
        let (one, two) = (base64url::encode([1; 32]), base64url::encode([2; 32]));
        for (members, kind, id) in [
            (String::new(), RuleKind::Unknown, [0; 32]),
            (r#","id":"x","reason":[]"#.to_owned(), RuleKind::Unknown, [0; 32]),
            (format!(r#","client":"{two}","subject":"{one}","seq":1"#), RuleKind::Subject, [1; 32]),
            (format!(r#","key":"{two}""#), RuleKind::Key, [2; 32]),
            (format!(r#","audience":"{two}","all":"x""#), RuleKind::Audience, [2; 32]),
        ] {
            let rule = format!(r#"{{"kind":"device","before":5,"exp":9{members}}}"#);
            let read = Page::parse(page(&rule).as_bytes()).unwrap();
            assert_eq!(read.rules, [Rule::new(kind, id, 5, 9)], "{rule}");
            assert_eq!(read.unknown_kinds, BTreeSet::from(["device".to_owned()]), "{rule}");
        }
    }

    #[test]
    fn one_rule_that_cannot_be_read_refuses_the_page() {
        let whole = format!(r#"{{"kind":"token","id":"{ID}","before":5,"exp":9}}"#);
        assert!(Page::parse(page(&whole).as_bytes()).is_ok());
        for (part, broken) in [
            (r#""kind":"token""#, r#""kind":7"#),
            (r#""kind":"token","#, ""),
            (ID, "AAAA"),
            (r#""before":5"#, r#""before":"5""#),
            (r#""before":5"#, r#""before":5.0"#),
            (r#""kind":"token","id""#, r#""kind":"device","before":"5","id""#),
            (r#","exp":9"#, ""),
            (r#""exp":9"#, r#""exp":9,"exp":9"#),
            (r#""exp":9"#, r#""exp":9,"subject":"AAAA""#),
            (r#""exp":9"#, r#""exp":9,"seq":"1""#),
        ] {
            let rules = format!("{whole},{}", whole.replace(part, broken));
            assert!(Page::parse(page(&rules).as_bytes()).is_err(), "{rules}");
        }
    }

    #[test]
    fn every_member_of_a_page_is_required() {
        let whole = page("");
        assert!(Page::parse(whole.as_bytes()).is_ok());
        for name in ["iss", "iat", "after", "nonce", "seq", "complete", "rules"] {
            let without = whole.replace(&format!("\"{name}\""), "\"y\"");
            assert_eq!(Page::parse(without.as_bytes()).err(), Some(JsonError::WrongType), "{name}");
        }
    }
}

//! One page of revocation rules, as the issuer signs it: `{iss, iat, after, nonce, seq, complete, rules: [{kind, id, before, exp}]}`.

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
    /// The number of the last rule on the page.
    pub(super) seq: i64,
    /// Whether no rules follow.
    pub(super) complete: bool,
    pub(super) rules: Vec<Rule>,
}

impl Page {
    /// Reads a page. One rule that cannot be read refuses the whole page.
    pub(super) fn parse(json: &[u8]) -> Result<Self, JsonError> {
        let (mut iss, mut iat, mut after, mut nonce) = (None, None, None, None);
        let (mut epoch, mut seq, mut complete, mut rules) = (None, None, None, None);
        json::read_object(json, |value, name| {
            match name {
                "iss" => iss = Some(value.string()?.into_owned()),
                "iat" => iat = Some(value.integer()?),
                "epoch" => epoch = Some(value.integer()?),
                "after" => after = Some(value.integer()?),
                "nonce" => nonce = Some(value.string()?.into_owned()),
                "seq" => seq = Some(value.integer()?),
                "complete" => complete = Some(value.boolean()?),
                "rules" => rules = Some(read_rules(value)?),
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
        })
    }
}

fn read_rules(list: &mut Reader<'_>) -> Result<Vec<Rule>, JsonError> {
    let mut rules = Vec::new();
    list.array(|value| {
        rules.push(read_rule(value)?);
        Ok(())
    })?;
    Ok(rules)
}

fn read_rule(object: &mut Reader<'_>) -> Result<Rule, JsonError> {
    let (mut kind, mut id, mut before, mut exp) = (None, None, None, None);
    object.object(|value, name| {
        match name {
            "kind" => kind = RuleKind::from_name(&value.string()?),
            "id" => id = Some(value.string()?),
            "before" => before = Some(value.integer()?),
            "exp" => exp = Some(value.integer()?),
            _ => value.skip()?,
        }
        Ok(())
    })?;
    let (kind, id) = (required(kind)?, required(id)?);
    let id = match kind {
        RuleKind::All => [0; 32],
        RuleKind::Token | RuleKind::Grant | RuleKind::Session | RuleKind::Subject | RuleKind::Client => {
            digest(&id).ok_or(JsonError::WrongType)?
        }
    };
    Ok(Rule { kind, id, issued_before: required(before)?, expires_at: required(exp)? })
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

    #[test]
    fn a_rule_of_every_kind_is_read() {
        for kind in RuleKind::ALL {
            let rule = format!(r#"{{"kind":"{kind}","id":"{ID}","before":5,"exp":9,"x":null}}"#);
            let read = Page::parse(page(&rule).as_bytes()).map(|page| page.rules);
            assert_eq!(read, Ok(vec![Rule { kind, id: [0; 32], issued_before: 5, expires_at: 9 }]), "{kind}");
        }
    }

    #[test]
    fn one_rule_that_cannot_be_read_refuses_the_page() {
        let whole = format!(r#"{{"kind":"token","id":"{ID}","before":5,"exp":9}}"#);
        assert!(Page::parse(page(&whole).as_bytes()).is_ok());
        for (part, broken) in [
            (r#""kind":"token""#, r#""kind":"device""#),
            (r#""kind":"token","#, ""),
            (ID, "AAAA"),
            (r#""before":5"#, r#""before":"5""#),
            (r#""before":5"#, r#""before":5.0"#),
            (r#","exp":9"#, ""),
            (r#""exp":9"#, r#""exp":9,"exp":9"#),
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

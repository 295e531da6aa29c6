//! Licence expressions (SPDX), as far as crates write them: `AND`, `OR`, `WITH`, parentheses and the old `/`.

/// Whether the expression can be met with `allowed` licences only. A malformed one cannot.
pub(crate) fn satisfied(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { tokens: &tokens, allowed };
    parser.alternatives() == Some(true) && parser.tokens.is_empty()
}

struct Parser<'a> {
    tokens: &'a [&'a str],
    allowed: &'a [&'a str],
}

impl<'a> Parser<'a> {
    /// `OR` binds weaker than `AND`.
    fn alternatives(&mut self) -> Option<bool> {
        let mut met = self.requirements()?;
        while self.accept("OR") {
            met |= self.requirements()?;
        }
        Some(met)
    }

    fn requirements(&mut self) -> Option<bool> {
        let mut met = self.licence()?;
        while self.accept("AND") {
            met &= self.licence()?;
        }
        Some(met)
    }

    fn licence(&mut self) -> Option<bool> {
        if self.accept("(") {
            let met = self.alternatives()?;
            return self.accept(")").then_some(met);
        }
        let name = self.next().filter(|name| !matches!(*name, "AND" | "OR" | "WITH" | ")"))?;
        if self.accept("WITH") {
            let full = format!("{name} WITH {}", self.next()?);
            return Some(self.allowed.contains(&full.as_str()));
        }
        Some(self.allowed.contains(&name))
    }

    fn accept(&mut self, token: &str) -> bool {
        let found = self.tokens.first() == Some(&token);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::satisfied;

    const ALLOWED: &[&str] = &["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];

    #[test]
    fn one_alternative_is_enough() {
        assert!(satisfied("MIT OR GPL-3.0-only", ALLOWED));
        assert!(satisfied("GPL-3.0-only/MIT", ALLOWED));
        assert!(!satisfied("GPL-3.0-only OR AGPL-3.0-only", ALLOWED));
    }

    #[test]
    fn every_requirement_has_to_be_met() {
        assert!(satisfied("MIT AND (ISC OR Apache-2.0)", ALLOWED));
        assert!(!satisfied("MIT AND ISC", ALLOWED));
        assert!(satisfied("ISC AND ISC OR MIT", ALLOWED));
    }

    #[test]
    fn an_exception_is_part_of_the_name() {
        assert!(satisfied("Apache-2.0 WITH LLVM-exception", ALLOWED));
        assert!(!satisfied("MIT WITH LLVM-exception", ALLOWED));
    }

    #[test]
    fn nonsense_is_not_allowed() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT MIT", "OR MIT", "MIT WITH"] {
            assert!(!satisfied(expression, ALLOWED), "{expression}");
        }
    }
}

//! No circle of files inside a crate: each file can be understood from the files that it uses.
//!
//! A crate may have a composition root: the file with the struct that holds the running parts. Every file may use it
//! and it may use every file. The parts reach each other through it, and it is put together from the parts.

use std::path::Path;

use crate::failure::Result;
use crate::file_uses::{Circle, Uses};

/// The composition roots, each with what it holds together. At most two a crate.
const ROOTS: &[Root] = &[Root {
    src: "crates/tessera-app/src",
    file: "app.rs",
    reason: "`App` holds one part of each room, and every use case runs on `App`",
}];

const TO_TAKE_APART: &[Exempt] = &[];

/// Where the tables above stand.
const HERE: &str = "xtask/src/circles.rs";

struct Root {
    /// The folder of sources.
    src: &'static str,
    file: &'static str,
    reason: &'static str,
}

struct Exempt {
    /// The folder of sources.
    src: &'static str,
    /// Which file uses which.
    uses: &'static [(&'static str, &'static str)],
}

/// What is wrong with the circles of the crates whose sources lie in `folders`, below `workspace`.
pub(crate) fn findings(workspace: &Path, folders: &[String]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for src in folders {
        let uses = Uses::read(&workspace.join(src))?;
        let roots: Vec<&str> = ROOTS.iter().filter(|root| root.src == src).map(|root| root.file).collect();
        let exempt: Vec<(&str, &str)> = TO_TAKE_APART
            .iter()
            .filter(|exempt| exempt.src == src)
            .flat_map(|exempt| exempt.uses)
            .copied()
            .collect();
        findings
            .extend(crate_findings(uses, &roots, &exempt).iter().map(|finding| format!("{src}: {finding}")));
    }
    Ok(findings)
}

/// The composition roots in words, one a line.
pub(crate) fn roots() -> impl Iterator<Item = String> {
    ROOTS.iter().map(|root| format!("composition root: {}/{}, because {}", root.src, root.file, root.reason))
}

/// How many uses are still to be taken apart.
pub(crate) fn left() -> usize {
    TO_TAKE_APART.iter().map(|exempt| exempt.uses.len()).sum()
}

fn crate_findings(mut uses: Uses, roots: &[&str], exempt: &[(&str, &str)]) -> Vec<String> {
    let mut findings = Vec::new();
    for root in roots {
        if uses.way(root, root).is_none() {
            findings.push(format!("{root} is in no circle and need not be a composition root; see {HERE}"));
        }
        uses.remove_file(root);
    }
    let (present, gone): (Vec<_>, Vec<_>) = exempt.iter().partition(|(from, to)| uses.remove(from, to));
    for (from, to) in gone {
        findings.push(format!("{from} no longer uses {to}; take that out of {HERE}"));
    }
    for (from, to) in present {
        if uses.way(to, from).is_none() {
            findings
                .push(format!("{from} uses {to}, which no longer closes a circle; take that out of {HERE}"));
        }
    }
    findings.extend(uses.circles().iter().map(Circle::describe));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: &[(&str, &str)] = &[
        ("lib.rs", "mod a; mod b;\npub struct Whole(a::A);"),
        ("a.rs", "use crate::b::B;\npub struct A;"),
        ("b.rs", "use crate::a::A;\npub struct B;"),
    ];

    fn check(sources: &[(&str, &str)], roots: &[&str], exempt: &[(&str, &str)]) -> Vec<String> {
        crate_findings(Uses::of(sources), roots, exempt)
    }

    #[test]
    fn a_circle_is_found() {
        assert_eq!(check(RING, &[], &[]), ["a.rs -> b.rs -> a.rs (lines a.rs:1 b.rs:1)"]);
    }

    #[test]
    fn an_exempt_use_closes_no_circle() {
        assert!(check(RING, &[], &[("b.rs", "a.rs")]).is_empty());
    }

    #[test]
    fn an_exemption_that_nobody_needs_is_found() {
        let gone = check(RING, &[], &[("b.rs", "a.rs"), ("b.rs", "c.rs")]);
        assert_eq!(gone, ["b.rs no longer uses c.rs; take that out of xtask/src/circles.rs"]);
        let harmless = check(RING, &[], &[("b.rs", "a.rs"), ("lib.rs", "a.rs")]);
        let expected =
            "lib.rs uses a.rs, which no longer closes a circle; take that out of xtask/src/circles.rs";
        assert_eq!(harmless, [expected]);
    }

    #[test]
    fn a_composition_root_closes_no_circle() {
        let sources = [
            ("lib.rs", "mod app; mod room;\npub use app::App;"),
            ("app.rs", "use crate::room::Part;\npub struct App(Part);"),
            ("room.rs", "use crate::App;\npub struct Part;\nfn f(app: &App) {}"),
        ];
        assert_eq!(check(&sources, &[], &[]), ["app.rs -> room.rs -> app.rs (lines app.rs:1 room.rs:1)"]);
        assert!(check(&sources, &["app.rs"], &[]).is_empty());
    }

    #[test]
    fn a_composition_root_that_closes_no_circle_is_found() {
        let findings = check(RING, &["lib.rs"], &[("b.rs", "a.rs")]);
        let expected = "lib.rs is in no circle and need not be a composition root; see xtask/src/circles.rs";
        assert_eq!(findings, [expected]);
    }

    #[test]
    fn no_crate_has_more_than_two_composition_roots() {
        for root in ROOTS {
            assert!(ROOTS.iter().filter(|other| other.src == root.src).count() <= 2, "{}", root.src);
        }
    }
}

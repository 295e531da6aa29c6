//! No circle of files inside a crate: each file can be understood from the files that it uses.
//!
//! A crate may have a composition root: the file with the struct that holds the running parts. Every file may use it
//! and it may use every file. The parts reach each other through it, and it is put together from the parts.

use std::path::Path;

use crate::failure::Result;
use crate::file_uses::{Circle, Uses};

/// The composition roots, each with what it holds together. At most one a crate.
const ROOTS: &[Root] = &[Root {
    src: "crates/tessera-app/src",
    file: "app.rs",
    reason: "`App` holds one part of each room, and every use case runs on `App`",
}];

/// Where the table above stands.
const HERE: &str = "xtask/src/circles.rs";

struct Root {
    /// The folder of sources.
    src: &'static str,
    file: &'static str,
    reason: &'static str,
}

/// What is wrong with the circles of the crates whose sources lie in `folders`, below `workspace`.
pub(crate) fn findings(workspace: &Path, folders: &[String]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for src in folders {
        let uses = Uses::read(&workspace.join(src))?;
        let roots: Vec<&str> = ROOTS.iter().filter(|root| root.src == src).map(|root| root.file).collect();
        findings.extend(crate_findings(uses, &roots).iter().map(|finding| format!("{src}: {finding}")));
    }
    Ok(findings)
}

/// The composition roots in words, one a line.
pub(crate) fn roots() -> impl Iterator<Item = String> {
    ROOTS.iter().map(|root| format!("composition root: {}/{}, because {}", root.src, root.file, root.reason))
}

fn crate_findings(mut uses: Uses, roots: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for root in roots {
        if uses.way(root, root).is_none() {
            findings.push(format!("{root} is in no circle and need not be a composition root; see {HERE}"));
        }
        uses.remove_file(root);
    }
    findings.extend(uses.circles().iter().map(Circle::describe));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sources: &[(&str, &str)], roots: &[&str]) -> Vec<String> {
        crate_findings(Uses::of(sources), roots)
    }

    #[test]
    fn a_circle_is_found() {
        let sources = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B;\npub struct A;"),
            ("b.rs", "use crate::a::A;\npub struct B;"),
        ];
        assert_eq!(check(&sources, &[]), ["a.rs -> b.rs -> a.rs (lines a.rs:1 b.rs:1)"]);
    }

    #[test]
    fn a_composition_root_closes_no_circle() {
        let sources = [
            ("lib.rs", "mod app; mod room;\npub use app::App;"),
            ("app.rs", "use crate::room::Part;\npub struct App(Part);"),
            ("room.rs", "use crate::App;\npub struct Part;\nfn f(app: &App) {}"),
        ];
        assert_eq!(check(&sources, &[]), ["app.rs -> room.rs -> app.rs (lines app.rs:1 room.rs:1)"]);
        assert!(check(&sources, &["app.rs"]).is_empty());
    }

    #[test]
    fn a_composition_root_that_closes_no_circle_is_found() {
        let sources = [("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "pub struct B;")];
        let expected = "a.rs is in no circle and need not be a composition root; see xtask/src/circles.rs";
        assert_eq!(check(&sources, &["a.rs"]), [expected]);
    }

    #[test]
    fn no_crate_has_more_than_one_composition_root() {
        for root in ROOTS {
            assert!(ROOTS.iter().filter(|other| other.src == root.src).count() == 1, "{}", root.src);
        }
    }
}

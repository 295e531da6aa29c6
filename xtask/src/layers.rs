//! `cargo xtask layers`: dependencies between the crates go one way, so do those between the files of a crate, and each
//! outside library is named in one room.
//!
//! Manifests say which crate may use which; source text says who really names a library. A development dependency
//! may point at any layer below, and at `tessera-testkit`, which nothing that ships may depend on.

use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::{Failure, Result, read_text};
use crate::graph::{Declared, Graph, Kind, Package};
use crate::{circles, rust_source};

/// Who may depend on whom.
const EDGES: &[(&str, &[&str])] = &[
    ("tessera-jose", &[]),
    ("tessera-otp", &[]),
    ("tessera-oauth", &["tessera-jose"]),
    ("tessera-fetch", &[]),
    ("tessera-verifier", &["tessera-fetch", "tessera-oauth", "tessera-jose"]),
    ("tessera-openid-client", &["tessera-fetch", "tessera-oauth", "tessera-jose"]),
    ("tessera-webauthn", &["tessera-jose"]),
    ("tessera-certificate", &["tessera-jose"]),
    ("tessera-model", &["tessera-oauth", "tessera-jose"]),
    ("tessera-store", &["tessera-model"]),
    (
        "tessera-app",
        &[
            "tessera-store",
            "tessera-model",
            "tessera-webauthn",
            "tessera-otp",
            "tessera-oauth",
            "tessera-jose",
            "tessera-fetch",
        ],
    ),
    ("tessera-templates", &[]),
    ("tessera-http", &["tessera-app", "tessera-model", "tessera-oauth", "tessera-jose", "tessera-templates"]),
    (
        "tessera-demo",
        &[
            "tessera-app",
            "tessera-model",
            "tessera-verifier",
            "tessera-openid-client",
            "tessera-fetch",
            "tessera-jose",
        ],
    ),
    (
        "tessera",
        &[
            "tessera-demo",
            "tessera-http",
            "tessera-templates",
            "tessera-app",
            "tessera-store",
            "tessera-model",
            "tessera-verifier",
            "tessera-oauth",
            "tessera-jose",
            "tessera-fetch",
        ],
    ),
    ("xtask", &[]),
];

/// May use every crate; only tests may use it.
const TESTKIT: &str = "tessera-testkit";

/// Never part of what ships.
const TEST_ONLY: &[&str] = &[TESTKIT, "insta", "jsonwebtoken", "proptest", "rqrr", "rstest", "tempfile"];

/// A name that belongs to some rooms only.
struct Rule {
    name: &'static str,
    /// Folders in which the name is searched.
    searched: &'static [&'static str],
    /// Path prefixes in which it may stand.
    allowed: &'static [&'static str],
    /// Folders of a crate that may name it all the same, because they do not ship.
    unshipped: &'static [&'static str],
    /// Whether the closing test module of a file keeps to it too.
    even_in_tests: bool,
    /// After this prefix the name means something else.
    harmless_after: &'static str,
    reason: &'static str,
}

/// `rustls::crypto::aws_lc_rs` chooses the provider of TLS and does not use the crate.
const TLS_PROVIDER: &str = "crypto::";

const RULES: &[Rule] = &[
    Rule::absent(
        "tessera_store",
        &["crates/tessera-http/src"],
        "a handler reaches the database only through a use case of tessera-app",
    ),
    Rule::absent("tessera_app", &["crates/tessera-store"], "storage knows no use case"),
    Rule::database("rusqlite"),
    Rule::database("tokio_postgres"),
    Rule::database("deadpool_postgres"),
    Rule {
        name: "aws_lc_rs",
        searched: &["crates"],
        allowed: &[
            "crates/tessera-jose/",
            // One-time codes need SHA-1, and seed files AES-CBC and PBKDF2. Nothing else may have these, so jose has none of them.
            "crates/tessera-otp/src/mac.rs",
            "crates/tessera-otp/src/pskc/cipher.rs",
            // OCSP names a CA by SHA-1.
            "crates/tessera-certificate/src/sha1.rs",
            // Lists of breached passwords are made with SHA-1.
            "crates/tessera-app/src/passwords/digest.rs",
            "crates/tessera/src/tls",
            "crates/tessera/src/adapters.rs",
        ],
        unshipped: &["tests", "examples", "benches"],
        even_in_tests: true,
        harmless_after: TLS_PROVIDER,
        reason: "cryptographic primitives stay in tessera-jose, two files of tessera-otp, one of tessera-certificate and one of tessera-app",
    },
    Rule {
        name: "lettre",
        searched: &["crates"],
        allowed: &["crates/tessera/src/mail/"],
        unshipped: &[],
        even_in_tests: true,
        harmless_after: "",
        reason: "mail leaves by one adapter",
    },
    Rule {
        name: "reqwest",
        searched: &["crates"],
        // A caller of the verifier may bring a client of its own.
        allowed: &["crates/tessera-fetch/", "crates/tessera-verifier/src/builder.rs"],
        unshipped: &["tests", "examples", "benches"],
        even_in_tests: false,
        harmless_after: "",
        reason: "outbound requests go through the Fetch port of tessera-fetch",
    },
];

/// A bench compares the store with the bare database, so it may name the database.
const BENCHES: &[&str] = &["examples", "benches"];

impl Rule {
    /// A crate that must not be named in these folders.
    const fn absent(name: &'static str, searched: &'static [&'static str], reason: &'static str) -> Self {
        Self { name, searched, allowed: &[], unshipped: &[], even_in_tests: true, harmless_after: "", reason }
    }

    /// A crate that speaks with a database. Tests of the command line may, because they damage a database in ways that the
    /// store has no statement for.
    const fn database(name: &'static str) -> Self {
        let reason = "tessera-store is the only crate that knows a database";
        let everywhere_else = Self::absent(name, &["crates"], reason);
        let allowed = &["crates/tessera-store/", "crates/tessera/tests/cli/"];
        Self { allowed, unshipped: BENCHES, ..everywhere_else }
    }
}

pub(crate) fn run(root: &Path) -> Result<()> {
    let graph = Graph::load(root)?;
    let mut findings = edge_findings(graph.members());
    findings.extend(source_findings(root)?);
    let folders: Vec<String> = graph.members().map(|package| source_folder(&package.name)).collect();
    findings.extend(circles::findings(root, &folders)?);
    Failure::unless_empty("layers crossed", &findings)?;
    println!("{} crates keep their layers", graph.members().count());
    circles::roots().for_each(|root| println!("{root}"));
    Ok(())
}

/// Where the sources of a member of the workspace lie.
fn source_folder(package: &str) -> String {
    if package == "xtask" { "xtask/src".to_owned() } else { format!("crates/{package}/src") }
}

fn edge_findings<'a>(members: impl Iterator<Item = &'a Package>) -> Vec<String> {
    let members: Vec<&Package> = members.collect();
    let names: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    let is_layer = |declared: &&Declared| {
        let test_only = declared.kind != Kind::Development && TEST_ONLY.contains(&declared.name.as_str());
        names.contains(declared.name.as_str()) && !test_only
    };
    let mut findings = Vec::new();
    for package in members.iter().filter(|package| package.name != TESTKIT) {
        if direct(&package.name).is_none() {
            findings.push(format!("{} stands in no layer; add it to xtask/src/layers.rs", package.name));
        }
        for declared in package.declared.iter().filter(|declared| declared.kind != Kind::Development) {
            if TEST_ONLY.contains(&declared.name.as_str()) {
                findings
                    .push(format!("{} must not ship {}, which is for tests", package.name, declared.name));
            }
        }
        for declared in package.declared.iter().filter(is_layer) {
            if !may_depend(&package.name, &declared.name, declared.kind) {
                findings.push(format!("{} must not depend on {}", package.name, declared.name));
            }
        }
    }
    findings
}

fn may_depend(from: &str, to: &str, kind: Kind) -> bool {
    match kind {
        Kind::Normal | Kind::Build => direct(from).is_some_and(|allowed| allowed.contains(&to)),
        // A crate names itself to switch on its own features for its tests.
        Kind::Development => to == TESTKIT || to == from || below(from).contains(to),
    }
}

fn direct(name: &str) -> Option<&'static [&'static str]> {
    EDGES.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

/// Everything a crate stands on, directly or not.
fn below(name: &str) -> BTreeSet<&'static str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = direct(name).unwrap_or_default().to_vec();
    while let Some(next) = waiting.pop() {
        if let Some((known, to)) = EDGES.iter().find(|(from, _)| *from == next)
            && reached.insert(*known)
        {
            waiting.extend(*to);
        }
    }
    reached
}

fn source_findings(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in rust_source::files(&root.join("crates"))? {
        let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        findings.extend(file_findings(&relative, &read_text(&path)?));
    }
    Ok(findings)
}

fn file_findings(path: &str, source: &str) -> Vec<String> {
    if path.starts_with("crates/tessera-testkit/") {
        return Vec::new();
    }
    let code = rust_source::code_only(source);
    let applies = |rule: &&Rule| {
        rule.searched.iter().any(|folder| Path::new(path).starts_with(folder))
            && !rule.allowed.iter().any(|prefix| path.starts_with(prefix))
            && !rule.unshipped.iter().any(|folder| path.split('/').any(|part| part == *folder))
    };
    let shipped = rust_source::production_lines(source);
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(applies) {
        for (line, before) in rust_source::mentions(&code, rule.name) {
            if line > shipped && !rule.even_in_tests {
                continue;
            }
            if rule.harmless_after.is_empty() || !before.ends_with(rule.harmless_after) {
                findings.push(format!("{path}:{line} names {}: {}", rule.name, rule.reason));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(packages: &[(&str, &str, Value)]) -> Vec<String> {
        let all = [
            "tessera-jose",
            "tessera-oauth",
            "tessera-model",
            "tessera-store",
            "tessera-app",
            "tessera-http",
        ];
        let mut rows: Vec<Value> = Vec::new();
        for name in all.iter().chain(&["tessera-testkit", "tessera-new"]) {
            let dependencies: Vec<Value> = packages
                .iter()
                .filter(|(from, ..)| from == name)
                .map(|(_, to, kind)| json!({ "name": to, "req": "*", "kind": kind, "source": null }))
                .collect();
            if all.contains(name) || !dependencies.is_empty() || packages.iter().any(|(_, to, _)| to == name)
            {
                rows.push(json!({ "id": name, "name": name, "version": "0", "source": null,
                    "dependencies": dependencies }));
            }
        }
        let ids: Vec<&Value> = rows.iter().map(|row| &row["id"]).collect();
        let graph = Graph::parse(&json!({ "workspace_members": ids, "packages": rows })).unwrap();
        edge_findings(graph.members())
    }

    #[test]
    fn the_drawn_edges_pass() {
        let edges = [
            ("tessera-oauth", "tessera-jose", json!(null)),
            ("tessera-store", "tessera-model", json!(null)),
            ("tessera-http", "tessera-app", json!(null)),
        ];
        assert!(check(&edges).is_empty());
    }

    #[test]
    fn an_upward_or_skipping_edge_fails() {
        for (from, to) in [
            ("tessera-http", "tessera-store"),
            ("tessera-store", "tessera-app"),
            ("tessera-jose", "tessera-oauth"),
            ("tessera-store", "tessera-oauth"),
        ] {
            let findings = check(&[(from, to, json!(null))]);
            assert_eq!(findings, [format!("{from} must not depend on {to}")]);
        }
    }

    #[test]
    fn a_build_dependency_is_no_loophole() {
        assert_eq!(check(&[("tessera-store", "tessera-app", json!("build"))]).len(), 1);
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        assert!(check(&[("tessera-app", "tessera-testkit", json!("dev"))]).is_empty());
        let shipped = check(&[("tessera-app", "tessera-testkit", json!(null))]);
        assert_eq!(shipped, ["tessera-app must not ship tessera-testkit, which is for tests"]);
        assert_eq!(check(&[("tessera-jose", "jsonwebtoken", json!(null))]).len(), 1);
        assert!(check(&[("tessera-jose", "jsonwebtoken", json!("dev"))]).is_empty());
        assert!(check(&[("tessera-testkit", "tessera-http", json!(null))]).is_empty());
    }

    #[test]
    fn a_test_may_reach_down_but_not_up() {
        assert!(check(&[("tessera-store", "tessera-oauth", json!("dev"))]).is_empty());
        assert!(check(&[("tessera-store", "tessera-store", json!("dev"))]).is_empty());
        assert_eq!(check(&[("tessera-oauth", "tessera-model", json!("dev"))]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_layer_fails() {
        let findings = check(&[("tessera-new", "tessera-jose", json!(null))]);
        assert!(findings[0].contains("stands in no layer"), "{findings:?}");
    }

    #[test]
    fn http_does_not_name_the_store_even_in_a_re_export() {
        let source = "//! tessera_store is not used\nuse tessera_app::x;\nfn f(s: tessera_store::Store) {}\n";
        let findings = file_findings("crates/tessera-http/src/a.rs", source);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("crates/tessera-http/src/a.rs:3 names tessera_store"));
        assert!(file_findings("crates/tessera-http/tests/a.rs", source).is_empty());
    }

    #[test]
    fn databases_are_named_in_the_store_alone() {
        let source = "use rusqlite::Connection; use tokio_postgres::Row;";
        assert_eq!(file_findings("crates/tessera-app/src/a.rs", source).len(), 2);
        assert!(file_findings("crates/tessera-store/src/a.rs", source).is_empty());
        assert!(file_findings("crates/tessera-testkit/src/a.rs", source).is_empty());
        assert!(file_findings("crates/tessera/examples/bench_http.rs", source).is_empty());
        assert!(file_findings("crates/tessera/tests/cli/a.rs", source).is_empty());
        assert_eq!(file_findings("crates/tessera-app/tests/a.rs", source).len(), 2);
    }

    #[test]
    fn http_clients_are_made_behind_the_fetch_port_alone() {
        let source = "let client = reqwest::Client::builder().build();";
        assert_eq!(file_findings("crates/tessera-app/src/a.rs", source).len(), 1);
        assert_eq!(file_findings("crates/tessera-verifier/src/fetch.rs", source).len(), 1);
        assert!(file_findings("crates/tessera-fetch/src/guarded.rs", source).is_empty());
        assert!(file_findings("crates/tessera-verifier/src/builder.rs", source).is_empty());
        assert!(file_findings("crates/tessera-http/tests/a.rs", source).is_empty());
        let tests = format!("#[cfg(test)]\nmod tests {{\n{source}\n}}\n");
        assert!(file_findings("crates/tessera/src/a.rs", &tests).is_empty());
        assert_eq!(file_findings("crates/tessera/src/a.rs", &format!("{source}\n{tests}")).len(), 1);
    }

    #[test]
    fn choosing_the_tls_provider_is_not_touching_primitives() {
        let provider = "rustls::crypto::aws_lc_rs::default_provider()";
        assert!(file_findings("crates/tessera-verifier/src/a.rs", provider).is_empty());
        assert_eq!(file_findings("crates/tessera-app/src/a.rs", "use aws_lc_rs::hmac;").len(), 1);
        assert!(file_findings("crates/tessera/src/tls.rs", "use aws_lc_rs::hmac;").is_empty());
        assert_eq!(file_findings("crates/tessera/src/kek.rs", "use aws_lc_rs::rand;").len(), 1);
        assert!(file_findings("crates/tessera-verifier/tests/a.rs", "use aws_lc_rs::hmac;").is_empty());
    }
}

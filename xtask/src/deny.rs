//! `cargo xtask deny`: the bans and licences of `deny.toml`, held against what is really built.
//!
//! The format of the file is cargo-deny's, and cargo-deny reads it too where it is installed. This check needs nothing
//! installed. It knows the part of the format that our file uses, and refuses the rest.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use toml::{Table, Value};

use crate::failure::{Failure, Result, read_text};
use crate::graph::{Graph, Package, Source};
use crate::process;
use crate::spdx;

/// What `deny.toml` says.
struct Policy {
    licences: Vec<String>,
    /// Licences that single crates may have besides.
    exceptions: BTreeMap<String, Vec<String>>,
    bans: Vec<Ban>,
}

struct Ban {
    name: String,
    reason: String,
    /// The ban is on two versions at once; one version is fine.
    only_twice: bool,
}

pub(crate) fn run(root: &Path) -> Result<()> {
    let policy = Policy::parse(&read_text(&root.join("deny.toml"))?)?;
    let graph = Graph::load(root)?;
    let built = graph.built();
    let mut findings = policy.findings(&built);
    findings.extend(graph.members().flat_map(requirement_findings));
    findings.extend(lockfile_findings(&read_text(&root.join("e2e/package-lock.json"))?));
    Failure::unless_empty("dependencies that deny.toml does not allow", &findings)?;
    println!("{} packages keep to deny.toml", built.len());
    run_cargo_deny(root)
}

/// Its advisory database is a download, so only the parts that need none are asked for.
fn run_cargo_deny(root: &Path) -> Result<()> {
    if !process::succeeds(Command::new("cargo").args(["deny", "--version"])) {
        println!("cargo-deny is not installed here; the checks above are our own");
        return Ok(());
    }
    let mut command = Command::new("cargo");
    process::check(
        command.args(["deny", "--locked", "check", "bans", "licenses", "sources"]).current_dir(root),
    )
}

impl Policy {
    fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse().map_err(|error| Failure::new(format!("deny.toml: {error}")))?;
        let rules = section(&table, "licenses")?;
        let exceptions = tables(rules.get("exceptions"))
            .map(|entry| Ok((field(entry, "crate")?, strings(entry.get("allow"))?)))
            .collect::<Result<_>>()?;
        let bans =
            tables(section(&table, "bans")?.get("deny")).map(Ban::parse).collect::<Result<Vec<_>>>()?;
        let licences = strings(rules.get("allow"))?;
        if licences.is_empty() || bans.is_empty() {
            return Err(Failure::new("deny.toml allows no licence or bans nothing"));
        }
        Ok(Self { licences, exceptions, bans })
    }

    fn findings(&self, built: &[&Package]) -> Vec<String> {
        built
            .iter()
            .flat_map(|package| [self.licence_finding(package), self.ban_finding(package, built)])
            .chain(built.iter().map(|package| {
                (package.source == Source::Git)
                    .then(|| format!("{} comes from a git repository", package.name))
            }))
            .flatten()
            .collect()
    }

    fn licence_finding(&self, package: &Package) -> Option<String> {
        let special = self.exceptions.get(&package.name).into_iter().flatten();
        let allowed: Vec<&str> = self.licences.iter().chain(special).map(String::as_str).collect();
        let licence = package.license.as_deref().unwrap_or("no licence");
        (!spdx::satisfied(licence, &allowed))
            .then(|| format!("{} {}: {licence}", package.name, package.version))
    }

    fn ban_finding(&self, package: &Package, built: &[&Package]) -> Option<String> {
        let ban = self.bans.iter().find(|ban| ban.name == package.name)?;
        let versions = built.iter().filter(|other| other.name == package.name).count();
        (!ban.only_twice || versions > 1)
            .then(|| format!("{} {} is banned: {}", package.name, package.version, ban.reason))
    }
}

impl Ban {
    fn parse(entry: &Table) -> Result<Self> {
        Ok(Self {
            name: field(entry, "crate")?,
            reason: field(entry, "reason")?,
            only_twice: entry.get("deny-multiple-versions").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}

/// Our own manifests name a version for everything that comes from a registry, and take nothing from git.
fn requirement_findings(package: &Package) -> Vec<String> {
    let loose = package.declared.iter().filter(|declared| match declared.source {
        Source::Path => false,
        Source::Registry => declared.requirement.contains('*'),
        Source::Git => true,
    });
    loose
        .map(|declared| format!("{} takes {} {}", package.name, declared.name, declared.requirement))
        .collect()
}

/// A lock file that names a registry's host binds everyone to that host.
fn lockfile_findings(lock: &str) -> Vec<String> {
    lock.lines()
        .filter(|line| line.contains("\"resolved\""))
        .map(|line| format!("e2e/package-lock.json names a host: {}", line.trim()))
        .collect()
}

fn section<'a>(table: &'a Table, name: &str) -> Result<&'a Table> {
    table.get(name).and_then(Value::as_table).ok_or_else(|| Failure::new(format!("deny.toml lacks [{name}]")))
}

fn tables(value: Option<&Value>) -> impl Iterator<Item = &Table> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

fn field(entry: &Table, name: &str) -> Result<String> {
    let value = entry.get(name).and_then(Value::as_str).map(str::to_owned);
    value.ok_or_else(|| Failure::new(format!("deny.toml: {entry} lacks `{name}`")))
}

fn strings(value: Option<&Value>) -> Result<Vec<String>> {
    let values = value.and_then(Value::as_array).into_iter().flatten();
    values
        .map(|value| value.as_str().map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::new("deny.toml: expected a list of strings"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT"]
        exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
        [bans]
        deny = [
            { crate = "openssl", reason = "one TLS library" },
            { crate = "rustls", reason = "one version", deny-multiple-versions = true },
        ]
    "#;

    fn findings(packages: &[(&str, &str, &str)]) -> Vec<String> {
        let rows: Vec<_> = packages
            .iter()
            .enumerate()
            .map(|(id, (name, license, source))| {
                json!({ "id": id.to_string(), "name": name, "version": id.to_string(), "license": license,
                    "source": source })
            })
            .collect();
        let ids: Vec<String> = (0..packages.len()).map(|id| id.to_string()).collect();
        let graph = Graph::parse(&json!({ "workspace_members": ids, "packages": rows })).unwrap();
        Policy::parse(POLICY).unwrap().findings(&graph.built())
    }

    #[test]
    fn an_allowed_set_passes() {
        let set = [
            ("serde", "MIT", "registry"),
            ("rustls", "MIT", "registry"),
            ("roots", "CDLA-Permissive-2.0", "r"),
        ];
        assert!(findings(&set).is_empty());
    }

    #[test]
    fn a_banned_crate_is_found() {
        assert_eq!(findings(&[("openssl", "MIT", "registry")]), ["openssl 0 is banned: one TLS library"]);
    }

    #[test]
    fn a_second_version_is_found() {
        assert_eq!(findings(&[("rustls", "MIT", "r"), ("rustls", "MIT", "r")]).len(), 2);
    }

    #[test]
    fn a_foreign_licence_is_found() {
        assert_eq!(findings(&[("x", "AGPL-3.0-only", "r")]), ["x 0: AGPL-3.0-only"]);
        assert_eq!(findings(&[("x", "CDLA-Permissive-2.0", "r")]).len(), 1);
    }

    #[test]
    fn a_git_source_is_found() {
        assert_eq!(findings(&[("x", "MIT", "git+somewhere")]), ["x comes from a git repository"]);
    }

    #[test]
    fn a_wildcard_requirement_is_found() {
        let dependency =
            |req: &str, source| json!({ "name": "x", "req": req, "kind": null, "source": source });
        let package = json!({ "id": "a", "name": "a", "version": "1", "source": null, "dependencies": [
            dependency("*", json!(null)), dependency("^1", json!("registry+r")), dependency("*", json!("registry+r")),
        ] });
        let graph = Graph::parse(&json!({ "workspace_members": ["a"], "packages": [package] })).unwrap();
        assert_eq!(graph.members().flat_map(requirement_findings).collect::<Vec<_>>(), ["a takes x *"]);
    }

    #[test]
    fn an_empty_policy_is_an_error() {
        assert!(Policy::parse("[licenses]\nallow = []\n[bans]\ndeny = []").is_err());
    }

    #[test]
    fn a_lock_file_names_no_host() {
        assert_eq!(
            lockfile_findings("{\n \"resolved\": \"https://x/y.tgz\",\n \"integrity\": \"z\"\n}").len(),
            1
        );
        assert!(lockfile_findings("{ \"integrity\": \"z\" }").is_empty());
    }
}

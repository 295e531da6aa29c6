//! The dependency graph as `cargo metadata` resolves it, cut down to the edges that are really built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Result};

/// All packages of the workspace and of what it depends on.
pub(crate) struct Graph {
    packages: Vec<Package>,
}

/// One package of the graph.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) source: Source,
    /// As declared in its manifest.
    pub(crate) declared: Vec<Declared>,
    id: String,
    member: bool,
    /// Ids of the packages that its enabled features need.
    edges: Vec<String>,
}

/// Where a package comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Path,
    Registry,
    Git,
}

/// One line of a `[dependencies]` table.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) requirement: String,
    pub(crate) kind: Kind,
    pub(crate) source: Source,
}

/// Which table it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Development,
}

impl Graph {
    /// Asks cargo; never changes `Cargo.lock`.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let output = Command::new("cargo")
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(root)
            .output()?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Failure::new(format!("cargo metadata: {reason}")));
        }
        Self::parse(&serde_json::from_slice(&output.stdout)?)
    }

    /// Reads cargo's JSON.
    pub(crate) fn parse(metadata: &Value) -> Result<Self> {
        let members: BTreeSet<&str> = texts(&metadata["workspace_members"]).collect();
        let nodes: BTreeMap<&str, &Value> =
            rows(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), node)).collect();
        let packages: Vec<Package> = rows(&metadata["packages"])
            .map(|package| read_package(package, &members, nodes.get(text(&package["id"])).copied()))
            .collect();
        if packages.iter().any(|package| package.member) {
            Ok(Self { packages })
        } else {
            Err(Failure::new("cargo metadata lists no member of the workspace"))
        }
    }

    /// The packages of this repository.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.member)
    }

    /// Everything that building or testing the workspace on any platform compiles.
    pub(crate) fn built(&self) -> Vec<&Package> {
        let by_id: BTreeMap<&str, &Package> =
            self.packages.iter().map(|package| (package.id.as_str(), package)).collect();
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<&Package> = self.members().collect();
        while let Some(package) = waiting.pop() {
            if reached.insert(package.id.as_str()) {
                waiting.extend(package.edges.iter().filter_map(|id| by_id.get(id.as_str()).copied()));
            }
        }
        reached.into_iter().filter_map(|id| by_id.get(id).copied()).collect()
    }
}

fn read_package(package: &Value, members: &BTreeSet<&str>, node: Option<&Value>) -> Package {
    Package {
        name: text(&package["name"]).to_owned(),
        version: text(&package["version"]).to_owned(),
        license: package["license"].as_str().map(str::to_owned),
        source: read_source(&package["source"]),
        declared: rows(&package["dependencies"]).map(read_declared).collect(),
        id: text(&package["id"]).to_owned(),
        member: members.contains(text(&package["id"])),
        edges: node.map_or_else(Vec::new, |node| enabled_edges(package, node)),
    }
}

fn read_declared(dependency: &Value) -> Declared {
    Declared {
        name: text(&dependency["name"]).to_owned(),
        requirement: text(&dependency["req"]).to_owned(),
        kind: match dependency["kind"].as_str() {
            Some("dev") => Kind::Development,
            Some("build") => Kind::Build,
            _ => Kind::Normal,
        },
        source: read_source(&dependency["source"]),
    }
}

fn read_source(source: &Value) -> Source {
    match source.as_str() {
        None => Source::Path,
        Some(url) if url.starts_with("git+") => Source::Git,
        Some(_) => Source::Registry,
    }
}

/// The resolver also lists optional dependencies that only a weak feature (`name?/feature`) mentions. They are locked
/// but never compiled, so they are left out here.
fn enabled_edges(package: &Value, node: &Value) -> Vec<String> {
    let switched_on: Vec<&str> = texts(&node["features"])
        .flat_map(|feature| texts(&package["features"][feature]))
        .filter_map(|value| match value.split_once('/') {
            Some((name, _)) if name.ends_with('?') => None,
            Some((name, _)) => Some(name),
            None => value.strip_prefix("dep:"),
        })
        .collect();
    let is_built = |crate_name: &str| {
        rows(&package["dependencies"]).filter(|declared| extern_name(declared) == crate_name).any(
            |declared| {
                let key = declared["rename"].as_str().unwrap_or_else(|| text(&declared["name"]));
                declared["optional"] != true || switched_on.contains(&key)
            },
        )
    };
    rows(&node["deps"])
        // The name of an edge is that of the library, which may differ from that of the package. Such an edge is kept: one
        // too many only means that more is checked.
        .filter(|edge| !is_declared(package, text(&edge["name"])) || is_built(text(&edge["name"])))
        .map(|edge| text(&edge["pkg"]).to_owned())
        .collect()
}

fn is_declared(package: &Value, crate_name: &str) -> bool {
    rows(&package["dependencies"]).any(|declared| extern_name(declared) == crate_name)
}

fn extern_name(declared: &Value) -> String {
    declared["rename"].as_str().unwrap_or_else(|| text(&declared["name"])).replace('-', "_")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    rows(value).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(metadata: &Value) -> Vec<String> {
        let graph = Graph::parse(metadata).unwrap();
        graph.built().into_iter().map(|package| package.name.clone()).collect()
    }

    fn metadata(features: &Value) -> Value {
        let source = "registry+somewhere";
        json!({
            "workspace_members": ["app"],
            "packages": [
                { "id": "app", "name": "app", "version": "1.0.0", "license": "MIT", "source": null,
                  "dependencies": [{ "name": "tls-kit", "req": "^1", "kind": null, "source": source, "optional": false },
                                   { "name": "ring", "req": "^1", "kind": null, "source": source, "optional": true }],
                  "features": { "default": ["ring?/std"], "fast": ["dep:ring"] } },
                { "id": "kit", "name": "tls-kit", "version": "1.0.0", "license": "MIT", "source": source,
                  "dependencies": [], "features": {} },
                { "id": "ring", "name": "ring", "version": "1.0.0", "license": "MIT", "source": source,
                  "dependencies": [], "features": {} },
            ],
            "resolve": { "nodes": [
                { "id": "app", "features": features, "deps": [{ "name": "tls_kit", "pkg": "kit" },
                                                               { "name": "ring", "pkg": "ring" }] },
                { "id": "kit", "features": [], "deps": [] },
                { "id": "ring", "features": [], "deps": [] },
            ] },
        })
    }

    #[test]
    fn a_weakly_mentioned_dependency_is_not_built() {
        assert_eq!(names(&metadata(&json!(["default"]))), ["app", "tls-kit"]);
    }

    #[test]
    fn a_switched_on_dependency_is_built() {
        assert_eq!(names(&metadata(&json!(["default", "fast"]))), ["app", "tls-kit", "ring"]);
    }

    #[test]
    fn an_answer_without_members_is_an_error() {
        assert!(Graph::parse(&json!({ "packages": [] })).is_err());
    }
}

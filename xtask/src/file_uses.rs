//! Which file of a crate uses which, and where they go round in a circle.
//!
//! A file uses the file that defines what it names. A name that comes through a `pub use` leads to its definition, and
//! the `pub use` of a parent is no use by the parent. `mod x;` is no use either. So a parent may gather its children,
//! but a child that names what its parent defines, while the parent names what the child defines, makes a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use crate::failure::{Result, read_text};
use crate::rust_paths::{self, Scope};
use crate::rust_source;

/// The files of one crate, by their names below `src`, and the lines on which each uses another.
#[derive(Debug, Default)]
pub(crate) struct Uses(BTreeMap<String, BTreeMap<String, BTreeSet<usize>>>);

impl Uses {
    /// Reads the sources below `src`.
    pub(crate) fn read(src: &Path) -> Result<Self> {
        let mut sources = Vec::new();
        for path in rust_source::files(src)? {
            let name = path.strip_prefix(src).unwrap_or(&path).to_string_lossy().into_owned();
            sources.push((name, read_text(&path)?));
        }
        let borrowed: Vec<(&str, &str)> =
            sources.iter().map(|(name, source)| (name.as_str(), source.as_str())).collect();
        Ok(Self::of(&borrowed))
    }

    /// As [`Uses::read`], from the text of each file.
    pub(crate) fn of(sources: &[(&str, &str)]) -> Self {
        let tree = Tree::of(sources);
        let mut uses = Self::default();
        for module in 0..tree.modules.len() {
            tree.collect(module, &mut uses);
        }
        uses
    }

    fn add(&mut self, from: &str, to: &str, line: usize) {
        if from != to {
            self.0.entry(from.to_owned()).or_default().entry(to.to_owned()).or_default().insert(line);
        }
    }

    /// Forgets a file.
    pub(crate) fn remove_file(&mut self, file: &str) {
        self.0.remove(file);
        for used in self.0.values_mut() {
            used.remove(file);
        }
    }

    /// The shortest way from one file to another that uses at least one file; it begins with `from` and ends with `to`.
    pub(crate) fn way<'a>(&'a self, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
        let mut reached_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut waiting = VecDeque::from([from]);
        while let Some(file) = waiting.pop_front() {
            for next in self.0.get(file).into_iter().flat_map(BTreeMap::keys) {
                if reached_from.contains_key(next.as_str()) {
                    continue;
                }
                reached_from.insert(next, file);
                if next == to {
                    return Some(walk_back(&reached_from, from, next));
                }
                waiting.push_back(next);
            }
        }
        None
    }

    /// One shortest circle of each knot, with the other files of the knot. A knot is a group of files in which each
    /// leads to each.
    pub(crate) fn circles(&self) -> Vec<Circle> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut circles = Vec::new();
        for file in self.0.keys() {
            if seen.contains(file.as_str()) || self.way(file, file).is_none() {
                continue;
            }
            let knot: Vec<&str> = self
                .0
                .keys()
                .map(String::as_str)
                .filter(|other| self.way(file, other).is_some() && self.way(other, file).is_some())
                .collect();
            seen.extend(&knot);
            let shortest = knot.iter().filter_map(|start| self.way(start, start)).min_by_key(Vec::len);
            circles.extend(shortest.map(|files| self.circle(&files, &knot)));
        }
        circles
    }

    fn circle(&self, files: &[&str], knot: &[&str]) -> Circle {
        let steps = files.windows(2).map(|pair| (pair[0].to_owned(), self.lines(pair[0], pair[1]))).collect();
        let others =
            knot.iter().filter(|file| !files.contains(file)).map(|file| (*file).to_owned()).collect();
        Circle { steps, others }
    }

    fn lines(&self, from: &str, to: &str) -> Vec<usize> {
        self.0.get(from).and_then(|used| used.get(to)).into_iter().flatten().copied().collect()
    }
}

fn walk_back<'a>(reached_from: &BTreeMap<&'a str, &'a str>, from: &str, to: &'a str) -> Vec<&'a str> {
    let mut way = vec![to];
    let mut file = to;
    while let Some(before) = reached_from.get(file) {
        way.push(before);
        file = before;
        if file == from {
            break;
        }
    }
    way.reverse();
    way
}

/// Files that use each other in a ring.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// Each file, with the lines on which it uses the next; the last uses the first.
    pub(crate) steps: Vec<(String, Vec<usize>)>,
    /// The rest of the knot that the ring belongs to.
    pub(crate) others: Vec<String>,
}

impl Circle {
    /// `a.rs -> b.rs -> a.rs (lines a.rs:3,9 b.rs:1)`
    pub(crate) fn describe(&self) -> String {
        let ring: Vec<&str> =
            self.steps.iter().chain(self.steps.first()).map(|(file, _)| file.as_str()).collect();
        let place = |(file, lines): &(String, Vec<usize>)| {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            format!("{file}:{}", lines.join(","))
        };
        let places: Vec<String> = self.steps.iter().map(place).collect();
        let others = match self.others.as_slice() {
            [] => String::new(),
            others => format!("; in the same knot: {}", others.join(", ")),
        };
        format!("{} (lines {}){others}", ring.join(" -> "), places.join(" "))
    }
}

/// The modules of one crate, inline ones too.
#[derive(Default)]
struct Tree {
    modules: Vec<Module>,
}

#[derive(Default)]
struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    scope: Scope,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    Module(usize),
    /// Something that this module defines.
    Item(usize),
}

/// Re-exports of re-exports; a circle of them ends here.
const MAX_HOPS: usize = 16;

impl Tree {
    fn of(sources: &[(&str, &str)]) -> Self {
        let mut files: Vec<(Vec<String>, &str, &str)> =
            sources.iter().map(|(name, source)| (module_path(name), *name, *source)).collect();
        // Parents first.
        files.sort_by_key(|(path, ..)| path.len());
        let mut tree = Self::default();
        let mut for_tests: BTreeSet<Vec<String>> = BTreeSet::new();
        for (path, name, source) in files {
            if (0..=path.len()).any(|length| for_tests.contains(&path[..length])) {
                continue;
            }
            let (code, test_modules) = rust_source::without_tests(&rust_source::code_only(source));
            for_tests.extend(test_modules.into_iter().map(|child| [path.as_slice(), &[child]].concat()));
            for scope in rust_paths::scopes(&code) {
                let whole = [path.as_slice(), &scope.within].concat();
                tree.insert(&whole, name, scope);
            }
        }
        tree
    }

    fn insert(&mut self, path: &[String], file: &str, scope: Scope) {
        let index = self.modules.len();
        let parent = path.split_last().and_then(|(name, parent)| {
            let parent = self.find(parent)?;
            self.modules[parent].children.insert(name.clone(), index);
            Some(parent)
        });
        self.modules.push(Module { file: file.to_owned(), parent, children: BTreeMap::new(), scope });
    }

    fn find(&self, path: &[String]) -> Option<usize> {
        let root = if self.modules.is_empty() { None } else { Some(0) };
        path.iter().fold(root, |module, name| self.modules[module?].children.get(name).copied())
    }

    fn collect(&self, module: usize, uses: &mut Uses) {
        let file = &self.modules[module].file;
        let scope = &self.modules[module].scope;
        let mut gathered = BTreeSet::new();
        for import in &scope.imports {
            match self.resolve(module, &import.path, false, MAX_HOPS) {
                Some(Destination::Item(from)) if import.is_public && self.is_below(from, module) => {
                    gathered.insert(&import.alias);
                }
                Some(Destination::Item(from)) => uses.add(file, &self.modules[from].file, import.line),
                Some(Destination::Module(from)) if import.alias == "*" && !import.is_public => {
                    uses.add(file, &self.modules[from].file, import.line);
                }
                Some(Destination::Module(_)) | None => {}
            }
        }
        // What a module only passes on it does not use; what it also names in its own code it does.
        let own = scope.words.iter().filter(|word| gathered.contains(&word.path[0]));
        for named in own.chain(&scope.paths) {
            if let Some(Destination::Item(from)) = self.resolve(module, &named.path, false, MAX_HOPS) {
                uses.add(file, &self.modules[from].file, named.line);
            }
        }
    }

    fn is_below(&self, module: usize, ancestor: usize) -> bool {
        std::iter::successors(Some(module), |module| self.modules[*module].parent)
            .any(|above| above == ancestor)
    }

    /// Follows `path` from inside `module`; `None` where it leaves the crate. A name may stand for a module and for an
    /// item: `before_separator` says that a module is meant.
    fn resolve(
        &self,
        module: usize,
        path: &[String],
        before_separator: bool,
        hops: usize,
    ) -> Option<Destination> {
        let (first, rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Destination::Module(0),
            "self" => Destination::Module(module),
            "super" => Destination::Module(self.modules[module].parent?),
            name => self.lookup(module, name, before_separator || !rest.is_empty(), hops)?,
        };
        for (position, name) in rest.iter().enumerate() {
            let Destination::Module(inside) = at else { return Some(at) };
            let is_followed = before_separator || position + 1 < rest.len();
            at = if name == "super" {
                Destination::Module(self.modules[inside].parent?)
            } else {
                // What a module neither holds nor imports it defines.
                self.lookup(inside, name, is_followed, hops).unwrap_or(Destination::Item(inside))
            };
        }
        Some(at)
    }

    /// What `name` stands for in `module`: a child, or what an import brought in.
    fn lookup(&self, module: usize, name: &str, as_module: bool, hops: usize) -> Option<Destination> {
        let Module { children, scope, .. } = &self.modules[module];
        let child = children.get(name).map(|child| Destination::Module(*child));
        if child.is_some() && as_module {
            return child;
        }
        let import = scope.imports.iter().find(|import| import.alias == name && import.path != [name]);
        let imported = import
            .filter(|_| hops > 0)
            .and_then(|import| self.resolve(module, &import.path, as_module, hops - 1));
        imported.or(child)
    }
}

/// `oauth/mod.rs` and `oauth.rs` are the module `oauth`; `lib.rs` and `main.rs` are the crate.
fn module_path(file: &str) -> Vec<String> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut path: Vec<String> = stem.split('/').map(str::to_owned).collect();
    let is_root = path.len() == 1 && matches!(stem, "lib" | "main");
    if is_root || path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(sources: &[(&str, &str)]) -> Vec<String> {
        let uses = Uses::of(sources);
        let edge = |from: &String, (to, lines): (&String, &BTreeSet<usize>)| {
            format!("{from} -> {to} {:?}", lines.iter().collect::<Vec<_>>())
        };
        uses.0.iter().flat_map(|(from, used)| used.iter().map(move |entry| edge(from, entry))).collect()
    }

    fn circles(sources: &[(&str, &str)]) -> Vec<String> {
        Uses::of(sources).circles().iter().map(Circle::describe).collect()
    }

    #[test]
    fn names_lead_to_the_file_that_defines_them() {
        let sources = [
            ("lib.rs", "mod a; mod b;\npub use b::c::Deep;"),
            ("a.rs", "use crate::Deep;\nfn f() { crate::b::g(); super::b::c::h() }"),
            ("b/mod.rs", "pub mod c; pub fn g() {}"),
            ("b/c.rs", "pub struct Deep; pub fn h() {}"),
        ];
        assert_eq!(edges(&sources), ["a.rs -> b/c.rs [1, 2]", "a.rs -> b/mod.rs [2]"]);
    }

    #[test]
    fn a_module_that_is_imported_is_used_where_its_items_are() {
        let sources = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b;\nfn f() {}\nfn g() { b::c::h() }"),
            ("b.rs", "pub mod c;"),
            ("b/c.rs", "pub fn h() {}"),
        ];
        assert_eq!(edges(&sources), ["a.rs -> b/c.rs [3]"]);
    }

    #[test]
    fn a_parent_that_gathers_makes_no_circle() {
        let sources = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; mod c; pub use b::B; pub(crate) use c::go; pub struct A;"),
            ("a/b.rs", "use super::A; pub struct B(A);"),
            ("a/c.rs", "use super::B; pub fn go(b: B) {}"),
        ];
        assert_eq!(circles(&sources), Vec::<String>::new());
    }

    #[test]
    fn a_parent_that_also_uses_what_it_gathers_makes_one() {
        let sources = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b;\npub use b::B;\npub struct A;\nfn f() -> B {}"),
            ("a/b.rs", "use super::A;\npub struct B(A);"),
        ];
        assert_eq!(circles(&sources), ["a/b.rs -> a/mod.rs -> a/b.rs (lines a/b.rs:1 a/mod.rs:4)"]);
    }

    #[test]
    fn a_name_for_a_module_and_a_function_is_both() {
        let sources = [
            ("lib.rs", "mod users; mod other;"),
            ("users/mod.rs", "mod add; pub use add::{add, Error};"),
            ("users/add.rs", "pub fn add() {} pub enum Error {}"),
            ("other.rs", "use crate::users::{self, Error};\nfn f() { users::add() }"),
        ];
        assert_eq!(edges(&sources), ["other.rs -> users/add.rs [1, 2]"]);
    }

    #[test]
    fn passing_on_what_a_sibling_defines_is_a_use() {
        let sources =
            [("lib.rs", "mod a; mod b;"), ("a.rs", "pub use super::b::B;"), ("b.rs", "pub struct B;")];
        assert_eq!(edges(&sources), ["a.rs -> b.rs [1]"]);
    }

    #[test]
    fn tests_and_libraries_are_no_uses() {
        let sources = [
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "use std::fmt; fn f() { fmt::Error; serde::b(); }\n#[cfg(test)]\nmod tests { use crate::b::B; }\n#[cfg(test)] mod more;",
            ),
            ("a/more.rs", "use crate::b::B;"),
            ("b.rs", "// use crate::a::A\npub struct B;"),
        ];
        assert_eq!(edges(&sources), Vec::<String>::new());
    }

    #[test]
    fn an_inline_module_belongs_to_its_file() {
        let sources = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "mod inside { use super::A;\nuse super::super::b::B; } struct A;"),
            ("b.rs", "use crate::a::inside::X;"),
        ];
        assert_eq!(edges(&sources), ["a.rs -> b.rs [2]", "b.rs -> a.rs [1]"]);
    }

    #[test]
    fn a_knot_is_told_once_with_its_shortest_circle() {
        let sources = [
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "use crate::a::A;\nuse crate::b::B;"),
            ("d.rs", "use crate::a::A;"),
        ];
        let expected = "b.rs -> c.rs -> b.rs (lines b.rs:1 c.rs:2); in the same knot: a.rs";
        assert_eq!(circles(&sources), [expected]);
    }

    #[test]
    fn a_circle_without_one_of_its_files_is_none() {
        let mut uses = Uses::of(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::a::A;"),
        ]);
        assert_eq!(uses.way("a.rs", "a.rs"), Some(vec!["a.rs", "b.rs", "a.rs"]));
        uses.remove_file("b.rs");
        assert!(uses.circles().is_empty(), "{uses:?}");
    }
}

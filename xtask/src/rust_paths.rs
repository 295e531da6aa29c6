//! The names that a Rust source file takes from elsewhere: its `use` declarations and the paths in its code.
//!
//! This reads text and knows no types. A method call names no module, so it is not seen; nor is what a macro writes.

use crate::rust_source::is_word;

/// A module as its file spells it: the file itself, or a `mod x { .. }` inside it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Names of the modules around it, within the file; empty for the file itself.
    pub(crate) within: Vec<String>,
    pub(crate) imports: Vec<Import>,
    /// Paths of two segments or more, such as `login::log_in` or `crate::App`.
    pub(crate) paths: Vec<Named>,
    /// Single names of types and functions: `App`, or the call `log_in(..)`.
    pub(crate) words: Vec<Named>,
}

/// One name that a `use` declaration brings in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// What the name is here; `*` for all names of a module.
    pub(crate) alias: String,
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// `pub use`, `pub(crate) use` and the like.
    pub(crate) is_public: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// `::`
    Separator,
    Other(char),
}

/// The scopes of a file, itself first. `code` is free of comments and literals.
pub(crate) fn scopes(code: &str) -> Vec<Scope> {
    let tokens = tokens(code);
    let mut reader =
        Reader { tokens: &tokens, at: 0, depth: 0, open: vec![(0, 0)], scopes: vec![Scope::default()] };
    while reader.at < tokens.len() {
        reader.step();
    }
    reader.scopes
}

fn tokens(code: &str) -> Vec<(Token<'_>, usize)> {
    let mut found = Vec::new();
    let mut rest = code;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|character: char| !is_word(character)).unwrap_or(rest.len());
        let length = if word > 0 {
            found.push((Token::Word(&rest[..word]), line));
            word
        } else if rest.starts_with("::") {
            found.push((Token::Separator, line));
            2
        } else {
            if first == '\n' {
                line += 1;
            } else if !first.is_whitespace() && first != '$' {
                // Without its dollar sign, `$crate` of a macro is `crate`.
                found.push((Token::Other(first), line));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

struct Reader<'a> {
    tokens: &'a [(Token<'a>, usize)],
    at: usize,
    /// Braces open here.
    depth: usize,
    /// The scopes around this place: index, and the depth at which each began.
    open: Vec<(usize, usize)>,
    scopes: Vec<Scope>,
}

impl<'a> Reader<'a> {
    fn token(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).map(|(token, _)| *token)
    }

    fn before(&self, back: usize) -> Option<Token<'a>> {
        self.at.checked_sub(back).and_then(|at| self.tokens.get(at)).map(|(token, _)| *token)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(_, line)| *line)
    }

    fn scope(&mut self) -> &mut Scope {
        let index = self.open.last().map_or(0, |(index, _)| *index);
        &mut self.scopes[index]
    }

    fn step(&mut self) {
        match (self.token(0), self.token(1), self.token(2)) {
            (Some(Token::Word("mod")), Some(Token::Word(name)), Some(Token::Other('{'))) => {
                self.at += 3;
                self.depth += 1;
                let mut within = self.scope().within.clone();
                within.push(name.to_owned());
                self.open.push((self.scopes.len(), self.depth));
                self.scopes.push(Scope { within, ..Scope::default() });
            }
            // `impl Trait + use<'a>` imports nothing.
            (Some(Token::Word("use")), Some(Token::Word(_) | Token::Separator | Token::Other('{')), _) => {
                let is_public = self.follows_visibility();
                self.at += 1;
                self.use_tree(&[], is_public);
            }
            (Some(Token::Word(_)), ..) => self.path(),
            (Some(Token::Other('{')), ..) => {
                self.depth += 1;
                self.at += 1;
            }
            (Some(Token::Other('}')), ..) => {
                if self.open.len() > 1 && self.open.last().is_some_and(|(_, began)| *began == self.depth) {
                    self.open.pop();
                }
                self.depth = self.depth.saturating_sub(1);
                self.at += 1;
            }
            (Some(Token::Separator | Token::Other(_)) | None, ..) => self.at += 1,
        }
    }

    /// Whether `pub` or `pub(..)` stands right before this place.
    fn follows_visibility(&self) -> bool {
        if self.before(1) != Some(Token::Other(')')) {
            return self.before(1) == Some(Token::Word("pub"));
        }
        let opened = (2..=self.at).find(|back| self.before(*back) == Some(Token::Other('(')));
        opened.is_some_and(|back| self.before(back + 1) == Some(Token::Word("pub")))
    }

    /// One branch of a `use` declaration, up to the comma, brace or semicolon after it.
    fn use_tree(&mut self, prefix: &[String], is_public: bool) {
        let mut path = prefix.to_vec();
        let line = self.line();
        while let Some(token) = self.token(0) {
            match token {
                Token::Word("as") => {
                    self.at += 1;
                    if let Some(Token::Word(alias)) = self.token(0) {
                        self.import(alias, &path, line, is_public);
                    }
                    self.at += 1;
                    return;
                }
                Token::Word(word) => path.push(word.to_owned()),
                Token::Separator => {}
                Token::Other('{') => return self.use_branches(&path, is_public),
                Token::Other('*') => {
                    self.at += 1;
                    return self.import("*", &path, line, is_public);
                }
                Token::Other(_) => break,
            }
            self.at += 1;
        }
        // `use a::b::{self}` names `b`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(alias) = path.last().cloned() {
            self.import(&alias, &path, line, is_public);
        }
    }

    fn use_branches(&mut self, prefix: &[String], is_public: bool) {
        self.at += 1;
        while let Some(token) = self.token(0) {
            match token {
                Token::Other('}') => {
                    self.at += 1;
                    return;
                }
                Token::Other(',') => self.at += 1,
                // Not Rust; the compiler says so better.
                Token::Other(';') => return,
                Token::Word(_) | Token::Separator | Token::Other(_) => self.use_tree(prefix, is_public),
            }
        }
    }

    fn import(&mut self, alias: &str, path: &[String], line: usize, is_public: bool) {
        let import = Import { alias: alias.to_owned(), path: path.to_vec(), line, is_public };
        self.scope().imports.push(import);
    }

    /// A path in code, or a single name. A field, a method and a path of a library (`::x`) are neither.
    fn path(&mut self) {
        let line = self.line();
        let is_member =
            self.before(1) == Some(Token::Other('.')) && self.before(2) != Some(Token::Other('.'));
        let is_declared =
            matches!(self.before(1), Some(Token::Word("fn" | "mod" | "struct" | "enum" | "trait")));
        let is_continued = is_member || is_declared || self.before(1) == Some(Token::Separator);
        let mut path = Vec::new();
        while let Some(Token::Word(word)) = self.token(0) {
            path.push(word.to_owned());
            self.at += 1;
            if self.token(0) != Some(Token::Separator) || !matches!(self.token(1), Some(Token::Word(_))) {
                break;
            }
            self.at += 1;
        }
        let found = Named { path, line };
        // A single name in small letters is a variable unless it is called.
        let is_item = self.token(0) == Some(Token::Other('('))
            || found.path[0].starts_with(|first: char| first.is_uppercase());
        if !is_continued && found.path.len() > 1 {
            self.scope().paths.push(found);
        } else if !is_continued && is_item {
            self.scope().words.push(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(code: &str) -> Vec<String> {
        let shown = |import: &Import| {
            let public = if import.is_public { "pub " } else { "" };
            format!("{}: {public}{} = {}", import.line, import.alias, import.path.join("::"))
        };
        scopes(code)[0].imports.iter().map(shown).collect()
    }

    fn paths(scope: &Scope) -> Vec<String> {
        scope.paths.iter().map(|named| format!("{}: {}", named.line, named.path.join("::"))).collect()
    }

    #[test]
    fn a_use_tree_is_taken_apart() {
        let code = "use crate::{a::{self, B as C},\n d::*};\nuse super::e;";
        assert_eq!(
            imports(code),
            ["1: a = crate::a", "1: C = crate::a::B", "2: * = crate::d", "3: e = super::e"]
        );
    }

    #[test]
    fn a_public_use_is_told_from_a_private_one() {
        let code =
            "pub use a::B;\npub(crate) use c::{D};\npub(in crate::x) use e::F;\nfn f(g: H) {}\nuse i::J;";
        let expected = ["1: pub B = a::B", "2: pub D = c::D", "3: pub F = e::F", "5: J = i::J"];
        assert_eq!(imports(code), expected);
    }

    #[test]
    fn paths_in_code_are_read_whole() {
        let code = "fn f(x: crate::a::B) -> <C as d::E>::F {\n self.g.h(super::i(), J::K) }";
        assert_eq!(paths(&scopes(code)[0]), ["1: crate::a::B", "1: d::E", "2: super::i", "2: J::K"]);
    }

    #[test]
    fn a_path_of_a_library_is_no_path_of_ours() {
        assert_eq!(paths(&scopes("::time::now(); macro_body!($crate::a::b)")[0]), ["1: crate::a::b"]);
    }

    #[test]
    fn capturing_a_lifetime_imports_nothing() {
        assert!(imports("fn f<'a>(x: &'a str) -> impl A + use<'a> {}").is_empty());
    }

    #[test]
    fn an_inline_module_is_a_scope_of_its_own() {
        let found = scopes("use a::b;\nmod m { use super::c; fn f() { d::e(); } }\nfn g() { h::i(); }");
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].within, ["m"]);
        assert_eq!(paths(&found[1]), ["2: d::e"]);
        assert_eq!(paths(&found[0]), ["3: h::i"]);
    }

    #[test]
    fn single_names_are_types_and_calls() {
        let code = "fn add(x: Y) { add(x.add()); X { x, ..Y::new(), ..z::new() } }";
        let words: Vec<String> = scopes(code)[0].words.iter().map(|named| named.path.join("::")).collect();
        assert_eq!(words, ["Y", "add", "X"]);
        assert_eq!(paths(&scopes(code)[0]), ["1: Y::new", "1: z::new"]);
    }
}

//! XML as far as PSKC needs it: the children of the outermost element, one bounded tree at a time.

use std::io::BufRead;

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use zeroize::Zeroizing;

use crate::seed::{FileError, FileProblem};
use crate::source::Source;

/// The namespace of PSKC (RFC 6030 section 4).
const PSKC: &str = "urn:ietf:params:xml:ns:keyprov:pskc";

/// Namespaces whose elements count. Within PSKC their names do not clash, so the local name is enough below.
const KNOWN: &[&str] = &[
    PSKC,
    "http://www.w3.org/2000/09/xmldsig#",
    "http://www.w3.org/2001/04/xmlenc#",
    "http://www.w3.org/2009/xmlenc11#",
    "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#",
];

/// Bytes that one tag, text or comment may have.
const MAX_PIECE: usize = 16 * 1024;
/// Tags, texts and comments that one child of the outermost element may have.
const MAX_PIECES: usize = 2000;
/// Bytes of text and attributes that are kept of one child.
const MAX_KEPT: usize = 64 * 1024;
/// How deep elements may be nested. PSKC needs 8.
const MAX_DEPTH: usize = 16;
/// Attributes that a tag may have, namespaces included.
const MAX_ATTRIBUTES: usize = 24;
/// Namespace prefixes in scope.
const MAX_NAMESPACES: usize = 32;

/// An element that has been read whole, without the elements of other namespaces.
pub(super) struct Element {
    /// The name without its prefix.
    pub(super) name: String,
    /// The line on which its tag ends.
    pub(super) line: u64,
    attributes: Vec<(String, String)>,
    text: Zeroizing<String>,
    children: Vec<Element>,
    /// Whether its namespace is one of ours.
    known: bool,
    /// Whether it had children of other namespaces, which are not kept.
    pub(super) extended: bool,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The text without the white space around it.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    pub(super) fn children(&self) -> &[Element] {
        &self.children
    }

    /// The only child of this name. `Err` if there are two: then which one counts is anybody's guess.
    pub(super) fn child(&self, name: &'static str) -> Result<Option<&Element>, Twice> {
        let mut same = self.children.iter().filter(|child| child.name == name);
        match (same.next(), same.next()) {
            (_, Some(_)) => Err(Twice(name)),
            (only, None) => Ok(only),
        }
    }

    /// The only child at the end of a path of only children.
    pub(super) fn descendant(&self, path: &[&'static str]) -> Result<Option<&Element>, Twice> {
        let mut here = self;
        for name in path {
            match here.child(name)? {
                Some(child) => here = child,
                None => return Ok(None),
            }
        }
        Ok(Some(here))
    }
}

/// Two elements of one name, where one may stand.
pub(super) struct Twice(pub(super) &'static str);

/// A document whose outermost tag has been read.
pub(super) struct Document<R> {
    reader: NsReader<Source<R>>,
    buffer: Zeroizing<Vec<u8>>,
}

/// One event, without borrows.
enum Piece {
    Start(Element),
    End,
    Text(Zeroizing<String>),
    /// A comment or an instruction.
    Nothing,
    Eof,
}

impl<R: BufRead> Document<R> {
    /// Reads up to the outermost tag, which must be a `KeyContainer` of PSKC.
    pub(super) fn open(source: R) -> Result<(Self, Element), FileError> {
        let mut reader = NsReader::from_reader(Source::new(source));
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        reader.resolver_mut().set_max_namespace_bindings(MAX_NAMESPACES);
        // Large enough for every piece, so it never moves and leaves no copy of a secret behind.
        let mut document = Self { reader, buffer: Zeroizing::new(Vec::with_capacity(MAX_PIECE + 16)) };
        loop {
            match document.piece(true)? {
                Piece::Start(root) if root.known && root.name == "KeyContainer" => {
                    return Ok((document, root));
                }
                Piece::Nothing => {}
                Piece::Text(text) if text.trim().is_empty() => {}
                _ => return Err(document.error(FileProblem::NotPskc)),
            }
        }
    }

    /// The next child of the outermost element, whole. `None` once the document has ended properly.
    pub(super) fn next_child(&mut self) -> Result<Option<Element>, FileError> {
        loop {
            match self.piece(false)? {
                Piece::Start(child) => {
                    let child = self.finish(child)?;
                    if child.known {
                        return Ok(Some(child));
                    }
                }
                Piece::End => {
                    self.epilogue()?;
                    return Ok(None);
                }
                Piece::Nothing => {}
                Piece::Text(text) if text.trim().is_empty() => {}
                Piece::Text(_) => return Err(self.malformed("text between elements")),
                Piece::Eof => return Err(self.malformed("the file ends within an element")),
            }
        }
    }

    pub(super) fn error(&self, problem: FileProblem) -> FileError {
        FileError { line: self.reader.get_ref().line(), problem }
    }

    /// Reads the rest of an element whose tag has been read.
    fn finish(&mut self, first: Element) -> Result<Element, FileError> {
        let mut kept = 0;
        let mut open = vec![first];
        for _ in 0..MAX_PIECES {
            match self.piece(false)? {
                Piece::Start(element) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(self.error(FileProblem::TooLarge("the depth of elements")));
                    }
                    kept += element
                        .attributes
                        .iter()
                        .map(|(name, value)| name.len() + value.len())
                        .sum::<usize>();
                    open.push(element);
                }
                Piece::Text(text) => {
                    kept += text.len();
                    if let Some(here) = open.last_mut() {
                        here.text.push_str(&text);
                    }
                }
                Piece::End => {
                    let Some(done) = open.pop() else { break };
                    match open.last_mut() {
                        None => return Ok(done),
                        Some(parent) if done.known => parent.children.push(done),
                        Some(parent) => parent.extended = true,
                    }
                }
                Piece::Nothing => {}
                Piece::Eof => return Err(self.malformed("the file ends within an element")),
            }
            if kept > MAX_KEPT {
                return Err(self.error(FileProblem::TooLarge("one element")));
            }
        }
        Err(self.error(FileProblem::TooLarge("the number of parts of one element")))
    }

    /// What may stand behind the outermost element.
    fn epilogue(&mut self) -> Result<(), FileError> {
        loop {
            match self.piece(false)? {
                Piece::Eof => return Ok(()),
                Piece::Nothing => {}
                Piece::Text(text) if text.trim().is_empty() => {}
                _ => return Err(self.malformed("something stands behind the outermost element")),
            }
        }
    }

    fn piece(&mut self, is_root: bool) -> Result<Piece, FileError> {
        self.buffer.clear();
        self.reader.get_mut().allow(MAX_PIECE);
        let event = self.reader.read_resolved_event_into(&mut self.buffer);
        let result =
            event.map_err(Refused::Xml).and_then(|(namespace, event)| read_event(&namespace, event, is_root));
        result
            .map(|piece| with_line(piece, self.reader.get_ref().line()))
            .map_err(|refused| self.refused(refused))
    }

    fn refused(&self, refused: Refused) -> FileError {
        let problem = match refused {
            Refused::Because(problem) => problem,
            Refused::Xml(quick_xml::Error::Io(error)) => match self.reader.get_ref().exceeded() {
                Some(limit) => FileProblem::TooLarge(limit),
                None => FileProblem::Source(error.kind()),
            },
            Refused::Xml(quick_xml::Error::Escape(_)) => FileProblem::Entity,
            Refused::Xml(error) => FileProblem::Malformed(shortened(&error.to_string())),
        };
        self.error(problem)
    }

    fn malformed(&self, why: &str) -> FileError {
        self.error(FileProblem::Malformed(why.to_owned()))
    }
}

enum Refused {
    Xml(quick_xml::Error),
    Because(FileProblem),
}

fn read_event(namespace: &ResolveResult<'_>, event: Event<'_>, is_root: bool) -> Result<Piece, Refused> {
    match event {
        Event::Start(tag) => {
            if let ResolveResult::Unknown(_) = namespace {
                return Err(Refused::Because(FileProblem::Malformed("an undeclared prefix".to_owned())));
            }
            Ok(Piece::Start(element(&tag, is_known(namespace, is_root))?))
        }
        Event::End(_) => Ok(Piece::End),
        Event::Text(text) => Ok(Piece::Text(Zeroizing::new(text.xml10_content().into_owned()))),
        Event::CData(text) => Ok(Piece::Text(Zeroizing::new(text.xml10_content().into_owned()))),
        Event::GeneralRef(reference) => {
            let character = reference.resolve_char_ref().map_err(Refused::Xml)?;
            let text = match character {
                Some(character) => character.to_string(),
                None => resolve_predefined_entity(&reference)
                    .ok_or(Refused::Because(FileProblem::Entity))?
                    .to_owned(),
            };
            Ok(Piece::Text(Zeroizing::new(text)))
        }
        Event::Decl(declaration) => match declaration.encoding() {
            Some(Ok(name)) if !is_utf8(&name) => {
                Err(Refused::Because(FileProblem::Malformed("the encoding is not UTF-8".to_owned())))
            }
            Some(Err(error)) => Err(Refused::Xml(error.into())),
            _ => Ok(Piece::Nothing),
        },
        Event::DocType(_) => Err(Refused::Because(FileProblem::Doctype)),
        Event::Comment(_) | Event::PI(_) => Ok(Piece::Nothing),
        Event::Eof => Ok(Piece::Eof),
        Event::Empty(_) => Err(Refused::Because(FileProblem::Malformed("an empty element".to_owned()))),
    }
}

/// The outermost element must be in the namespace of PSKC itself. Parameters of PBKDF2 have none (RFC 6030 figure 7).
fn is_known(namespace: &ResolveResult<'_>, is_root: bool) -> bool {
    match namespace {
        ResolveResult::Bound(Namespace(name)) if is_root => *name == PSKC,
        ResolveResult::Bound(Namespace(name)) => KNOWN.contains(name),
        ResolveResult::Unbound => !is_root,
        ResolveResult::Unknown(_) => false,
    }
}

fn element(tag: &BytesStart<'_>, known: bool) -> Result<Element, Refused> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    // Looking for duplicates takes time with the square of their number. So it is bounded first.
    for (place, attribute) in tag.attributes().with_checks(false).enumerate() {
        if place >= MAX_ATTRIBUTES {
            return Err(Refused::Because(FileProblem::TooLarge("the number of attributes")));
        }
        let attribute = attribute.map_err(|error| Refused::Xml(error.into()))?;
        let name = attribute.key.as_ref().to_owned();
        if attributes.iter().any(|(known, _)| *known == name) {
            return Err(Refused::Because(FileProblem::Malformed("an attribute twice".to_owned())));
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(Refused::Xml)?;
        attributes.push((name, value.into_owned()));
    }
    Ok(Element {
        name: tag.local_name().as_ref().to_owned(),
        line: 0,
        attributes,
        text: Zeroizing::new(String::new()),
        children: Vec::new(),
        known,
        extended: false,
    })
}

fn with_line(piece: Piece, line: u64) -> Piece {
    match piece {
        Piece::Start(element) => Piece::Start(Element { line, ..element }),
        other => other,
    }
}

fn is_utf8(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Names of tags may be as long as a piece.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(160).collect()
}

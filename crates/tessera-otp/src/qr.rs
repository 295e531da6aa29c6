//! A QR code (ISO/IEC 18004) as SVG, to be put into a page as it is.
//!
//! The code is one path. There are no scripts, no style attributes, no ids and no references, so the strictest content security policy lets
//! it pass. It has its own white ground and black modules, because a scanner does not read it the other way round on a dark page.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};
use zeroize::Zeroizing;

/// The light frame that scanners need, in modules.
const QUIET: i32 = 4;

/// The text is longer than a QR code can hold (2331 bytes at the level that is used).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct TooLong;

/// The SVG of the QR code of `text`. `title` is what a screen reader says of it.
///
/// # Errors
/// [`TooLong`] if `text` does not fit.
pub fn svg(text: &str, title: &str) -> Result<Zeroizing<String>, TooLong> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| TooLong)?;
    let size = code.size() + 2 * QUIET;
    let path = path(&code);
    let title = escaped(title);
    let mut svg = Zeroizing::new(String::with_capacity(256 + title.len() + path.len()));
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" role=\"img\" shape-rendering=\"crispEdges\">\
         <title>{title}</title><rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{}\"/></svg>",
        *path
    );
    Ok(svg)
}

/// One rectangle for each run of dark modules in a row.
fn path(code: &QrCode) -> Zeroizing<String> {
    let size = code.size();
    // A run is at most "M" and two numbers of 3 digits, "h", "v1h-", "z": 20 bytes. Half of the modules at most begin one.
    let runs = usize::try_from(size * size / 2 + size).unwrap_or_default();
    let mut path = Zeroizing::new(String::with_capacity(20 * runs));
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let width = (x..size).take_while(|x| code.get_module(*x, y)).count();
            if width > 0 {
                let _ = write!(path, "M{} {}h{width}v1h-{width}z", x + QUIET, y + QUIET);
            }
            x += i32::try_from(width).unwrap_or(size) + 1;
        }
    }
    path
}

/// The title as XML character data. Control characters, which XML does not allow, are left out.
fn escaped(title: &str) -> String {
    let mut escaped = String::with_capacity(title.len());
    for c in title.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

//! Forms of a page, read as a browser would submit them: as much HTML as the issuer's own pages need.

/// A form and its hidden fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it is posted; may be relative.
    pub(super) action: String,
    /// Names and values of the hidden fields, unescaped.
    pub(super) hidden: Vec<(String, String)>,
}

impl Form {
    /// The form with this id.
    pub(super) fn find(html: &str, id: &str) -> Option<Self> {
        let mut rest = html;
        loop {
            rest = rest.split_once("<form")?.1;
            let (tag, content) = rest.split_once('>')?;
            if attribute(tag, "id").as_deref() == Some(id) {
                let inside = content.split_once("</form>")?.0;
                let action = attribute(tag, "action").unwrap_or_default();
                return Some(Self { action, hidden: hidden_fields(inside) });
            }
        }
    }
}

fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let tags = html.split("<input").skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag);
    tags.filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"))
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
        .collect()
}

/// The value of an attribute in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
    Some(unescape(value))
}

/// Undoes the escapes that template engines write.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (character, left) = entity(after).unwrap_or(('&', after));
        plain.push(character);
        rest = left;
    }
    plain.push_str(rest);
    plain
}

/// The character of a reference such as `amp;` or `#x27;`, and the text after it.
fn entity(text: &str) -> Option<(char, &str)> {
    let (name, rest) = text.split_once(';')?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((character, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<form id="other" action="/no"></form>
<form id="login" method="post" action="/login?a=1&amp;b=2">
<input type="hidden" name="flow" value="&quot;x&#x2F;&#47;&lt;"><input type="hidden" name="csrf" value="t=">
<input id="username" name="username" type="text" value="shown" required>
</form>"#;

    #[test]
    fn a_form_is_read_with_its_hidden_fields_and_without_the_visible_ones() {
        let form = Form::find(PAGE, "login").unwrap();
        assert_eq!(form.action, "/login?a=1&b=2");
        let hidden =
            [("flow", "\"x//<"), ("csrf", "t=")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(form.hidden, hidden);
    }

    #[test]
    fn a_form_that_is_not_there_is_not_made_up() {
        assert_eq!(Form::find(PAGE, "consent"), None);
        assert_eq!(Form::find("<form id=\"consent\">", "consent"), None);
    }

    #[test]
    fn an_ampersand_that_means_itself_stays() {
        assert_eq!(unescape("a&b &amp;lt; &#x110000; &"), "a&b &lt; &#x110000; &");
    }
}

//! Untrusted text is escaped in every field of every page.

use proptest::prelude::*;
use tessera_http::pages::{Language, Pages};

use crate::{Filling, pages, without_hashes};

pub(crate) const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "</title></textarea></style><svg/onload=alert(1)>",
    "{{ 7*7 }}{% include 'login.html' %}",
    "&lt;script&gt;&#x3c;b&#x3e;",
    "-->]]><!--",
];

/// Counts the characters that give a page its structure. Escaped text does not change the counts.
fn structure(html: &str) -> [usize; 4] {
    ['<', '>', '"', '\''].map(|c| html.matches(c).count())
}

#[test]
fn a10_o57_s18_hostile_names_are_rendered_as_text() {
    let pages = pages();
    let plain = Filling::new("x").all(&pages, Language::English);
    for hostile in HOSTILE {
        for ((name, page), (_, plain)) in
            Filling::new(hostile).all(&pages, Language::English).iter().zip(&plain)
        {
            assert_eq!(structure(page.html()), structure(plain.html()), "{name}: {hostile}");
            let html = without_hashes(&pages, page.html());
            assert!(!html.contains("<img src=x") && !html.contains("49"), "{name}: {hostile}: {html}");
        }
    }
}

#[test]
fn o57_names_are_cut_and_lose_direction_marks_and_fields_stay_exact() {
    let pages = pages();
    let long = format!("\u{202e}{}", "n".repeat(10_000));
    let page = Filling::new(&long).login(None).render(&pages, Language::English);
    let (_, lead) = page.html().split_once("class=\"lead\">").unwrap();
    let (lead, _) = lead.split_once("</p>").unwrap();
    assert!(lead.chars().count() < 140 && !lead.contains('\u{202e}'), "{lead}");
    assert!(page.html().contains(&format!("name=\"flow\" value=\"{long}\"")), "{}", page.html());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_in_any_field_changes_the_structure_of_a_page(text in "[<>\"'&/a{}%\\PC]{0,60}") {
        thread_local!(static PAGES: Pages = pages());
        PAGES.with(|pages| {
            let plain = Filling::new("x").all(pages, Language::English);
            for ((name, page), (_, plain)) in Filling::new(&text).all(pages, Language::English).iter().zip(&plain) {
                // An empty user name moves the focus, and an empty flow removes its field, so the counts differ legitimately.
                if !text.trim().is_empty() {
                    prop_assert_eq!(structure(page.html()), structure(plain.html()), "{}", name);
                }
            }
            Ok(())
        })?;
    }
}

//! The stylesheet: its colours are readable in both schemes (WCAG 2.2 success criteria 1.4.3 and 1.4.11), it loads nothing, and it fits
//! languages of both directions.

use tessera_templates::Theme;

/// The colour of a text, the colour behind it, and the contrast that they need.
const PAIRS: [(&str, &str, f64); 10] = [
    ("ink", "surface", 4.5),
    ("ink", "ground", 4.5),
    ("ink-soft", "surface", 4.5),
    ("ink-soft", "ground", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("accent", "surface", 4.5),
    ("accent", "ground", 4.5),
    ("alert", "alert-ground", 4.5),
    ("field-line", "surface", 3.0),
];

fn stylesheet() -> String {
    let theme = Theme::read(None).unwrap();
    let file = theme.assets().find(|asset| asset.name == "tessera.css").unwrap();
    String::from_utf8(file.content.to_vec()).unwrap()
}

#[test]
fn contrast_is_sufficient_in_light_and_dark() {
    let css = stylesheet();
    let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    for (scheme, css) in [("light", light), ("dark", dark)] {
        for (text, ground, least) in PAIRS {
            let (a, b) = (luminance(css, text), luminance(css, ground));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= least, "{scheme}: {text} on {ground} has {contrast:.2}");
        }
    }
}

#[test]
fn o59_the_stylesheet_loads_nothing() {
    let css = stylesheet();
    for loads in ["url(", "@import"] {
        assert!(!css.contains(loads), "{loads}: {css}");
    }
}

#[test]
fn positions_are_start_and_end_and_never_left_and_right() {
    for line in stylesheet().lines() {
        let declaration = line.split_once(':').map_or("", |(property, _)| property.trim());
        let physical = ["left", "right"].iter().any(|side| declaration.split('-').any(|part| part == *side));
        let value = line.split_once(':').map_or("", |(_, value)| value.trim().trim_end_matches(';'));
        assert!(!physical && !["left", "right"].contains(&value), "{line}");
    }
}

/// The relative luminance of a custom property such as `--ink: #rrggbb`.
fn luminance(css: &str, property: &str) -> f64 {
    let (_, value) = css.split_once(&format!("--{property}: #")).unwrap();
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

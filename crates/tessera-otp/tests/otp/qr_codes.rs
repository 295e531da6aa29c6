//! The picture of a URI: read back by an independent decoder, and fit for a page with a strict content security policy.

use proptest::prelude::*;
use tessera_otp::{Algorithm, Digits, Period, Secret, Totp, otpauth_uri, qr};

/// Pixels a module. A decoder needs a few.
const SCALE: usize = 4;

/// Paints the path as a browser would and reads the picture.
fn decode(svg: &str) -> String {
    let (size, dark) = paint(svg);
    let grey = |x: usize, y: usize| if dark[y / SCALE * size + x / SCALE] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(size * SCALE, size * SCALE, grey);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().expect("a readable code").1
}

/// The side of the picture, and which modules of it are dark.
fn paint(svg: &str) -> (usize, Vec<bool>) {
    let side = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
    let mut dark = vec![false; side * side];
    for run in between(svg, " d=\"", "\"").split('z').filter(|run| !run.is_empty()) {
        let (place, shape) = run.strip_prefix('M').and_then(|run| run.split_once('h')).unwrap();
        let (x, y) = place.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let (width, back) = shape.split_once("v1h-").unwrap();
        assert_eq!(width, back);
        dark[y * side + x..][..width.parse().unwrap()].fill(true);
    }
    (side, dark)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).unwrap().0
}

fn uri(issuer: &str, account: &str) -> String {
    let secret = Secret::new(&(1..=64).collect::<Vec<u8>>()).unwrap();
    let totp = Totp::new(secret, Algorithm::Sha512, Digits::Eight, Period::Seconds60);
    otpauth_uri(&totp, issuer, account).unwrap().to_string()
}

#[test]
fn r13_an_app_reads_the_uri_from_the_picture() {
    let uri = uri("Tessera", "alice@example.com");
    assert_eq!(decode(&qr::svg(&uri, "Scan me").unwrap()), uri);
}

#[test]
fn r13_the_longest_uri_fits() {
    let uri = uri(&"ü".repeat(64), &"ß".repeat(64));
    assert_eq!(decode(&qr::svg(&uri, "Scan me").unwrap()), uri);
}

#[test]
fn a_text_that_does_not_fit_is_an_error() {
    assert!(qr::svg(&"x".repeat(2331), "").is_ok());
    assert_eq!(qr::svg(&"x".repeat(2332), ""), Err(qr::TooLong));
}

#[test]
fn the_picture_needs_nothing_that_a_strict_policy_forbids() {
    let svg = qr::svg(&uri("Tessera", "alice"), "QR code").unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "));
    assert!(svg.contains(" role=\"img\"") && svg.contains("<title>QR code</title>"));
    assert_eq!(svg.matches("<path ").count(), 1);
    assert_eq!(svg.matches('<').count(), 6, "svg, title, rect and path");
    for forbidden in ["style", "script", "href", "url(", "id=", " on", "<!"] {
        assert!(!svg.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn the_quiet_zone_is_light() {
    let (side, dark) = paint(&qr::svg("x", "").unwrap());
    assert_eq!(side, 21 + 8);
    let in_zone = |place: usize| [place % side, place / side].iter().any(|at| *at < 4 || *at >= side - 4);
    assert!((0..side * side).all(|place| !(dark[place] && in_zone(place))));
}

#[test]
fn s18_a_hostile_title_is_text() {
    let svg = qr::svg("x", "</title><script>alert('&\"')</script>\u{0}\u{1b}").unwrap();
    let title = between(&svg, "<title>", "</title>");
    assert_eq!(title, "&lt;/title&gt;&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_back(text in "[ -~]{1,120}") {
        prop_assert_eq!(decode(&qr::svg(&text, "t").unwrap()), text);
    }

    #[test]
    fn s18_no_title_opens_a_tag(title in any::<String>()) {
        let svg = qr::svg("x", &title).unwrap();
        prop_assert_eq!(svg.matches('<').count(), 6);
        prop_assert_eq!(svg.matches('>').count(), 6);
    }
}

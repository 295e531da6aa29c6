use proptest::prelude::*;

use super::*;

const REGISTERED: &str = "https://app.example.com/cb/done";

fn uri(text: &str) -> RedirectUri {
    text.parse().unwrap()
}

/// Origins that a lax comparison (case, suffix, user information, decoding, parsing) takes for the registered one.
const HOSTS: [&str; 76] = [
    "HTTPS://app.example.com",
    "Https://app.example.com",
    "http://app.example.com",
    "https://APP.example.com",
    "https://App.Example.Com",
    "https://app.example.com.",
    "https://app.example.com..",
    "https://app.example.com:443",
    "https://app.example.com:",
    "https://app.example.com:8443",
    "https://app.example.com:0443",
    "https://app.example.com:80",
    "https://app.example.comevil.example",
    "https://app.example.com.evil.example",
    "https://evilapp.example.com",
    "https://evil-app.example.com",
    "https://x.app.example.com",
    "https://example.com",
    "https://app.example.co",
    "https://appXexample.com",
    "https://app.example.com@evil.example",
    "https://app.example.com%40evil.example",
    "https://app.example.com:x@evil.example",
    "https://user@app.example.com",
    "https://user:pw@app.example.com",
    "https://@app.example.com",
    "https://evil.example\\@app.example.com",
    "https://evil.example/@app.example.com",
    "https://evil.example#@app.example.com",
    "https://evil.example?@app.example.com",
    "https://app.example.com\\.evil.example",
    "https://app.example.com%00.evil.example",
    "https://app.example.com%2eevil.example",
    "https://app%2eexample%2ecom",
    "https://app.example.com\u{3002}",
    "https://app\u{3002}example\u{3002}com",
    "https://\u{430}pp.example.com",
    "https://xn--pp-8kc.example.com",
    "https://app.ex\u{e4}mple.com",
    "https://app.exam\u{ad}ple.com",
    "https://app.example.com\u{200b}",
    "https://\u{ff41}pp.example.com",
    "https:///app.example.com",
    "https:/app.example.com",
    "https:app.example.com",
    "https:\\\\app.example.com",
    "//app.example.com",
    "\\\\app.example.com",
    "app.example.com",
    "https//app.example.com",
    "https::/app.example.com",
    "ftp://app.example.com",
    "javascript://app.example.com",
    "javascript:https://app.example.com",
    "data:https://app.example.com",
    "view-source:https://app.example.com",
    "blob:https://app.example.com",
    "https://127.0.0.1",
    "http://127.0.0.1",
    "http://localhost",
    "https://localhost",
    "https://[::1]",
    "https://[fe80::1%25eth0]",
    "https://0x7f.1",
    "https://2130706433",
    "https://app.example.com;evil",
    "https://app.example.com,evil.example",
    "https://app.example.com evil.example",
    "https://app.example.com\t",
    "https://app.example.com\r\nLocation: https://evil.example",
    " https://app.example.com",
    "\thttps://app.example.com",
    "\nhttps://app.example.com",
    "\u{feff}https://app.example.com",
    "https://evil.example",
    "https://evil.example/https://app.example.com",
];

/// Paths that a lax comparison takes for the registered one.
const PATHS: [&str; 108] = [
    "",
    "/",
    "/cb",
    "/cb/",
    "/cb/don",
    "/cb/done/",
    "/cb/done//",
    "/cb/done/.",
    "/cb/done/..",
    "/cb/done/../done",
    "/cb/done/x",
    "/cb/donex",
    "/cb/done.html",
    "/cb/done.",
    "/cb/done;",
    "/cb/done;x=1",
    "/cb/done,",
    "/cb/done:",
    "/cb//done",
    "//cb/done",
    "///cb/done",
    "/./cb/done",
    "/cb/./done",
    "/cb/x/../done",
    "/cb/../cb/done",
    "/x/../cb/done",
    "/cb/..;/cb/done",
    "/cb/done/..;/evil",
    "/cb/done..;/",
    "/..;/cb/done",
    "/cb/;/done",
    "/cb/%2e/done",
    "/cb/%2e%2e/cb/done",
    "/cb/%2E%2E/cb/done",
    "/cb/.%2e/cb/done",
    "/cb/%252e%252e/cb/done",
    "/cb/..%2fcb/done",
    "/cb/..%252fcb/done",
    "/cb/..%5ccb/done",
    "/cb%2fdone",
    "/cb%2Fdone",
    "/cb%252fdone",
    "/cb%5cdone",
    "/cb\\done",
    "\\cb\\done",
    "/cb/\\done",
    "/CB/done",
    "/cb/Done",
    "/cb/DONE",
    "/%63b/done",
    "/%2563b/done",
    "/cb/done%00",
    "/cb/done%00.evil",
    "/cb/done%0a",
    "/cb/done%0d%0aX:y",
    "/cb/done%20",
    "/cb/done%09",
    "/cb/done%23",
    "/cb/done%3f",
    "/cb/done%2f",
    "/cb/done\0",
    "/cb/done\n",
    "/cb/done\r",
    "/cb/done\t",
    "/cb/done ",
    "/cb/do\nne",
    "/cb/do\tne",
    " /cb/done",
    "/cb/done?",
    "/cb/done?x",
    "/cb/done?x=1",
    "/cb/done?redirect_uri=https://evil",
    "/cb/done?#",
    "/cb/done#",
    "/cb/done#x",
    "/cb/done#/evil",
    "/cb/done%23x",
    "/cb/done&x=1",
    "/cb/done=",
    "/cb/done*",
    "/cb/*",
    "/*",
    "/cb/d?ne",
    "/cb/done\u{0}",
    "/cb/done\u{200b}",
    "/cb/d\u{f6}ne",
    "/cb/d\u{43e}ne",
    "/cb/done\u{ff0f}",
    "/cb\u{2215}done",
    "/cb/done\u{301}",
    "/cb/done\u{feff}",
    "/cb/\u{202e}done",
    "/cb/done|",
    "/cb/done'",
    "/cb/done\"",
    "/cb/done<script>",
    "/cb/done`",
    "/cb/done$",
    "/cb/done~",
    "/cb/done!",
    "/cb/done@evil.example",
    "/cb/done/@evil.example",
    "@evil.example/cb/done",
    ".evil.example/cb/done",
    ":x@evil.example/cb/done",
    "/redirect?to=/cb/done",
    "/evil",
    "/evil/cb/done",
];

fn variants() -> Vec<String> {
    let (origin, path) = ("https://app.example.com", "/cb/done");
    let mut all = Vec::new();
    all.extend(HOSTS.map(|host| format!("{host}{path}")));
    all.extend(PATHS.map(|path| format!("{origin}{path}")));
    all.extend([
        format!("{REGISTERED}{REGISTERED}"),
        format!("{REGISTERED} {REGISTERED}"),
        format!("{REGISTERED},{REGISTERED}"),
    ]);
    all.extend([
        format!("https://evil.example/?{REGISTERED}"),
        format!("{REGISTERED}{}", "/x".repeat(4000)),
        String::new(),
    ]);
    all
}

#[test]
fn o01_no_variant_of_a_registered_uri_matches_it() {
    let registered = uri(REGISTERED);
    let variants = variants();
    assert!(variants.len() >= 190, "{}", variants.len());
    for variant in variants {
        assert!(!registered.matches(&variant), "{variant:?}");
    }
    assert!(registered.matches(REGISTERED));
}

#[test]
fn o01_a_query_is_part_of_the_uri() {
    let registered = uri("https://app.example.com/cb?foo=bar");
    assert!(registered.matches("https://app.example.com/cb?foo=bar"));
    for other in [
        "https://app.example.com/cb",
        "https://app.example.com/cb?foo=bar&x=1",
        "https://app.example.com/cb?foo=baz",
    ] {
        assert!(!registered.matches(other), "{other}");
    }
}

#[test]
fn only_the_port_of_a_loopback_address_may_differ() {
    for (registered, host) in [("http://127.0.0.1/cb", "127.0.0.1"), ("http://[::1]:4000/cb", "[::1]")] {
        let registered = uri(registered);
        for good in
            [format!("http://{host}/cb"), format!("http://{host}:1/cb"), format!("http://{host}:65535/cb")]
        {
            assert!(registered.matches(&good), "{good}");
        }
        for bad in [
            "",
            ":",
            ":0",
            ":080",
            ":65536",
            ":99999999999",
            ":+80",
            ":80a",
            ":80@evil.example",
            ":@evil.example",
            ".evil.example",
            ":80:80",
            ":-1",
        ] {
            let ported = format!("http://{host}{bad}/cb");
            assert!(bad.is_empty() || !registered.matches(&ported), "{ported}");
        }
        for bad in ["/cb/", "/CB", "/cb?x", "/cb#x", "", "/", "\\cb", "/x/../cb"] {
            assert!(!registered.matches(&format!("http://{host}:9{bad}")), "{bad}");
        }
    }
    let registered = uri("http://127.0.0.1/cb");
    for other in [
        "http://127.0.0.2:9/cb",
        "http://127.1:9/cb",
        "http://localhost:9/cb",
        "http://[::1]:9/cb",
        "https://127.0.0.1:9/cb",
        "HTTP://127.0.0.1:9/cb",
        "http://0.0.0.0:9/cb",
        "http://[::ffff:127.0.0.1]:9/cb",
    ] {
        assert!(!registered.matches(other), "{other}");
    }
    assert!(!uri("http://localhost:3000/cb").matches("http://localhost:3001/cb"));
    assert!(!uri("https://app.example.com:8443/cb").matches("https://app.example.com:9443/cb"));
}

#[test]
fn o03_what_may_never_be_registered() {
    for bad in [
        "",
        "/cb",
        "//evil.example/cb",
        "evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript://app.example.com/%0aalert(1)",
        "data:text/html,x",
        "DATA:text/html;base64,eA==",
        "vbscript:x",
        "file:///etc/passwd",
        "about:blank",
        "blob:https://app.example.com/x",
        "http://app.example.com/cb",
        "http://10.0.0.1/cb",
        "http://0.0.0.0/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost.evil.example/cb",
        "ws://127.0.0.1/cb",
        "ftp://app.example.com/cb",
        "https://*.example.com/cb",
        "https://app.example.com/*",
        "https://app.example.com/cb#x",
        "https://app.example.com/cb#",
        "https://user@app.example.com/cb",
        "https://user:pw@app.example.com/cb",
        "https://@app.example.com/cb",
        "HTTPS://app.example.com/cb",
        "https://APP.example.com/cb",
        "https://app.example.com:443/cb",
        "https://app.example.com/a/../cb",
        "https://app.example.com/%2e%2e/cb",
        "https://app.example.com\\cb",
        "https://app.example.com/c b",
        " https://app.example.com/cb",
        "https://app.example.com/cb\n",
        "https://app.ex\u{e4}mple.com/cb",
        "https:///cb",
        "https://",
        "https:cb",
        "http://[fe80::1%25eth0]/cb",
        "myapp:/cb",
        "myapp://cb",
        "https://app.example.com/c\u{200b}b",
    ] {
        assert!(bad.parse::<RedirectUri>().is_err(), "{bad:?}");
    }
    for elsewhere in ["https://app.ex\u{e4}mple.com/cb", "https://app.example.com/caf\u{e9}"] {
        assert_eq!(elsewhere.parse::<RedirectUri>(), Err(InvalidRedirectUri::NotAscii), "{elsewhere}");
    }
    assert!(InvalidRedirectUri::NotAscii.to_string().contains("punycode"));
    let long = format!("https://app.example.com/{}", "x".repeat(MAX_REDIRECT_URI_LEN));
    assert_eq!(long.parse::<RedirectUri>(), Err(InvalidRedirectUri::Forbidden));
}

#[test]
fn what_may_be_registered() {
    for good in [
        "https://app.example.com",
        "https://app.example.com/",
        "https://app.example.com/cb?x=1&y=2",
        "https://app.example.com:8443/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:8080/cb",
        "http://[::1]/cb",
        "http://localhost:3000/cb",
        "com.example.app:/cb",
        "https://xn--exmple-cua.com/cb",
        "https://[2001:db8::1]/cb",
    ] {
        assert_eq!(uri(good).as_str(), good);
    }
}

proptest! {
    #[test]
    fn any_text_is_answered_without_panic(text in any::<String>(), near in "https?://(127\\.0\\.0\\.1|\\[::1\\])?[:/0-9@a-z?#\\\\.]{0,20}") {
        for text in [text, near] {
            if let Ok(registered) = text.parse::<RedirectUri>() {
                prop_assert!(registered.matches(&text));
            }
            prop_assert!(!uri(REGISTERED).matches(&text));
        }
    }

    #[test]
    fn o01_any_single_edit_of_a_registered_uri_fails(at in 0..REGISTERED.len(), with in any::<char>(), insert in any::<bool>()) {
        let mut edited = REGISTERED.to_owned();
        edited.replace_range(at..at + usize::from(!insert), with.encode_utf8(&mut [0; 4]));
        prop_assert_eq!(uri(REGISTERED).matches(&edited), edited == REGISTERED);
    }
}

//! `tessera audit list`: what administrators did at the command line stands there.

use crate::support::Installation;

#[test]
fn the_audit_trail_is_listed() {
    let installation = Installation::init();
    let alice = installation.json(&["user", "add", "alice", "--no-password"]);
    installation.json(&["user", "lock", "alice"]);
    installation.json(&["user", "delete", "alice", "--yes"]);
    let codes = |args: &[&str]| -> Vec<String> {
        let listed = installation.json(&[&["audit", "list"], args].concat());
        let events = listed["events"].as_array().unwrap();
        let mut codes: Vec<_> =
            events.iter().map(|event| event["code"].as_str().unwrap().to_owned()).collect();
        codes.sort_unstable();
        codes
    };
    let id = alice["id"].as_str().unwrap();
    assert_eq!(codes(&["--user", id]), ["user.created", "user.deleted", "user.locked"]);
    assert_eq!(codes(&["--code", "user.locked"]), ["user.locked"]);
    assert_eq!(codes(&["--limit", "1"]).len(), 1);
    let shown = installation.run(&["audit", "list", "--user", id]).accepted();
    assert!(shown.contains("user.locked") && shown.contains(id) && shown.contains("cli"), "{shown}");
    installation.run(&["audit", "list", "--code", "user.flown"]).refused(64);
    installation.run(&["audit", "list", "--user", "nobody"]).refused(65);
}

//! `tessera group …`.

use serde_json::json;

use crate::support::Installation;

#[test]
fn groups_are_kept_by_an_administrator() {
    let installation = Installation::init();
    let run = |args: &[&str]| installation.run(args);
    for user in ["ada", "bob"] {
        run(&["user", "add", user, "--no-password"]).accepted();
    }
    assert!(run(&["group", "list"]).accepted().contains("No groups yet"));
    let said = run(&["group", "add", "ops", "--description", "On call"]).accepted();
    assert!(said.contains("tessera group add-member ops"), "{said}");
    assert!(run(&["group", "add", "ops"]).refused(65).contains("already"));
    assert!(run(&["group", "add", "Ops"]).refused(64).contains("a-z"));
    assert_eq!(run(&["group", "add-member", "ops", "ada", "bob"]).accepted().lines().count(), 1);
    assert!(run(&["group", "add-member", "ops", "ada"]).accepted().contains("already"));
    let said = run(&["group", "add-member", "ops", "ada", "nobody"]).refused(65);
    assert!(said.contains("no such user: nobody"), "{said}");
    let said = run(&["group", "members", "opps"]).refused(65);
    assert!(said.contains("no such group: opps") && said.contains("tessera group list"), "{said}");
    let members = installation.json(&["group", "members", "ops", "--limit", "1"]);
    assert_eq!(members, json!({ "members": ["ada"], "next_after": "ada" }));
    let members = installation.json(&["group", "members", "ops", "--after", "ada"]);
    assert_eq!(members, json!({ "members": ["bob"], "next_after": null }));
    let shown = installation.json(&["user", "show", "ada"]);
    assert_eq!(shown["groups"], json!(["ops"]));
    assert!(run(&["group", "remove-member", "ops", "ada"]).accepted().contains("No longer in ops: ada"));
    assert!(run(&["group", "update", "ops", "--no-description"]).accepted().contains("Changed ops"));
    assert!(run(&["group", "update", "ops"]).refused(64).contains("--no-description"));
    let listed = installation.json(&["group", "list"]);
    assert_eq!((&listed["groups"][0]["name"], &listed["groups"][0]["members"]), (&json!("ops"), &json!(1)));
    assert!(run(&["group", "delete", "ops"]).refused(64).contains("--yes"));
    run(&["group", "delete", "ops", "--yes"]).accepted();
    run(&["group", "show", "ops"]).refused(65);
    let trail = installation.json(&["audit", "list"]).to_string();
    for code in
        ["group.created", "group.member_added", "group.member_removed", "group.updated", "group.deleted"]
    {
        assert!(trail.contains(code), "{code}: {trail}");
    }
}

//! The commands, one after another on one data directory.

use crate::support::Installation;

const PASSWORD: &str = "correct horse battery staple";
/// Adds a web application, which has a secret.
const SHOP: [&str; 10] = [
    "client",
    "add",
    "--kind",
    "web",
    "--name",
    "Shop",
    "--id",
    "shop",
    "--redirect-uri",
    "https://shop.example.com/cb",
];

fn add_alice(installation: &Installation) {
    let args = [
        "user",
        "add",
        "alice",
        "--name",
        "Alice",
        "--email",
        "alice@example.com",
        "--password-stdin",
        "--json",
    ];
    let user = installation.run_with(&args, PASSWORD).json();
    assert_eq!(
        (&user["username"], &user["status"], &user["has_password"]),
        (&"alice".into(), &"active".into(), &true.into())
    );
    assert!(user.get("password").is_none());
}

#[test]
fn a_person_from_the_first_day_to_the_last() {
    let installation = Installation::init();
    add_alice(&installation);
    assert!(
        installation
            .run_with(&["user", "add", "Alice", "--password-stdin"], PASSWORD)
            .refused(65)
            .contains("taken")
    );
    let status = |args: &[&str]| installation.json(args)["status"].clone();
    assert_eq!(status(&["user", "lock", "alice"]), "locked");
    assert_eq!(status(&["user", "show", "alice"]), "locked");
    assert_eq!(status(&["user", "unlock", "alice"]), "active");
    let throttle = installation.json(&["user", "throttle", "show", "alice"]);
    assert_eq!((&throttle["failures"], &throttle["blocked_until"]), (&0.into(), &serde_json::Value::Null));
    assert_eq!(status(&["user", "throttle", "clear", "alice"]), "active");
    assert!(installation.run(&["user", "throttle", "clear", "nobody"]).refused(65).contains("no such user"));
    let has = installation.json(&["user", "authenticator", "list", "alice"]);
    assert_eq!(has, serde_json::json!({ "authenticators": [], "recovery_codes": 0 }));
    let missing = "8f14e45f-ceea-467f-a1d3-6f1c2b0e9a77";
    let refused =
        installation.run(&["user", "authenticator", "remove", "alice", missing, "--yes"]).refused(65);
    assert!(refused.contains("no such authenticator"), "{refused}");
    assert_eq!(status(&["user", "disable", "alice", "--yes"]), "disabled");
    assert!(installation.run(&["user", "unlock", "alice"]).refused(65).contains("for good"));
    installation.run(&["user", "delete", "alice", "--yes"]).accepted();
    assert!(installation.run(&["user", "show", "alice"]).refused(65).contains("no such user"));
}

#[test]
fn lists_come_in_pages() {
    let installation = Installation::init();
    for name in ["carol", "alice", "bob"] {
        installation.json(&["user", "add", name, "--no-password"]);
    }
    let page = installation.json(&["user", "list", "--limit", "2"]);
    let names = |page: &serde_json::Value| -> Vec<String> {
        page["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (names(&page), &page["next_after"]),
        (vec!["alice".to_owned(), "bob".to_owned()], &"bob".into())
    );
    let rest = installation.json(&["user", "list", "--limit", "2", "--after", "bob"]);
    assert_eq!((names(&rest), &rest["next_after"]), (vec!["carol".to_owned()], &serde_json::Value::Null));
}

#[test]
fn a_client_from_the_first_day_to_the_last() {
    let installation = Installation::init();
    installation.json(&[
        "api",
        "add",
        "https://api.example.com",
        "--name",
        "Orders",
        "--scope",
        "orders.read=Read your orders",
    ]);
    let api = installation.json(&["api", "show", "https://api.example.com"]);
    assert_eq!(api["scopes"][0]["description"], "Read your orders");
    assert_eq!(installation.json(&["api", "list"])["apis"].as_array().unwrap(), &[api]);
    let may = ["--scope", "openid orders.read", "--audience", "https://api.example.com"];
    let add = [&SHOP[..], &may].concat();
    let added = installation.json(&add);
    let secret = added["client_secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("tsr_cs_"));
    assert!(installation.run(&add).refused(65).contains("registered already"));
    let rotated = installation.json(&["client", "rotate-secret", "shop"]);
    assert_ne!(rotated["client_secret"], secret.as_str());
    let shown = installation.json(&["client", "show", "shop"]);
    assert_eq!(shown["refresh_tokens"], "always", "the default");
    assert_eq!(shown["secrets"].as_array().unwrap().len(), 2);
    assert_eq!(shown["scope"], "openid orders.read");
    assert_eq!(installation.json(&["client", "disable", "shop", "--yes"])["status"], "disabled");
    installation.run(&["client", "delete", "shop", "--yes"]).accepted();
    assert_eq!(installation.json(&["client", "list"])["clients"].as_array().unwrap().len(), 0);
}

#[test]
fn a_client_may_get_refresh_tokens_with_offline_access_only() {
    let installation = Installation::init();
    let added = installation.json(&[&SHOP[..], &["--refresh-tokens", "offline-access"]].concat());
    assert_eq!(added["refresh_tokens"], "offline_access");
    let shown = installation.run(&["client", "show", "shop"]).accepted();
    assert!(shown.contains("with offline_access only"), "{shown}");
    let refused = installation.run(&[&SHOP[..], &["--refresh-tokens", "sometimes"]].concat()).refused(64);
    assert!(refused.contains("always") && refused.contains("offline-access"), "{refused}");
}

#[test]
fn an_api_is_changed_in_part() {
    const AUDIENCE: &str = "https://api.example.com";
    let installation = Installation::init();
    let add = ["api", "add", AUDIENCE, "--name", "Orders", "--scope", "orders.read=Read your orders"];
    let said = installation.run(&add).accepted();
    assert!(said.contains("ES256: every widely used") && said.contains("--token-type jwt"), "{said}");
    let update = |options: &[&str]| installation.json(&[&["api", "update", AUDIENCE][..], options].concat());
    let names = |api: &serde_json::Value| {
        let scopes = api["scopes"].as_array().unwrap().iter();
        scopes.map(|scope| scope["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let api = update(&["--add-scope", "orders.write=Write", "--add-scope", "orders.list=List"]);
    assert_eq!(names(&api), ["orders.read", "orders.write", "orders.list"]);
    let api = update(&["--remove-scope", "orders.read", "--name", "Shop orders"]);
    assert_eq!(
        (names(&api), &api["name"]),
        (vec!["orders.write".to_owned(), "orders.list".to_owned()], &"Shop orders".into())
    );
    assert_eq!(names(&update(&["--scope", "a=A", "--scope", "b"])), ["a", "b"]);
    let api = update(&["--alg", "EdDSA", "--token-type", "jwt", "--access-token-lifetime", "30s"]);
    assert_eq!((&api["access_token_alg"], &api["token_type"]), (&"EdDSA".into(), &"jwt".into()));
    assert_eq!((&api["access_token_seconds"], &api["token_form"]), (&30.into(), &"jwt".into()));
    assert_eq!(installation.json(&["api", "show", AUDIENCE]), api);

    let said = installation.run(&["api", "update", AUDIENCE, "--alg", "RS256"]).accepted();
    assert!(
        said.contains("Changed https://api.example.com: alg.") && said.contains("accept_typ_jwt"),
        "{said}"
    );
    let said = installation.run(&["api", "update", AUDIENCE, "--name", "Shop orders"]).accepted();
    assert_eq!(said.trim(), "https://api.example.com has these settings already.");
    for (options, code) in [
        (&[][..], 64),
        (&["--scope", "a=A", "--add-scope", "b=B"], 64),
        (&["--scope", "a=A", "--remove-scope", "b"], 64),
        (&["--token-type", "JWT"], 64),
        (&["--alg", "HS256"], 65),
        (&["--remove-scope", "unknown"], 65),
        (&["--name", ""], 65),
    ] {
        installation.run(&[&["api", "update", AUDIENCE][..], options].concat()).refused(code);
    }
    let unknown = installation.run(&["api", "update", "https://x.example", "--name", "x"]).refused(65);
    assert!(unknown.contains("no such API: https://x.example") && unknown.contains("api list"), "{unknown}");
}

#[test]
fn everything_wrong_with_a_client_is_said_at_once() {
    let installation = Installation::init();
    let said = installation
        .run(&[
            "client",
            "add",
            "--kind",
            "spa",
            "--name",
            "",
            "--scope",
            "orders.read",
            "--audience",
            "https://x.example",
            "--pkce",
            "off",
        ])
        .refused(65);
    for expected in
        ["name: ", "redirect uri: ", "pkce: ", "audience https://x.example: ", "scope orders.read: "]
    {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}

#[test]
fn who_cannot_check_a_signature_is_said_when_it_is_chosen() {
    let installation = Installation::init();
    for (alg, named) in [
        ("ES256", "SmallRye"),
        ("RS256", "every widely used library"),
        ("PS256", "SmallRye"),
        ("EdDSA", "Spring Security and Kafka"),
        ("Ed25519", "Spring Security and Kafka"),
    ] {
        let audience = format!("https://{}.example.com", alg.to_lowercase());
        let said = installation.run(&["api", "add", &audience, "--name", alg, "--alg", alg]).accepted();
        assert!(said.contains(&format!("{alg}: ")) && said.contains(named), "{said}");
    }
}

#[test]
fn a_client_is_changed() {
    let installation = Installation::init();
    installation.json(&SHOP);
    let more = "https://shop.example.com/second";
    let changed =
        installation.json(&["client", "update", "shop", "--add-redirect-uri", more, "--pkce", "off"]);
    assert_eq!((&changed["redirect_uris"][1], &changed["pkce"]), (&more.into(), &"off".into()));
    assert_eq!(installation.json(&["client", "show", "shop"]), changed);
    for (on, off, name) in [
        ("--no-consent", "--consent", "require_consent"),
        ("--id-token-claims", "--no-id-token-claims", "id_token_claims"),
        ("--no-logout-question", "--logout-question", "confirm_logout"),
    ] {
        let with = installation.json(&["client", "update", "shop", on])[name].as_bool().unwrap();
        let without = installation.json(&["client", "update", "shop", off])[name].as_bool().unwrap();
        assert_eq!((with, without), (on == "--id-token-claims", on != "--id-token-claims"), "{name}");
        installation.run(&["client", "update", "shop", on, off]).refused(64);
    }
    let nothing = installation.run(&["client", "update", "shop"]).refused(64);
    assert!(nothing.contains("give at least one option"), "{nothing}");
    let shown = |state: &str| {
        let shown = installation.run(&["client", "show", "shop"]).accepted();
        assert!(shown.contains(state), "{state}\n{shown}");
    };
    shown("off");
    installation.json(&["client", "update", "shop", "--pkce", "auto"]);
    shown("auto, not proven yet");
}

#[test]
fn what_is_told_about_a_person_is_given_and_changed() {
    let installation = Installation::init();
    let add = ["user", "add", "alice", "--no-password", "--email", "alice@example.com", "--email-verified"];
    let added = installation.json(&[&add[..], &["--given-name", "Alice", "--locality", "Paris"]].concat());
    assert_eq!((&added["email_verified"], &added["claims"]["given_name"]), (&true.into(), &"Alice".into()));
    let changed = installation.json(&["user", "update", "alice", "--locality", "", "--phone", "+33 123 456"]);
    assert_eq!(
        changed["claims"],
        serde_json::json!({ "given_name": "Alice", "phone_number": "+33 123 456" })
    );
    let refused = installation.run(&["user", "update", "alice", "--birthdate", "soon"]).refused(65);
    assert!(refused.contains("birthdate: "), "{refused}");
    installation.run(&["user", "update", "alice"]).refused(64);
    let shown = installation.run(&["user", "show", "alice"]).accepted();
    assert!(shown.contains("alice@example.com (verified)") && shown.contains("phone_number: +33"), "{shown}");
}

#[test]
fn a_key_is_published_before_it_signs() {
    let installation = Installation::init();
    let key = |state: &str| {
        let keys = installation.json(&["key", "list"])["keys"].as_array().unwrap().clone();
        keys.into_iter().filter(|key| key["purpose"] == "access:ES256" && key["state"] == state).count()
    };
    assert_eq!((key("active"), key("next")), (1, 0));
    assert_eq!(installation.json(&["key", "rotate", "access:ES256"])["outcome"], "published");
    assert_eq!(installation.json(&["key", "rotate", "access:ES256"])["outcome"], "already_published");
    assert_eq!((key("active"), key("next")), (1, 1));
    assert!(installation.run(&["key", "rotate", "grant_tokens"]).refused(65).contains("do not rotate"));
    assert!(installation.run(&["key", "rotate", "nonsense"]).refused(64).contains("access:ES256"));
}

/// No command that shows stored data prints a secret, a hash or a sealed key.
#[test]
fn i07_lists_hold_no_secrets() {
    let installation = Installation::init();
    add_alice(&installation);
    let added = installation.json(&[&SHOP[..], &["--scope", "openid"]].concat());
    let secret = added["client_secret"].as_str().unwrap();
    let kek = std::fs::read_to_string(installation.file("kek")).unwrap();
    for verb in [
        ["user", "list"].as_slice(),
        &["user", "show", "alice"],
        &["client", "list"],
        &["client", "show", "shop"],
        &["key", "list"],
        &["config", "check"],
    ] {
        for json in [&[][..], &["--json"][..]] {
            let outcome = installation.run(&[verb, json].concat());
            let all = format!("{}{}", outcome.stdout, outcome.stderr);
            outcome.accepted();
            for hidden in [PASSWORD, "argon2", "tsr_", "sealed", "digest", secret, kek.trim()] {
                assert!(!all.contains(hidden), "{verb:?} shows {hidden}: {all}");
            }
        }
    }
}

#[test]
fn a15_a_secret_is_never_an_argument() {
    let installation = Installation::init();
    for option in ["--password", "--secret"] {
        installation.run(&["user", "add", "alice", option, PASSWORD]).refused(64);
    }
    let said = installation.run(&["user", "add", "alice"]).refused(64);
    assert!(said.contains("--password-stdin"), "{said}");
    let open = installation.write("password", PASSWORD, 0o644);
    let args = ["user", "add", "alice", "--password-file", open.to_str().unwrap()];
    assert!(installation.run(&args).refused(78).contains("chmod 600"));
    let private = installation.write("password", PASSWORD, 0o600);
    installation.run(&["user", "add", "alice", "--password-file", private.to_str().unwrap()]).accepted();
    assert!(
        installation
            .run_with(&["user", "set-password", "alice", "--password-stdin"], "short")
            .refused(65)
            .contains("password: use at least 15 characters")
    );
    let set = installation.json(&["user", "set-password", "alice", "--generate-password"]);
    assert_eq!(set["password"].as_str().unwrap().len(), 20);
}

#[test]
fn what_cannot_be_taken_back_is_not_done_without_a_yes() {
    let installation = Installation::init();
    installation.json(&["user", "add", "alice", "--no-password"]);
    installation.json(&["api", "add", "https://api.example.com", "--name", "Orders"]);
    let service = ["client", "add", "--kind", "service", "--name", "Job", "--id", "job"];
    let refused = installation.run(&service).refused(65);
    assert!(refused.contains("audience: "), "{refused}");
    installation.json(&[&service[..], &["--audience", "https://api.example.com"]].concat());
    for args in [
        ["user", "delete", "alice"],
        ["user", "disable", "alice"],
        ["client", "delete", "job"],
        ["client", "disable", "job"],
    ] {
        assert!(installation.run(&args).refused(64).contains("--yes"), "{args:?}");
    }
    assert_eq!(installation.json(&["user", "show", "alice"])["status"], "active");
    assert_eq!(installation.json(&["client", "show", "job"])["status"], "active");
}

#[test]
fn a07_names_cannot_move_the_cursor() {
    let installation = Installation::init();
    assert!(
        installation
            .run(&["user", "add", "mallory", "--no-password", "--name", "a\u{1b}[2Jb"])
            .refused(65)
            .contains("control")
    );
    let name = "admin\u{202e}txt\u{200b}";
    installation.json(&["user", "add", "mallory", "--no-password", "--name", name]);
    for args in [&["user", "list"][..], &["user", "show", "mallory"], &["user", "show", "mallory", "--json"]]
    {
        let said = installation.run(args).accepted();
        assert!(
            !said.contains('\u{202e}') && !said.contains('\u{200b}') && said.contains("202e"),
            "{said:?}"
        );
    }
    assert_eq!(installation.json(&["user", "show", "mallory"])["name"], name);
    let said = installation.run(&["user", "show", "\u{1b}[31mred\u{7}"]).refused(65);
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
}

#[test]
fn mistakes_on_the_command_line_are_usage_errors() {
    let installation = Installation::init();
    installation.run(&["user", "show"]).refused(64);
    installation.run(&["user", "nonsense"]).refused(64);
    installation.run(&["user", "add", "not a name", "--no-password"]).refused(64);
    installation.run(&["user", "list", "--config", "x"]).refused(64);
    assert!(installation.run(&["user", "--help"]).accepted().contains("set-password"));
}

#[test]
fn a_client_that_cannot_be_read_is_listed_and_can_be_turned_off_and_removed() {
    let installation = Installation::init();
    installation.run(&SHOP).accepted();
    let database = rusqlite::Connection::open(installation.file("tessera.db")).unwrap();
    database
        .execute("UPDATE clients SET settings = '{\"redirect_uris\": [\"javascript:alert(1)\"]}'", [])
        .unwrap();
    let listed = || installation.json(&["client", "list"]);
    assert_eq!(
        (&listed()["clients"], &listed()["unreadable"]),
        (&serde_json::json!([]), &serde_json::json!(["shop"]))
    );
    assert!(installation.run(&["client", "list"]).accepted().contains("unreadable"));
    let said = installation.run(&["client", "show", "shop"]).refused(78);
    assert!(said.contains("client shop cannot be read") && !said.contains("javascript"), "{said}");
    assert!(said.contains("`tessera client disable shop`") && said.contains("`tessera client delete shop`"));
    for _ in 0..2 {
        let answer = installation.json(&["client", "disable", "shop", "--yes"]);
        assert_eq!(answer, serde_json::json!({ "id": "shop", "status": "disabled" }));
    }
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM clients WHERE status = 'disabled'"), 1);
    assert_eq!(
        count("SELECT count(*) FROM revocations WHERE kind = 'client'"),
        1,
        "its tokens are taken back"
    );
    assert_eq!(count("SELECT count(*) FROM audit WHERE code = 'client.disabled'"), 1);
    assert_eq!(installation.json(&["client", "delete", "shop", "--yes"])["deleted"], "shop");
    assert_eq!(listed()["unreadable"], serde_json::json!([]));
}

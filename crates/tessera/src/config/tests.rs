use std::path::{Path, PathBuf};

use tessera_app::config::OnShadow;
use tessera_app::hasher::Hashing;
use tessera_app::network::{AddressHeader, Peers};
use tessera_app::passwords::{Breached, PasswordRules};
use tessera_http::headers::Transport;
use tessera_http::pages::Site;
use tessera_model::key::RotationSchedule;
use tessera_model::policy::Lifetimes;

use super::document::Document;
use super::problem;
use super::top_level::describe;
use super::*;

fn read_for(mode: Mode, text: &str, variables: &[(&str, &str)]) -> (Config, Vec<String>) {
    let environment: Environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut document = Document::parse(text, Path::new("/etc/tessera"), &environment);
    let config = Config::read(&mut document, mode, PathBuf::from("/etc/tessera/data"));
    document.refuse_unknown();
    let lines = problem::lines(Some(Path::new("t.toml")), &document.problems);
    (config, lines)
}

fn problems(text: &str) -> Vec<String> {
    read_for(Mode::Serve, text, &[]).1
}

/// One wrong key after a right issuer: it is the only problem, found on its line and under its name.
#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn f40_every_wrong_value_is_refused_where_it_stands() {
    let cases = [
        ("listen = 8080", "listen: expected text"),
        ("listen = \"8080\"", "listen: use an IP address"),
        ("listen = \"localhost:8080\"", "listen: use an IP address"),
        ("listen = \"0.0.0.0:8080\"", "listen: would send passwords without encryption"),
        ("listen = \"127.0.0.1:99999\"", "listen: use an IP address"),
        ("listen = \"\"", "listen: must not be empty"),
        ("listen = \"127.0.0.1:8081\"", "ops_listen: is the same address"),
        ("lissten = \"127.0.0.1:1\"", "lissten: unknown key; did you mean listen?"),
        ("data_dir = true", "data_dir: expected text in quotes, found true or false"),
        ("data_dir = [\"a\"]", "data_dir: expected text in quotes, found a list"),
        ("database = \"sqlite\"", "database: unknown key; did you mean database.url?"),
        ("[database]\nurl = \"mysql://a/b\"", "database.url: use \"sqlite\" or a URL"),
        ("[database]\nurl = \"sqlite:tessera.db\"", "database.url: use \"sqlite\" or a URL"),
        (
            "keys.kek_file = \"k\"\ndatabase.url = \"postgres://t@localhost/t?sslmode=foo\"",
            "database.url: is not a PostgreSQL URL that can be used",
        ),
        (
            "keys.kek_file = \"k\"\ndatabase.url = \"postgres://t@db.example.com/t\"",
            "database.ca_file: is missing: the PostgreSQL server is on another machine",
        ),
        (
            "keys.kek_file = \"k\"\ndatabase.url = \"postgres://t@localhost/t?password=x\"",
            "database.url: must not hold the password",
        ),
        ("[database]\nurl = \"postgres://t@localhost/t\"", "keys.kek_file: is missing: servers that share"),
        ("[database]\nmax_connections = 0", "database.max_connections: use a whole number from 1 to 1000"),
        (
            "[database]\nmax_connections = 1.5",
            "database.max_connections: expected a whole number, found a number with a fraction",
        ),
        ("[database]\nmax_connections = 8", "database.max_connections: only means something with"),
        ("[database]\npassword_file = \"x\"", "database.password_file: only means something with"),
        ("[database]\npassword = \"x\"", "database.password: unknown key"),
        ("[tls]\ncertificate_file = \"c\"", "tls.key_file: is missing"),
        ("[tls]\nkey_file = \"k\"", "tls.certificate_file: is missing"),
        ("[tls]\nterminated_by = \"me\"", "tls.terminated_by: use one of \"proxy\""),
        ("[tls]\nverify = false", "tls.verify: unknown key"),
        ("[keys]\nrotation_period = \"1m\"", "keys.rotation_period: use 1 h to 730 d"),
        ("[keys]\npublish_ahead = \"1s\"", "keys.publish_ahead: use 5 min to 30 d"),
        ("[keys]\nrotation_period = \"12h\"", "keys.publish_ahead: must be shorter"),
        ("[keys]\nretire_for = \"361d\"", "keys.retire_for: must be at most four times keys.rotation_period"),
        (
            "[keys]\npublish_ahead = \"1h\"\nrotation_period = \"6h\"",
            "keys.retire_for: must be at most four times",
        ),
        ("[keys]\nretire_for = \"1d\"", "keys.retire_for: use 1 d 1 min to 365 d"),
        ("[keys]\nkek = \"x\"", "keys.kek: unknown key; did you mean keys.kek_file?"),
        ("[lifetimes]\ncode = \"61s\"", "lifetimes.code: use 10 s to 1 min"),
        ("[lifetimes]\ncode = 5", "lifetimes.code: use 10 s to 1 min"),
        ("[lifetimes]\ncode = -60", "lifetimes.code: use a duration such as"),
        ("[lifetimes]\ncode = \"a minute\"", "lifetimes.code: use a duration such as"),
        (
            "[lifetimes]\ncode = 2026-01-01",
            "lifetimes.code: expected a duration such as \"10m\", or a number of seconds, found a date",
        ),
        (
            "[lifetimes]\nsession = \"1h\"",
            "lifetimes.session_idle: must not be longer than lifetimes.session",
        ),
        ("[lifetimes]\ngrant = \"1d\"", "lifetimes.refresh_idle: must not be longer than lifetimes.grant"),
        ("[lifetimes]\nid_token = \"2d\"", "lifetimes.id_token: use 1 min to 1 d"),
        ("[lifetimes.code]\nx = 1", "lifetimes.code: expected a duration"),
        ("[refresh]\nretry = \"2m\"", "refresh.retry: use 0 s to 1 min"),
        ("[clients]\npkce = \"off\"", "clients.pkce: use one of \"auto\", \"required\""),
        ("[refresh]\non_shadow = \"ignore\"", "refresh.on_shadow: use one of \"alarm\", \"end\""),
        ("[hashing]\nmemory_kib = 1024", "hashing.memory_kib: is too weak: hashes could be brute-forced"),
        ("[hashing]\npasses = 1", "hashing.memory_kib: is too weak: hashes could be brute-forced"),
        ("[hashing]\nworkers = 65", "hashing.workers: use a whole number from 1 to 64"),
        (
            "[hashing]\nmemory_kib = 0x5000",
            "hashing.memory_kib: expected a whole number, found a number that is not decimal",
        ),
        (
            "[passwords]\nmin_length_only_factor = 7",
            "passwords.min_length_only_factor: use a whole number from 8 to 64",
        ),
        ("[passwords]\nmin_score = 5", "passwords.min_score: use a whole number from 0 to 4"),
        (
            "[passwords]\nbreached = \"http://list.example\"",
            "passwords.breached: use \"off\", a path, or a URL",
        ),
        ("[passwords]\nbreached = \"https://a:b@list.example\"", "passwords.breached: use \"off\", a path"),
        ("[passwords]\nbreached = \"https://list.example?a\"", "passwords.breached: use \"off\", a path"),
        ("[passwords]\nbreached = false", "passwords.breached: expected text in quotes, found true or false"),
        (
            "[passwords]\nwhen_unreachable = \"ask\"",
            "passwords.when_unreachable: use one of \"accept\", \"refuse\"",
        ),
        ("[log]\nlevel = \"loud\"", "log.level: use one of \"error\", \"warn\""),
        ("[log]\nformat = \"xml\"", "log.format: use one of \"text\", \"json\""),
        ("[theme]\ndirectory = \"x\"", "theme.directory: unknown key"),
        ("[server]\nmax_connections = 0", "server.max_connections: use a whole number from 1 to 1000000"),
        ("[server]\nshutdown_notice = \"2m\"", "server.shutdown_notice: use 0 s to 1 min"),
        (
            "[server]\nclient_address_header = \"forwarded\"\ntrusted_proxies = \"10.0.0.0/8\"",
            "server.trusted_proxies: expected a list of texts in quotes, found text",
        ),
        (
            "[server]\nclient_address_header = \"forwarded\"\ntrusted_proxies = [1]",
            "server.trusted_proxies: expected a list of texts in quotes",
        ),
        (
            "[server]\nclient_address_header = \"forwarded\"\ntrusted_proxies = []",
            "server.trusted_proxies: must not be empty",
        ),
        ("[smtp]", "smtp: unknown key"),
        ("[mail]\nhost = \"smtp.example.com\"", "mail.from: is missing: a mail needs a sender"),
        ("[mail]\nfrom = \"a@b.example\"", "mail.from: only means something with mail.host"),
    ];
    for (wrong, expected) in cases {
        let found = problems(&format!("issuer = \"https://login.example.com\"\n{wrong}\n"));
        assert!(found.iter().any(|line| line.contains(expected)), "{wrong}\n{found:#?}");
        let extra = usize::from(wrong.starts_with("[lifetimes.code]"));
        assert_eq!(found.len(), 1 + extra, "{wrong}\n{found:#?}");
        let last = 1 + wrong.lines().count();
        assert!(found.iter().any(|line| line.starts_with(&format!("t.toml:{last}: "))), "{wrong}\n{found:?}");
    }
}

#[test]
fn f40_l25_each_wrong_key_of_mail_is_refused() {
    let mail =
        "issuer = \"https://a.example\"\n[mail]\nhost = \"smtp.example.com\"\nfrom = \"login@example.com\"\n";
    assert_eq!(problems(mail), Vec::<String>::new());
    for (more, expected) in [
        ("port = 0", "mail.port: use a whole number from 1 to 65535"),
        ("security = \"ssl\"", "mail.security: use one of \"starttls\", \"tls\", \"none\""),
        ("security = \"none\"", "mail.security: \"none\" is for a mail server on this machine"),
        ("username = \"tessera\"", "mail.password_file: is missing"),
        ("password_file = \"p\"", "mail.username: is missing"),
        ("password = \"hunter2\"", "mail.password: unknown key"),
        ("reply_to = \"a@b.example, e@evil.example\"", "mail.reply_to: use one address"),
        ("reply_to = \"A <a@b.example>\"", "mail.reply_to: use one address"),
        ("reply_to = \"a@b.example\\r\\nBcc: e@evil.example\"", "mail.reply_to: use one address"),
        ("reply_to = [\"a@b.example\"]", "mail.reply_to: expected text in quotes, found a list"),
    ] {
        let found = problems(&format!("{mail}{more}\n"));
        assert_eq!(found.len(), 1, "{more}: {found:?}");
        assert!(found[0].contains(expected), "{more}: {found:?}");
    }
    for host in ["smtp.example.com:587", "smtp://a.example", "", "a b", "a.example\\r\\n"] {
        let found = problems(&mail.replace("smtp.example.com", host));
        assert!(found.iter().any(|line| line.contains("mail.host: ")), "{host}: {found:?}");
    }
}

#[test]
fn the_mail_server_has_the_usual_port_and_needs_no_tls_on_this_machine_alone() {
    let read = |mail: &str| {
        let text = format!("issuer = \"https://a.example\"\n[mail]\nfrom = \"a@b.example\"\n{mail}");
        let (config, found) = read_for(Mode::Serve, &text, &[]);
        assert_eq!(found, [""; 0], "{mail}");
        config.mail.unwrap()
    };
    for (mail, port) in [
        ("host = \"smtp.example.com\"", 587),
        ("host = \"smtp.example.com\"\nsecurity = \"tls\"", 465),
        ("host = \"192.0.2.1\"\nsecurity = \"tls\"\nport = 10465", 10_465),
        ("host = \"localhost\"\nsecurity = \"none\"", 25),
        ("host = \"127.0.0.2\"\nsecurity = \"none\"", 25),
        ("host = \"::1\"\nsecurity = \"none\"", 25),
    ] {
        assert_eq!(read(mail).port, port, "{mail}");
    }
    assert!(read_for(Mode::Serve, "issuer = \"https://a.example\"", &[]).0.mail.is_none());
}

#[test]
fn f40_issuers_that_cannot_be() {
    for (issuer, expected) in [
        ("http://login.example.com", "must be https"),
        ("http://localhost:8080", "must be https"),
        ("https://login.example.com?x", "must not have a query"),
        ("https://login.example.com/", "write it as https://login.example.com"),
        ("https://login.example.com/a", "must not have a path"),
    ] {
        let found = problems(&format!("issuer = \"{issuer}\""));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("t.toml:1: issuer: ") && found[0].contains(expected), "{found:?}");
    }
    assert!(problems("")[0].contains("issuer: is missing"));
}

#[test]
fn f40_all_problems_come_at_once_in_the_order_of_the_file() {
    let text = "issuer = \"http://a.example\"\nlisten = 1\n\n[lifetimes]\ncode = \"2m\"\nnonsense = 1\n[log]\nlevel = \"loud\"\n";
    let found = problems(text);
    let places: Vec<&str> = found.iter().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(places, ["t.toml:1", "t.toml:2", "t.toml:5", "t.toml:6", "t.toml:8"]);
}

#[test]
fn f40_a_file_that_is_not_toml_is_told_by_line_together_with_what_can_be_read() {
    let found = problems("issuer = \"https://a.example\"\nlisten = \nlog = { level = \"loud\" }\n");
    assert!(found.iter().any(|line| line.starts_with("t.toml:2: ")), "{found:?}");
    assert!(!found.iter().any(|line| line.contains("missing")), "{found:?}");
    let twice = problems("issuer = \"https://a.example\"\nissuer = \"https://b.example\"\n");
    assert!(
        twice.iter().any(|line| line.starts_with("t.toml:2: ") && line.contains("duplicate")),
        "{twice:?}"
    );
}

#[test]
fn a_variable_wins_over_the_file_and_is_named_when_it_is_wrong() {
    let text = "issuer = \"https://a.example\"\nlisten = \"127.0.0.1:1\"\n";
    let (config, found) =
        read_for(Mode::Serve, text, &[("TESSERA_LISTEN", "127.0.0.1:2"), ("TESSERA_LIFETIMES_CODE", "30")]);
    assert_eq!((config.listen.port(), found.len()), (2, 0));
    assert_eq!(config.lifetimes.code.as_secs(), 30);
    let (_, found) = read_for(Mode::Serve, text, &[("TESSERA_LISTEN", "nowhere")]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("environment TESSERA_LISTEN: listen: "), "{found:?}");
}

#[test]
fn a_database_password_is_neither_taken_from_the_file_nor_repeated() {
    let kek = "[keys]\nkek_file = \"kek\"\n";
    let text = format!(
        "issuer = \"https://a.example\"\n[database]\nurl = \"postgres://t:hunter2@localhost/t\"\n{kek}"
    );
    let found = problems(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("must not hold the password") && !found[0].contains("hunter2"), "{found:?}");
    let url = [("TESSERA_DATABASE_URL", "postgres://t:hunter2@localhost/t")];
    let (config, found) = read_for(Mode::Serve, &format!("issuer = \"https://a.example\"\n{kek}"), &url);
    assert_eq!(found.len(), 0, "{found:?}");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(matches!(config.database, Database::Postgres { .. }));
}

#[test]
fn f40_all_that_a_postgres_url_lacks_comes_at_once() {
    let found = problems("issuer = \"https://a.example\"\n[database]\nurl = \"postgres://t:hunter2@db/t\"\n");
    let keys: Vec<&str> = found.iter().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(keys, ["database.ca_file", "database.url", "keys.kek_file"], "{found:?}");
    assert!(found.iter().all(|line| line.starts_with("t.toml:3: ")), "{found:?}");
}

#[test]
fn metrics_that_others_can_reach_are_warned_about() {
    let warned = |mode, text: &str| {
        let environment = Environment::new();
        let mut document = Document::parse(text, Path::new(""), &environment);
        Config::read(&mut document, mode, PathBuf::new());
        problem::lines(Some(Path::new("t.toml")), &document.warnings)
    };
    for address in ["0.0.0.0:8081", "[::]:8081", "192.0.2.1:8081"] {
        let text = format!("ops_listen = \"{address}\"\n");
        let said = warned(Mode::Serve, &text);
        assert_eq!(said.len(), 1, "{address}");
        assert!(said[0].starts_with("t.toml:1: ops_listen: ") && said[0].contains("metrics"), "{said:?}");
        assert_eq!(warned(Mode::Dev, &text), Vec::<String>::new(), "refused");
    }
    for text in ["", "ops_listen = \"127.0.0.2:1\"\n", "ops_listen = \"[::1]:1\"\n"] {
        assert_eq!(warned(Mode::Serve, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn development_stays_on_this_machine() {
    let (config, found) = read_for(Mode::Dev, "", &[]);
    assert_eq!(found.len(), 0, "{found:?}");
    assert_eq!(config.transport, Transport::PlainHttp);
    let (_, found) = read_for(Mode::Dev, "listen = \"0.0.0.0:8080\"\nops_listen = \"[::]:1\"\n", &[]);
    assert_eq!(found.len(), 2, "{found:?}");
    let (_, found) = read_for(Mode::Dev, "issuer = \"http://login.example.com\"\n", &[]);
    assert!(found[0].contains("must be https"), "{found:?}");
}

#[test]
fn a_proxy_that_ends_tls_has_to_be_named() {
    let proxied =
        "issuer = \"https://a.example\"\nlisten = \"0.0.0.0:8080\"\n[tls]\nterminated_by = \"proxy\"\n";
    assert_eq!(problems(proxied), Vec::<String>::new());
    let both = format!("{proxied}certificate_file = \"c\"\nkey_file = \"k\"\n");
    assert!(problems(&both)[0].contains("either in this server or at a proxy"));
}

#[test]
fn l03_addresses_tell_clients_apart_where_tls_ends_here_or_it_is_said() {
    let peers = |text: &str| {
        let (config, found) = read_for(Mode::Serve, &format!("issuer = \"https://a.example\"\n{text}"), &[]);
        assert_eq!(found.len(), 0, "{found:?}");
        config.peers()
    };
    let here = "[tls]\ncertificate_file = \"c\"\nkey_file = \"k\"\n";
    let proxy = "[tls]\nterminated_by = \"proxy\"\n";
    for (tls, unsaid) in [(here, Peers::Direct), (proxy, Peers::Shared), ("", Peers::Shared)] {
        assert_eq!(peers(tls), unsaid, "{tls}");
        assert_eq!(peers(&format!("{tls}[server]\npeers = \"direct\"\n")), Peers::Direct, "{tls}");
        assert_eq!(peers(&format!("{tls}[server]\npeers = \"shared\"\n")), Peers::Shared, "{tls}");
    }
}

#[test]
fn l08_f40_each_wrong_proxy_is_refused_on_its_line() {
    let text = "issuer = \"https://a.example\"\n[server]\nclient_address_header = \"forwarded\"\ntrusted_proxies = [\n  \"10.0.0.0/8\",\n  \"WRONG\",\n  \"192.0.2.1\",\n]\n";
    for (wrong, problem) in [
        ("10.0.0.1/8", "10.0.0.1/8: the network of this length is 10.0.0.0/8"),
        ("proxy.example", "proxy.example: use an IP address or a network"),
        ("10.0.0.0/33", "10.0.0.0/33: use an IP address or a network"),
        ("", ": use an IP address or a network"),
        ("0.0.0.0/0", "0.0.0.0/0: would believe everybody"),
        ("::/0", "::/0: would believe everybody"),
        ("::ffff:10.0.0.0/104", "write an IPv4 network as IPv4"),
    ] {
        let found = problems(&text.replace("WRONG", wrong));
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
        assert!(found[0].starts_with("t.toml:6: server.trusted_proxies: "), "{wrong}: {found:?}");
        assert!(found[0].contains(problem), "{wrong}: {found:?}");
    }
    let variable = [("TESSERA_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, nobody")];
    let (_, found) = read_for(Mode::Serve, &text.replace("WRONG", "::1"), &variable);
    assert_eq!(found.len(), 1, "{found:?}");
    let place = "environment TESSERA_SERVER_TRUSTED_PROXIES: server.trusted_proxies: nobody: ";
    assert!(found[0].starts_with(place), "{found:?}");
}

#[test]
fn l08_proxies_and_their_header_are_named_together() {
    let read = |server: &str| {
        read_for(Mode::Serve, &format!("issuer = \"https://a.example\"\n[server]\n{server}\n"), &[])
    };
    let (_, found) = read("trusted_proxies = [\"10.0.0.1\"]");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("t.toml:3: server.client_address_header: is missing"), "{found:?}");
    let (_, found) = read("client_address_header = \"x-forwarded-for\"");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("t.toml:3: server.trusted_proxies: is missing"), "{found:?}");
    let (_, found) = read("trusted_proxies = [\"10.0.0.1\"]\nclient_address_header = \"x-real-ip\"");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("use one of \"forwarded\", \"x-forwarded-for\""), "{found:?}");
    let both = "trusted_proxies = [\"10.0.0.1\", \"2001:db8::/48\"]\nclient_address_header = \"forwarded\"";
    let (config, found) = read(both);
    assert_eq!((found.len(), config.peers()), (0, Peers::Direct), "{found:?}");
    let app = config.app();
    assert_eq!(app.proxies.header(), AddressHeader::Forwarded);
    for (ip, trusted) in
        [("10.0.0.1", true), ("10.0.0.2", false), ("2001:db8:0:1::9", true), ("2001:db9::", false)]
    {
        assert_eq!(app.proxies.contains(ip.parse().unwrap()), trusted, "{ip}");
    }
    let (config, found) = read(&format!("{both}\npeers = \"shared\""));
    assert_eq!((found.len(), config.peers()), (0, Peers::Shared), "{found:?}");
}

#[test]
fn paths_are_relative_to_the_file_and_those_of_variables_are_not() {
    let text = "issuer = \"https://a.example\"\ndata_dir = \"state\"\n[theme]\ndir = \"/opt/theme\"\n";
    let (config, found) = read_for(Mode::Serve, text, &[("TESSERA_KEK_FILE", "kek")]);
    assert_eq!(found.len(), 0, "{found:?}");
    assert_eq!(config.data_dir, Path::new("/etc/tessera/state"));
    assert_eq!(config.theme.dir.as_deref(), Some(Path::new("/opt/theme")));
    assert_eq!(config.keys.kek_file.as_deref(), Some(Path::new("kek")));
}

#[test]
fn the_pages_name_the_organization_and_its_help() {
    let read = |pages: &str| {
        read_for(Mode::Serve, &format!("issuer = \"https://a.example\"\n[pages]\n{pages}"), &[])
    };
    let (config, found) = read(
        "organization = \" Müller & Söhne \"\nhelp_text = \"Call 123.\"\nhelp_url = \"mailto:a@b.example\"",
    );
    assert_eq!(found.len(), 0, "{found:?}");
    assert_eq!(config.site.organization.as_deref(), Some("Müller & Söhne"));
    assert_eq!(config.site.help_text.as_deref(), Some("Call 123."));
    assert_eq!(config.site.help_url.as_deref(), Some("mailto:a@b.example"));
    let long = format!("organization = \"{}\"", "x".repeat(101));
    for bad in [
        "organization = \" \"",
        "organization = \"a\\nb\"",
        &long,
        "help_text = \"\"",
        "help_url = \"javascript:alert(1)\"",
        "help_url = \"data:text/html,x\"",
        "help_url = \"help\"",
        "help_link = \"https://help.example\"",
    ] {
        assert_eq!(read(bad).1.len(), 1, "{bad}: {:?}", read(bad).1);
    }
}

/// The file that `init` writes is valid, and so is each of its lines that shows a default.
#[test]
fn the_template_is_valid_and_shows_the_defaults() {
    let text = template("https://login.example.com");
    let (config, found) = read_for(Mode::Serve, &text, &[]);
    assert_eq!(found, [""; 0], "{text}");
    let mut explicit = text.clone();
    for key in describe().iter().flat_map(|section| &section.keys).filter(|key| key.sample_is_default) {
        let line = format!("{} = {}\n", key.leaf(), key.sample);
        assert!(explicit.contains(&format!("\n# {line}")), "{}", key.name);
        explicit = explicit.replace(&format!("\n# {line}"), &format!("\n{line}"));
    }
    // The one default that may not be written out here: the key only means something with PostgreSQL.
    explicit = explicit.replace("\nmax_connections = 16\n", "\n");
    let (explicit, found) = read_for(Mode::Serve, &explicit, &[]);
    assert_eq!(found, [""; 0]);
    assert_eq!(format!("{explicit:#?}"), format!("{config:#?}"));
}

#[test]
fn every_key_is_in_the_template_once() {
    let text = template("https://login.example.com");
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.lines().skip_while(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some((name, _)) = line.trim_start_matches("# ").split_once(" = ")
            && !name.contains(' ')
        {
            found.push(format!("{section}{name}"));
        }
    }
    let described = describe();
    let known: Vec<&str> =
        described.iter().flat_map(|section| section.keys.iter().map(|key| key.name)).collect();
    assert_eq!(found, known, "{text}");
}

/// Tests of the use cases start from the defaults of the rooms: they must be the defaults of the product.
#[test]
fn the_table_has_the_defaults_of_the_rooms() {
    let (config, _) = read_for(Mode::Serve, "issuer = \"https://login.example.com\"", &[]);
    let app = config.app();
    assert_eq!((app.lifetimes, app.hashing), (Lifetimes::default(), Hashing::default()));
    assert_eq!(format!("{:?}", app.rotation), format!("{:?}", RotationSchedule::default()));
    let defaults = tessera_app::Config::new(app.issuer.clone());
    assert_eq!(
        (app.require_pkce, app.on_shadow, app.audit_retention),
        (defaults.require_pkce, defaults.on_shadow, defaults.audit_retention)
    );
    assert_eq!((config.site, app.passwords), (Site::default(), PasswordRules::default()));
}

#[test]
fn r22_the_list_of_breached_passwords_is_a_file_beside_the_configuration_or_a_service() {
    let read = |breached: &str| {
        let text = format!("issuer = \"https://a.example\"\n[passwords]\nbreached = \"{breached}\"\n");
        let (config, found) = read_for(Mode::Serve, &text, &[]);
        assert_eq!(found, [""; 0]);
        config.passwords.breached
    };
    assert_eq!(read("off"), Breached::Off);
    assert_eq!(read("breached.txt"), Breached::File(PathBuf::from("/etc/tessera/breached.txt")));
    assert_eq!(read("/srv/breached.txt"), Breached::File(PathBuf::from("/srv/breached.txt")));
    let service = "https://api.pwnedpasswords.com/";
    assert_eq!(read(service), Breached::Service(service.parse().unwrap()));
}

#[test]
fn the_words_for_pkce_and_shadows_mean_what_they_say() {
    let app = |text: &str| {
        let text = format!("issuer = \"https://login.example.com\"\n{text}\n");
        let (config, found) = read_for(Mode::Dev, &text, &[]);
        assert_eq!(found, [""; 0]);
        let app = config.app();
        (app.require_pkce, app.on_shadow)
    };
    assert_eq!(app(""), (false, OnShadow::Alarm));
    assert_eq!(app("[clients]\npkce = \"auto\"\n[refresh]\non_shadow = \"alarm\""), (false, OnShadow::Alarm));
    assert_eq!(app("[clients]\npkce = \"required\"\n[refresh]\non_shadow = \"end\""), (true, OnShadow::End));
}

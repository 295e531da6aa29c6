//! The configuration file that `init` writes: every key with its default, commented out.

/// The text for this issuer.
pub(crate) fn commented(issuer: &str) -> String {
    TEMPLATE.replace("@ISSUER@", &toml::Value::from(issuer).to_string())
}

const TEMPLATE: &str = r#"# Configuration of Tessera. Lines with # show the defaults.
# Every key can be overridden by an environment variable: TESSERA_ and the key in capitals with _ for dots,
# such as TESSERA_LISTEN or TESSERA_DATABASE_URL. Paths are relative to this file. Durations: 90s, 10m, 12h, 30d.
# Check it with `tessera config check`.

# Where people and programs reach this server: https, no path, no slash at the end. Tokens carry it: choose it once.
issuer = @ISSUER@

# Where the server listens. Without [tls], another address than 127.0.0.1 or [::1] needs a proxy that ends TLS (see below).
# listen = "127.0.0.1:8080"

# Where /healthz, /readyz and /metrics are. Not for the public.
# ops_listen = "127.0.0.1:8081"

# Where the database and the key-encryption key are.
data_dir = "."

[server]
# Connections at the same time; one more is closed at once.
# max_connections = 10000
# max_connections_per_address = 256
# With TLS here, whether each address is one client ("direct") or a load balancer's that all share ("shared").
# peers = "direct"
# How long a server that stops still takes requests after /readyz has turned to 503, for load balancers to hear of it.
# shutdown_notice = "2s"

[tls]
# Certificate chain and private key in PEM form. New files are taken into use within a second.
# certificate_file = "fullchain.pem"
# key_file = "privkey.pem"
# Or, if a proxy in front of this server ends TLS:
# terminated_by = "proxy"

[database]
# "sqlite" (tessera.db in data_dir) or a PostgreSQL URL without its password.
# url = "sqlite"
# url = "postgres://tessera@db.example.com/tessera"
# password_file = "database-password"
# ca_file = "database-ca.pem"
# max_connections = 16

[keys]
# The key that the keys in the database are encrypted under: 64 hexadecimal digits. Default: the file kek in data_dir.
# kek_file = "kek"
# rotation_period = "90d"
# publish_ahead = "1d"
# retire_for = "2d"

[lifetimes]
# code = "60s"
# login_page = "30m"
# session_idle = "12h"
# session = "7d"
# refresh_idle = "7d"
# grant = "30d"
# id_token = "10m"
# client_secret_overlap = "7d"

[clients]
# "required": every client needs PKCE. "auto": each as it is registered.
# pkce = "auto"

[refresh]
# How long a used refresh token gets the same successor again: two tabs, a lost response. 0 is the strict profile.
# retry = "60s"
# When a grant is retried from another address in three rotations running: "alarm" in the audit trail, or "end" it too.
# on_shadow = "alarm"

[hashing]
# Cost of argon2id. Memory in use is at most memory_kib times workers; an older cost counts until its last hash is gone.
# memory_kib = 19456
# passes = 2
# workers = 2
# queue = 64

[audit]
# retention = "400d"

[log]
# format = "text"
# level = "info"

[pages]
# On the pages that people see: whose they are, and who helps.
# organization = "Example Ltd"
# help_text = "Forgot your password? Call the help desk on 123."
# help_url = "https://help.example.com/"

[theme]
# Templates, styles and images in place of the built-in ones; see docs/theming.md.
# dir = "theme"
"#;

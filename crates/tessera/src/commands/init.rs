//! `tessera init`: creates a configuration, a database and its first keys, or the database of a configuration that exists.
//! Overwrites nothing, and leaves nothing behind when it fails, but a schema of PostgreSQL that is there, and its key.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::boot::{self, KeyOfNewDatabase};
use crate::config::{self, Config, ConfigPath, Database, Draft, Environment, Mode};
use crate::failure::Failure;
use crate::made::Made;
use crate::output::Output;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Directory for the configuration and all data
    #[arg(long, value_name = "DIR", default_value = config::DEFAULT_DATA_DIR)]
    data: PathBuf,
    /// URL under which people and programs will reach the server
    #[arg(long, value_name = "URL", default_value = config::EXAMPLE_ISSUER)]
    issuer: String,
    /// Make the database that this configuration names, in SQLite or PostgreSQL, and its key if there is none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "issuer"])]
    config: Option<PathBuf>,
    /// Make the new database under the key-encryption key that exists
    #[arg(long, requires = "config")]
    existing_key: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Created {
    config_file: PathBuf,
    kek_file: PathBuf,
    database: String,
    issuer: String,
    /// The next commands, ready to be run in a shell.
    next: Vec<String>,
}

pub(crate) async fn run(args: &Args, environment: &Environment) -> Result<(), Failure> {
    let mut made = Made::default();
    let (file, config) = match &args.config {
        Some(file) => (file.clone(), read(file, environment)?),
        None => write_configuration(args, &mut made)?,
    };
    let key = if args.existing_key { KeyOfNewDatabase::Existing } else { KeyOfNewDatabase::New };
    boot::create(&config, key).await?;
    made.keep();
    let created = Created {
        next: next_commands(&file, &config.issuer),
        kek_file: config.kek_path(),
        database: match &config.database {
            Database::Sqlite => config.sqlite_file().display().to_string(),
            Database::Postgres { .. } => "the schema at database.url".to_owned(),
        },
        issuer: config.issuer.clone(),
        config_file: file,
    };
    Output::new(args.json).print(&created, || text(&created, &config))
}

/// Writes the configuration of a new installation, which nothing of an older one may be beside.
fn write_configuration(args: &Args, made: &mut Made) -> Result<(PathBuf, Config), Failure> {
    let file = args.data.join(config::FILE_NAME);
    let planned = Config::development(args.data.clone());
    refuse_to_overwrite([&file, &planned.kek_path(), &planned.sqlite_file()])?;
    boot::make_private_dir(&args.data, made)?;
    made.file(&file);
    write_new(&file, &config::template(&args.issuer)).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            made.forget(&file);
        }
        Failure::file(&file, &error)
    })?;
    let config = read(&file, &Environment::new())?;
    Ok((file, config))
}

fn read(file: &Path, environment: &Environment) -> Result<Config, Failure> {
    Draft::read(&ConfigPath::File(file.to_owned()), Mode::Command, environment)?.finish()
}

fn text(created: &Created, config: &Config) -> String {
    let file = for_terminal(&created.config_file.display().to_string());
    let kek = for_terminal(&created.kek_file.display().to_string());
    let database = for_terminal(&created.database);
    let mut next = Vec::new();
    if created.issuer == config::EXAMPLE_ISSUER {
        next.push(format!(
            "edit {file}: set issuer to the https address under which people reach the server"
        ));
    }
    if created.issuer.starts_with("https:") && !config.says_where_tls_ends() {
        next.push(format!(
            "edit {file}: set tls.certificate_file and tls.key_file, or tls.terminated_by = \"proxy\" if a proxy in front of \
             the server ends TLS"
        ));
    }
    next.extend(created.next.iter().map(|command| for_terminal(command)));
    let next: Vec<_> = (1..).zip(next).map(|(number, step)| format!("  {number}. {step}")).collect();
    let next = next.join("\n");
    format!(
        "{file} is the configuration of a new database ({database}) and its first keys.\n\n\
         Keep a copy of {kek} in another place than the database: without it, the keys in the database are lost.\n\n\
         Next:\n{next}"
    )
}

/// The commands from here to a server that runs. Only a development server serves plain HTTP.
fn next_commands(file: &Path, issuer: &str) -> Vec<String> {
    let file = shell_word(&file.display().to_string());
    let dev = if issuer.starts_with("http:") { " --dev" } else { "" };
    vec![
        format!("tessera config check{dev} --config {file}"),
        format!("tessera user add alice --generate-password --config {file}"),
        format!("tessera serve{dev} --config {file}"),
    ]
}

/// A word that a shell reads as it is.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn refuse_to_overwrite(paths: [&PathBuf; 3]) -> Result<(), Failure> {
    let there: Vec<String> = paths
        .into_iter()
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    Err(Failure::config(format!("already there: {}", there.join(", "))).hint(
        "Nothing was changed. Choose another directory with --data. If only the database is to be made: tessera init --config FILE.",
    ))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

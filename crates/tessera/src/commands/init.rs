//! `tessera init`: creates a configuration, a database and its first keys. Overwrites nothing.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::boot;
use crate::config::{self, Config, ConfigPath, Draft, Environment, Mode};
use crate::failure::Failure;
use crate::output::Output;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Directory for the configuration and all data
    #[arg(long, value_name = "DIR", default_value = config::DEFAULT_DATA_DIR)]
    data: PathBuf,
    /// URL under which people and programs will reach the server
    #[arg(long, value_name = "URL", default_value = "https://login.example.com")]
    issuer: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Created {
    config_file: PathBuf,
    kek_file: PathBuf,
    database: PathBuf,
    issuer: String,
}

pub(crate) async fn run(args: &Args) -> Result<(), Failure> {
    let file = args.data.join(config::FILE_NAME);
    let planned = Config::development(args.data.clone());
    refuse_to_overwrite([&file, &planned.kek_path(), &planned.sqlite_file()])?;
    let template = config::template(&args.issuer);
    boot::make_private_dir(&args.data)?;
    write_new(&file, &template)?;
    let nothing = Environment::new();
    let opened = match Draft::read(&ConfigPath::File(file.clone()), Mode::Command, &nothing)?.finish() {
        Ok(config) => boot::open(&config).await.map(|_| config).map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    let config = opened.inspect_err(|_| {
        // This run has just created the file. Without it, `init` can run again.
        let _ = std::fs::remove_file(&file);
    })?;
    let created = Created {
        config_file: file,
        kek_file: config.kek_path(),
        database: config.sqlite_file(),
        issuer: config.issuer,
    };
    Output::new(args.json).print(&created, || text(&created))
}

fn text(created: &Created) -> String {
    let file = for_terminal(&created.config_file.display().to_string());
    let kek = for_terminal(&created.kek_file.display().to_string());
    format!(
        "Created {file}, a database and its first keys.\n\n\
         Keep a copy of {kek} in another place than the database: without it, the keys in the database are lost.\n\n\
         Next:\n  1. edit {file}\n  2. tessera config check --config {file}\n  \
         3. tessera user add NAME --config {file}\n  4. tessera serve --config {file}"
    )
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
    Err(Failure::config(format!("already there: {}", there.join(", ")))
        .hint("Nothing was changed. Choose another directory with --data."))
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    let created = options.write(true).create_new(true).mode(0o600).open(path);
    let written = created.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| Failure::file(path, &error))
}

//! The password of `user add` and `user set-password`: given by one of the ways that never show it to others, or generated.

use std::path::PathBuf;

use tessera_app::passwords::PasswordRules;
use tessera_app::ports::Entropy as _;
use tessera_model::PlainPassword;
use zeroize::Zeroizing;

use crate::adapters::SystemEntropy;
use crate::config::{Log, LogFormat};
use crate::failure::Failure;
use crate::secret_input::{self, SecretSource};
use crate::telemetry;

/// Ways to give a password. Without any of them the terminal asks.
#[derive(Debug, clap::Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from standard input
    #[arg(long, conflicts_with_all = ["password_file", "generate_password"])]
    password_stdin: bool,
    /// Read the password from a file that only you can read
    #[arg(long, value_name = "FILE", conflicts_with = "generate_password")]
    password_file: Option<PathBuf>,
    /// Generate a password and print it once
    #[arg(long)]
    generate_password: bool,
}

/// A password, and its text if it was generated.
pub(super) struct Password {
    pub(super) plain: PlainPassword,
    pub(super) generated: GeneratedPassword,
}

/// The text of a generated password, which is printed once. Empty if the person chose the password.
#[derive(Default)]
pub(super) struct GeneratedPassword(Option<Zeroizing<String>>);

impl GeneratedPassword {
    /// Adds the password to an answer for programs.
    pub(super) fn add_to(&self, answer: &mut serde_json::Value) {
        if let Some(password) = &self.0 {
            answer["password"] = serde_json::Value::from(password.as_str());
        }
    }

    /// A line with the password for people.
    pub(super) fn line(&self) -> String {
        let line = |password: &Zeroizing<String>| format!("\nPassword, shown once: {}", password.as_str());
        self.0.as_ref().map_or_else(String::new, line)
    }
}

impl PasswordArgs {
    /// Reads or generates the password. From now on standard error has what the rules warn about.
    pub(super) fn password(&self, rules: &PasswordRules) -> Result<Password, Failure> {
        telemetry::log(Log { format: LogFormat::Text, level: tracing::Level::WARN });
        if self.generate_password {
            return generate(rules);
        }
        let source = match &self.password_file {
            Some(path) => SecretSource::File(path.clone()),
            None if self.password_stdin => SecretSource::Stdin,
            None => SecretSource::Prompt,
        };
        let options = "use --password-stdin, --password-file FILE or --generate-password";
        let plain = plain(secret_input::new_password(&source, options)?)?;
        Ok(Password { plain, generated: GeneratedPassword(None) })
    }
}

/// Makes a password of 120 random bits, or of more where the rules want it longer.
fn generate(rules: &PasswordRules) -> Result<Password, Failure> {
    let min = usize::try_from(rules.min_length_only_factor).unwrap_or(usize::MAX);
    // Three bytes are four characters.
    let mut random = Zeroizing::new(vec![0; 15.max(min.div_ceil(4) * 3)]);
    SystemEntropy.fill(&mut random);
    let text = tessera_jose::base64url::encode(&*random);
    Ok(Password { plain: plain(text.clone())?, generated: GeneratedPassword(Some(Zeroizing::new(text))) })
}

/// Bounds the length. The use case judges the rest, so that everything is said at once.
fn plain(text: String) -> Result<PlainPassword, Failure> {
    PlainPassword::to_check(text).map_err(|error| Failure::data(error.to_string()))
}

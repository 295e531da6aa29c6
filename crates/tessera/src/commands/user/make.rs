//! `tessera user add`.

use std::path::PathBuf;

use tessera_app::Cx;
use tessera_app::ports::Entropy as _;
use tessera_app::users::{self, AddError, NewUser};
use tessera_model::{PlainPassword, Username};
use zeroize::Zeroizing;

use super::super::views::UserView;
use super::read_password;
use crate::adapters::SystemEntropy;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::secret_input::Source;
use crate::text::shown;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What the person types to log in: 1 to 128 of a-z, 0-9 and . _ @ + -
    username: Username,
    /// Display name
    #[arg(long)]
    name: Option<String>,
    /// E-mail address
    #[arg(long)]
    email: Option<String>,
    /// An account without password
    #[arg(long, conflicts_with_all = ["password_stdin", "password_file", "generate_password"])]
    no_password: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Ways to give a password; without any, the terminal asks.
#[derive(Debug, clap::Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from standard input
    #[arg(long, conflicts_with_all = ["password_file", "generate_password"])]
    password_stdin: bool,
    /// Read the password from a file that only you can read
    #[arg(long, value_name = "FILE", conflicts_with = "generate_password")]
    password_file: Option<PathBuf>,
    /// Make a password and print it once
    #[arg(long)]
    generate_password: bool,
}

/// A password, and its text if we made it.
pub(super) struct Password {
    pub(super) plain: PlainPassword,
    pub(super) made: Made,
}

/// The text of a password that was made here, which is shown once; nothing if the person chose one.
#[derive(Default)]
pub(super) struct Made(Option<Zeroizing<String>>);

impl Made {
    /// Adds it to an answer for programs.
    pub(super) fn add_to(&self, answer: &mut serde_json::Value) {
        if let Some(password) = &self.0 {
            answer["password"] = serde_json::Value::from(password.as_str());
        }
    }

    /// A line about it for people.
    pub(super) fn line(&self) -> String {
        let line = |password: &Zeroizing<String>| format!("\nPassword, shown once: {}", password.as_str());
        self.0.as_ref().map_or_else(String::new, line)
    }
}

pub(super) async fn run(cx: &Cx, output: Output, args: Args) -> Result<(), Failure> {
    let given = if args.no_password { None } else { Some(password(&args.password)?) };
    let (plain, made) = given.map_or_else(Default::default, |given| (Some(given.plain), given.made));
    let new = NewUser { name: args.name, email: args.email, password: plain, ..NewUser::new(args.username) };
    let user = users::add(cx, new).await?;
    let mut answer = serde_json::to_value(UserView::from(&user)).unwrap_or_default();
    made.add_to(&mut answer);
    output.show(&answer, || format!("Added {} ({}).{}", shown(user.username.as_str()), user.id, made.line()))
}

/// Reads or makes a password.
pub(super) fn password(args: &PasswordArgs) -> Result<Password, Failure> {
    if args.generate_password {
        // 120 random bits.
        let mut random = Zeroizing::new([0; 15]);
        SystemEntropy.fill(&mut *random);
        let text = tessera_jose::base64url::encode(*random);
        let plain = PlainPassword::to_set(text.clone()).map_err(|error| Failure::data(error.to_string()))?;
        return Ok(Password { plain, made: Made(Some(Zeroizing::new(text))) });
    }
    let source = match &args.password_file {
        Some(path) => Source::File(path.clone()),
        None if args.password_stdin => Source::Stdin,
        None => Source::Prompt,
    };
    Ok(Password { plain: read_password(&source)?, made: Made(None) })
}

impl From<AddError> for Failure {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Store(fault) => fault.into(),
            AddError::Busy(_) => Self::new(Exit::Unavailable, error.to_string()),
            AddError::Taken | AddError::Name | AddError::Email => Self::data(error.to_string()),
        }
    }
}

//! `tessera user add`.

use tessera_app::Cx;
use tessera_app::users::{self, NewUser};
use tessera_model::Username;

use super::super::views::UserView;
use super::claims::ClaimArgs;
use super::password::PasswordArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name to log in with: 1 to 128 of a-z, 0-9 and . _ @ + -
    username: Username,
    #[command(flatten)]
    claims: ClaimArgs,
    /// Add an account without a password
    #[arg(long, conflicts_with_all = ["password_stdin", "password_file", "generate_password"])]
    no_password: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

pub(super) async fn run(cx: &Cx, output: Output, args: Args) -> Result<(), Failure> {
    let given =
        if args.no_password { None } else { Some(args.password.password(&cx.app.config().passwords)?) };
    let (plain, generated) =
        given.map_or_else(Default::default, |given| (Some(given.plain), given.generated));
    let new = NewUser {
        username: args.username,
        claims: args.claims.claims(),
        email_verified: args.claims.email_verified,
        name: args.claims.name,
        email: args.claims.email,
        password: plain,
    };
    let user = users::add(&cx.renewed(), new).await?;
    let mut answer = serde_json::to_value(UserView::new(cx, &user)).unwrap_or_default();
    generated.add_to(&mut answer);
    output.print(&answer, || {
        format!("Added {} ({}).{}", for_terminal(user.username.as_str()), user.id, generated.line())
    })
}

//! `tessera user update`.

use tessera_app::Cx;
use tessera_app::users::{self, UserChanges};

use super::super::views::UserView;
use super::claims::ClaimArgs;
use super::find::find;
use crate::failure::Failure;
use crate::output::Output;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Username or id
    user: String,
    #[command(flatten)]
    claims: ClaimArgs,
    /// The e-mail address is not verified
    #[arg(long, conflicts_with = "email_verified")]
    no_email_verified: bool,
    /// The telephone number is not verified
    #[arg(long, conflicts_with = "phone_verified")]
    no_phone_verified: bool,
}

pub(super) async fn run(cx: &Cx, output: Output, args: Args) -> Result<(), Failure> {
    let verified = args.claims.email_verified.then_some(true).or(args.no_email_verified.then_some(false));
    let mut claims = args.claims.claims();
    claims.phone_number_verified = claims.phone_number_verified.or(args.no_phone_verified.then_some(false));
    let changes =
        UserChanges { claims, name: args.claims.name, email: args.claims.email, email_verified: verified };
    if changes == UserChanges::default() {
        return Err(Failure::usage("give at least one option; an empty text removes a claim")
            .hint("`tessera user update --help` lists the options."));
    }
    let found = find(cx, &args.user).await?;
    let user = users::update(cx, found.id, &changes).await?;
    output.print(&UserView::new(cx, &user), || format!("Changed {}.", for_terminal(user.username.as_str())))
}

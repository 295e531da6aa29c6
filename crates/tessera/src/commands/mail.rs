//! `tessera mail …`: whether mail goes out.

use serde::Serialize;
use tessera_app::Cx;
use tessera_app::outbox::{self, Letter, Mail};
use tessera_app::ports::Entropy as _;
use tessera_model::{MailAddress, OutboxId, Waiting};

use super::args::{CommonArgs, Invocation, NounArgs};
use super::views::time;
use crate::adapters::SystemEntropy;
use crate::config::Environment;
use crate::failure::{Exit, Failure};
use crate::mail::SmtpMailer;
use crate::output::{Output, table};
use crate::text::for_terminal;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Send a test mail now, and say what failed
    Test {
        /// The recipient
        address: MailAddress,
    },
    /// Show the mails that wait to be sent, without what they say and to whom
    List {
        /// Most mails to show
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
}

/// A mail that waits.
#[derive(Serialize)]
struct WaitingView {
    id: String,
    kind: String,
    user_id: Option<String>,
    attempts: u32,
    last_error: Option<String>,
    next_attempt_at: String,
    created_at: String,
    expires_at: String,
}

impl WaitingView {
    fn new(waiting: &Waiting) -> Self {
        Self {
            id: waiting.id.to_string(),
            kind: waiting.kind.clone(),
            user_id: waiting.user_id.map(|id| id.to_string()),
            attempts: waiting.attempts,
            last_error: waiting.last_error.clone(),
            next_attempt_at: time(waiting.next_attempt_at),
            created_at: time(waiting.created_at),
            expires_at: time(waiting.expires_at),
        }
    }
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    match args.verb {
        // It needs no database.
        Verb::Test { ref address } => test(&args.common, environment, address).await,
        Verb::List { limit } => {
            let Invocation { ref cx, output, .. } = args.open(environment).await?;
            list(cx, output, limit).await
        }
    }
}

async fn test(common: &CommonArgs, environment: &Environment, to: &MailAddress) -> Result<(), Failure> {
    let config = common.configuration(environment)?;
    let mailer =
        SmtpMailer::of(&config).ok_or_else(|| Failure::config("mail.host is not set, so no mail is sent"))?;
    let mut id = [0; 16];
    SystemEntropy.fill(&mut id);
    let id = OutboxId::from_random(id);
    let letter = Letter { id, to: to.clone(), language: None, mail: Mail::Test };
    mailer.deliver(&letter).await.map_err(|failed| {
        Failure::new(Exit::Unavailable, for_terminal(&failed.to_string()))
            .hint("Check the section [mail] of the configuration.")
    })?;
    let message_id = mailer.message_id(&letter);
    common.output().print(&serde_json::json!({ "sent_to": to, "message_id": message_id }), || {
        format!("The mail server has taken a mail to {}. Its id is {message_id}.", for_terminal(to.as_str()))
    })
}

async fn list(cx: &Cx, output: Output, limit: u32) -> Result<(), Failure> {
    let waiting = outbox::list(cx, limit).await?;
    let views: Vec<WaitingView> = waiting.iter().map(WaitingView::new).collect();
    output.print(&serde_json::json!({ "mails": views }), || {
        if views.is_empty() {
            return "No mail waits.".to_owned();
        }
        let rows = views.iter().map(|view| {
            [
                view.kind.clone(),
                view.attempts.to_string(),
                view.next_attempt_at.clone(),
                view.expires_at.clone(),
                view.last_error.clone().unwrap_or_default(),
                view.user_id.clone().unwrap_or_default(),
            ]
        });
        table(["MAIL", "ATTEMPTS", "NEXT", "UNTIL", "ERROR", "USER"], rows)
    })
}

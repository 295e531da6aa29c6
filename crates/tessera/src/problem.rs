//! What is wrong with a command, in the words of the command line: one line for each problem.

use tessera_app::access::AccessError;
use tessera_app::passwords::PasswordRefusal;
use tessera_app::problem::{Field, Form, Problem, ProblemKind};

use crate::failure::{Exit, Failure};
use crate::text::for_terminal;

/// A command with something wrong in it.
pub(crate) fn refused(problems: &[Problem]) -> Failure {
    Failure::data(problems.iter().map(|problem| for_terminal(&line(problem))).collect::<Vec<_>>().join("\n"))
}

fn line(problem: &Problem) -> String {
    let words = words(&problem.kind);
    match (&problem.kind, &problem.entry) {
        (ProblemKind::NameLength { min: 0, .. } | ProblemKind::Form(Form::Email), _) => words,
        (_, Some(entry)) => format!("{} {entry}: {words}", field(problem.field)),
        (_, None) => format!("{}: {words}", field(problem.field)),
    }
}

const fn field(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Email => "e-mail",
        Field::Password => "password",
        Field::Claim(name) => name,
        Field::Audience | Field::Audiences => "audience",
        Field::Scopes => "scope",
        Field::AccessTokenAlg => "algorithm",
        Field::AccessTokenSeconds => "lifetime",
        Field::AuthMethod => "auth method",
        Field::Pkce => "pkce",
        Field::IdTokenAlg => "ID token algorithm",
        Field::Description => "description",
        Field::RedirectUris => "redirect uri",
        Field::PostLogoutRedirectUris => "post-logout redirect uri",
        Field::ClientCredentials => "client credentials",
    }
}

fn words(kind: &ProblemKind) -> String {
    let fixed = match kind {
        ProblemKind::NameLength { min: 0, max } => {
            return format!("the name must be at most {max} characters, without control characters");
        }
        ProblemKind::NameLength { min, max } => return format!("use {min} to {max} characters"),
        ProblemKind::Form(form) => return of_form(*form),
        ProblemKind::Password(refusal) => return of_password(*refusal),
        ProblemKind::Algorithm(allowed) => {
            let names: Vec<&str> = allowed.iter().map(|alg| alg.as_str()).collect();
            let (last, rest) = names.split_last().unwrap_or((&"", &[]));
            return format!("use {} or {last}", rest.join(", "));
        }
        ProblemKind::Seconds { min, max: Some(max) } => return format!("use {min} to {max} seconds"),
        ProblemKind::Seconds { min, max: None } => return format!("use at least {min} seconds"),
        ProblemKind::Description { max } => return format!("describe it in at most {max} characters"),
        ProblemKind::IsIssuer => "the issuer itself is not an API; choose the address of the API",
        ProblemKind::GivenTwice => "it is given twice",
        ProblemKind::ReservedScope => "the name belongs to the issuer; choose another",
        ProblemKind::NoSuchScope => "this API has no such scope",
        ProblemKind::AuthMethodOfKind => "web and service clients use a secret, spa and native clients none",
        ProblemKind::PkceOfKind => "public clients cannot do without it",
        ProblemKind::CredentialsOfKind => "only web clients choose",
        ProblemKind::NoBrowser => "a service client has no browser to redirect",
        ProblemKind::NoRedirectUri => "name at least one",
        ProblemKind::PrivateUseScheme => "only native and web clients use a scheme of their own",
        ProblemKind::NoHttps => "register an https redirect URI beside it",
        ProblemKind::NotRegistered => "it is not registered",
        ProblemKind::NoSuchApi => "no such API; add it first with `tessera api add`",
        ProblemKind::NoApi => {
            "name the API that the client gets tokens for itself for (a web client may go without: --no-client-credentials)"
        }
        ProblemKind::OfNewerVersion => {
            "a newer version of Tessera chose the form of the tokens; change it with that version"
        }
        ProblemKind::ScopeOfNoApi => "none of this client's APIs has it",
    };
    fixed.to_owned()
}

fn of_password(refusal: PasswordRefusal) -> String {
    let fixed = match refusal {
        PasswordRefusal::TooShort { min } => return format!("use at least {min} characters"),
        PasswordRefusal::Nul => "leave out the NUL character",
        PasswordRefusal::SameAsOld => "it is the old password; choose a new one",
        PasswordRefusal::LikeOld => "it is the old password with small changes; choose a new one",
        PasswordRefusal::Guessable => {
            "it is easy to guess; use several words that have nothing to do with each other, or --generate-password"
        }
        PasswordRefusal::Breached => {
            "it is known from a breach of another service; choose one that was never used"
        }
        PasswordRefusal::NotLookedUp => {
            "nobody knows whether it was breached, because the list cannot be read (passwords.breached); try again later"
        }
    };
    fixed.to_owned()
}

fn of_form(form: Form) -> String {
    let fixed = match form {
        Form::Line(max) => return format!("use at most {max} characters on one line"),
        Form::Lines(max) => return format!("use at most {max} characters"),
        Form::Email => "this is not an e-mail address",
        Form::Web => "use an address with https:// or http://",
        Form::Birthdate => "use YYYY-MM-DD, 0000-MM-DD or YYYY",
        Form::TimeZone => "use a name such as Europe/Paris",
        Form::Language => "use a name such as fr-CA",
        Form::Phone => "use + and the digits, such as +33 1 23 45 67 89",
        Form::AbsoluteUri => "use an absolute URI such as https://api.example.com, without #",
    };
    fixed.to_owned()
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Denied | AccessError::NotRecent => Self::new(Exit::NoPermission, error.to_string()),
            AccessError::Clock(refused) => refused.into(),
            AccessError::Store(fault) => fault.into(),
        }
    }
}

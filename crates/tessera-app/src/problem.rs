//! What is wrong with a command, field by field. Each door says it in its own words.

use tessera_jose::Algorithm;

pub use crate::form::Form;
use crate::passwords::PasswordRefusal;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub field: Field,
    /// Which entry of a list; `None` where the whole field is meant.
    pub entry: Option<String>,
    /// What.
    pub kind: ProblemKind,
}

impl Problem {
    pub(crate) const fn of(field: Field, kind: ProblemKind) -> Self {
        Self { field, entry: None, kind }
    }

    /// Why a password was refused.
    pub(crate) fn of_password(refusals: Vec<PasswordRefusal>) -> impl Iterator<Item = Self> {
        refusals.into_iter().map(|refusal| Self::of(Field::Password, ProblemKind::Password(refusal)))
    }

    pub(crate) fn in_entry(field: Field, entry: &(impl ToString + ?Sized), kind: ProblemKind) -> Self {
        Self { field, entry: Some(entry.to_string()), kind }
    }
}

/// A field of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Name of a person, client or API.
    Name,
    /// E-mail address of a person.
    Email,
    /// Password of a person.
    Password,
    /// Another claim about a person, by its name in the standard; `address.` stands before those of the address.
    Claim(&'static str),
    /// Audience of an API.
    Audience,
    /// Scopes that an API understands, or that a client may ask for.
    Scopes,
    /// Signature of an API's tokens.
    AccessTokenAlg,
    /// Lifetime of access tokens.
    AccessTokenSeconds,
    /// How a client authenticates.
    AuthMethod,
    /// Whether a client's requests need a PKCE challenge.
    Pkce,
    /// Signature of a client's ID tokens.
    IdTokenAlg,
    /// Who is meant by a group.
    Description,
    /// Where codes go.
    RedirectUris,
    /// Where logout may go.
    PostLogoutRedirectUris,
    /// APIs that a client may ask tokens for.
    Audiences,
    /// Whether a client gets tokens for itself.
    ClientCredentials,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A name with a control character, or not of this many characters.
    NameLength {
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// Not of the form that the field has.
    Form(Form),
    /// The audience is the issuer.
    IsIssuer,
    /// A rule that a new password breaks.
    Password(PasswordRefusal),
    /// Not one of these.
    Algorithm(&'static [Algorithm]),
    /// Not of this many seconds.
    Seconds {
        /// Fewest.
        min: u32,
        /// Most.
        max: Option<u32>,
    },
    /// A scope that stands in the list twice.
    GivenTwice,
    /// A scope of the issuer: one that OpenID Connect defines, or `groups`.
    ReservedScope,
    /// The description of a scope or a group has control characters, or more than this many characters.
    Description {
        /// Most.
        max: usize,
    },
    /// A scope to be removed from an API that does not have it.
    NoSuchScope,
    /// A client of this kind must have a secret, or must not.
    AuthMethodOfKind,
    /// A public client must use PKCE.
    PkceOfKind,
    /// A client of this kind does not choose whether it gets tokens for itself.
    CredentialsOfKind,
    /// A machine has no browser to redirect.
    NoBrowser,
    /// A client for people needs at least one redirect URI.
    NoRedirectUri,
    /// Clients of this kind have no scheme of their own.
    PrivateUseScheme,
    /// A web client with a scheme of its own needs an https redirect URI beside it.
    NoHttps,
    /// A URI to be removed that is not registered.
    NotRegistered,
    /// No API has this audience.
    NoSuchApi,
    /// A client that gets tokens for itself needs an API to get them for.
    NoApi,
    /// None of the client's APIs has this scope.
    ScopeOfNoApi,
    /// A newer version chose something that this one does not know, and cannot change.
    OfNewerVersion,
}

/// Most characters of a name.
const MAX_NAME: usize = 100;

/// The rule for names of people, clients and APIs.
pub(crate) fn name(name: &str, min: usize) -> Option<Problem> {
    let fits = (min..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    (!fits).then_some(Problem::of(Field::Name, ProblemKind::NameLength { min, max: MAX_NAME }))
}

/// Nothing is wrong, or an error that carries all of it.
pub(crate) fn require_none<E>(problems: Vec<Problem>, invalid: fn(Vec<Problem>) -> E) -> Result<(), E> {
    if problems.is_empty() { Ok(()) } else { Err(invalid(problems)) }
}

/// The names of the settings that differ.
pub(crate) fn differing(settings: &[(&'static str, bool)]) -> Vec<&'static str> {
    settings.iter().filter_map(|(name, differs)| differs.then_some(*name)).collect()
}

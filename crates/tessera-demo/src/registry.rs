//! What the issuer must know before anybody can log in: an API, the clients, a person.
//!
//! Each step looks first, so that a second start on the same directory finds what the first one made.

use std::collections::BTreeMap;
use std::sync::Arc;

use tessera_app::ports::Entropy;
use tessera_app::{Actor, App, Cx, apis, catalog, clients, users};
use tessera_jose::Algorithm;
use tessera_model::api::{JwtType, ScopeDefinition};
use tessera_model::policy::DEFAULT_ACCESS_TOKEN_SECONDS;
use tessera_model::{ClientAuthMethod, ClientId, ClientKind, PlainPassword};
use tessera_openid_client::Registration;

use crate::data_dir::{DataDir, DataDirError};
use crate::ports::Sites;

/// What the sample API is called in `aud`. It is a name and not an address: it stays when the port changes.
pub(crate) const AUDIENCE: &str = "https://orders.example";
/// What the sample API asks of a token.
pub(crate) const API_SCOPE: &str = "orders.read";
/// What the sample application asks for.
const WEB_SCOPE: &str = "openid profile email offline_access orders.read";
/// Username of the person who is there from the first start.
const PERSON: &str = "alice";

/// A person who can log in.
pub(crate) struct Person {
    pub(crate) username: String,
    /// Known only right after the person was added: the issuer keeps a hash.
    pub(crate) password: Option<String>,
}

/// Why something could not be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A secret of a client.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The sample API.
    #[error("cannot register the sample API: {0}")]
    Api(#[from] apis::ApiError),
    /// A client.
    #[error("cannot register a client: {0}")]
    Client(#[from] clients::ClientError),
    /// A person.
    #[error("cannot find or add a person: {0}")]
    Person(#[from] users::UserError),
    /// The database.
    #[error("cannot read the database: {0}")]
    Access(#[from] tessera_app::access::AccessError),
    /// Clients and keys in memory.
    #[error("cannot reload clients and keys: {0}")]
    Catalog(#[from] tessera_app::keys::KeyError),
    /// A constant of this file is not valid.
    #[error("the demo names an invalid {0}")]
    Constant(&'static str),
}

/// Registers the sample API, and the sample application at this port.
pub(crate) async fn application(
    app: &Arc<App>,
    data_dir: &DataDir,
    sites: &Sites,
) -> Result<Registration, RegistryError> {
    ensure_api(app).await?;
    let port = sites.web_port();
    let wanted = Wanted {
        // Redirect URIs are compared byte for byte (policy P7), so each port is a client of its own.
        id: format!("demo-web-{port}"),
        name: "Orders (sample application)",
        redirect_uri: Some(format!("{}/callback", sites.web)),
        post_logout_redirect_uri: Some(format!("{}/logged-out", sites.web)),
        ..Wanted::web(WEB_SCOPE)
    };
    ensure_client(app, data_dir, wanted).await
}

/// Registers the clients of the end-to-end tests.
pub(crate) async fn test_clients(
    app: &Arc<App>,
    data_dir: &DataDir,
) -> Result<BTreeMap<&'static str, Registration>, RegistryError> {
    let web = Wanted {
        id: "e2e-web".to_owned(),
        name: "End-to-end tests",
        redirect_uri: Some("http://127.0.0.1/callback".to_owned()),
        post_logout_redirect_uri: Some("http://127.0.0.1/logged-out".to_owned()),
        id_token_alg: Algorithm::Rs256,
        ..Wanted::web(WEB_SCOPE)
    };
    let service = |id: &str, auth_method| Wanted {
        id: id.to_owned(),
        name: "End-to-end tests, without a person",
        kind: ClientKind::Service,
        auth_method,
        ..Wanted::web(API_SCOPE)
    };
    let basic = service("e2e-service", ClientAuthMethod::ClientSecretBasic);
    let post = service("e2e-post", ClientAuthMethod::ClientSecretPost);
    Ok(BTreeMap::from([
        ("e2e-web", ensure_client(app, data_dir, web).await?),
        ("e2e-service", ensure_client(app, data_dir, basic).await?),
        ("e2e-post", ensure_client(app, data_dir, post).await?),
    ]))
}

/// The person of the demo, made at the first start.
pub(crate) async fn alice(app: &Arc<App>, entropy: &dyn Entropy) -> Result<Person, RegistryError> {
    match users::find(&Cx::new(app, Actor::Cli), PERSON).await {
        Ok(user) => Ok(Person { username: user.username.to_string(), password: None }),
        Err(users::UserError::NotFound) => add_person(app, entropy, PERSON.to_owned()).await,
        Err(error) => Err(error.into()),
    }
}

/// A new person, for a walkthrough over a data directory whose `alice` has a password that only she knows.
pub(crate) async fn visitor(app: &Arc<App>, entropy: &dyn Entropy) -> Result<Person, RegistryError> {
    let mut name = [0; 4];
    entropy.fill(&mut name);
    add_person(app, entropy, format!("visitor-{:08x}", u32::from_be_bytes(name))).await
}

async fn add_person(
    app: &Arc<App>,
    entropy: &dyn Entropy,
    username: String,
) -> Result<Person, RegistryError> {
    let password = generated_password(entropy);
    let new = users::NewUser {
        name: Some("Alice Example".to_owned()),
        email: Some(format!("{username}@example.com")),
        password: Some(
            PlainPassword::to_set(password.clone()).map_err(|_| RegistryError::Constant("password"))?,
        ),
        ..users::NewUser::new(username.parse().map_err(|_| RegistryError::Constant("username"))?)
    };
    users::add(&Cx::new(app, Actor::Cli), new).await?;
    Ok(Person { username, password: Some(password) })
}

async fn ensure_api(app: &Arc<App>) -> Result<(), RegistryError> {
    let cx = Cx::new(app, Actor::Cli);
    if apis::find(&cx, AUDIENCE).await?.is_some() {
        return Ok(());
    }
    let scope = ScopeDefinition {
        name: API_SCOPE.parse().map_err(|_| RegistryError::Constant("scope"))?,
        description: "See your orders".to_owned(),
    };
    let new = apis::NewApi {
        audience: AUDIENCE.to_owned(),
        name: "Orders (sample API)".to_owned(),
        scopes: vec![scope],
        access_token_alg: Algorithm::Es256,
        token_type: JwtType::AtJwt,
        access_token_seconds: DEFAULT_ACCESS_TOKEN_SECONDS,
    };
    apis::add(&cx, new).await?;
    Ok(())
}

/// A client as the demo wants it.
struct Wanted {
    id: String,
    name: &'static str,
    kind: ClientKind,
    auth_method: ClientAuthMethod,
    redirect_uri: Option<String>,
    post_logout_redirect_uri: Option<String>,
    scope: &'static str,
    id_token_alg: Algorithm,
}

impl Wanted {
    fn web(scope: &'static str) -> Self {
        Self {
            id: String::new(),
            name: "",
            kind: ClientKind::Web,
            auth_method: ClientAuthMethod::ClientSecretBasic,
            redirect_uri: None,
            post_logout_redirect_uri: None,
            scope,
            id_token_alg: Algorithm::Es256,
        }
    }
}

/// Registers a client, or finds it with its secret. A client whose secret was lost gets a new one.
async fn ensure_client(
    app: &Arc<App>,
    data_dir: &DataDir,
    wanted: Wanted,
) -> Result<Registration, RegistryError> {
    let cx = &Cx::new(app, Actor::Cli);
    let id: ClientId = wanted.id.parse().map_err(|_| RegistryError::Constant("client id"))?;
    let mut registration = Registration {
        client_id: wanted.id.clone(),
        client_secret: String::new(),
        redirect_uri: wanted.redirect_uri.clone().unwrap_or_default(),
        scope: wanted.scope.to_owned(),
        id_token_alg: wanted.id_token_alg,
    };
    let registered = clients::find(cx, &id).await?.is_some();
    if let Some(kept) = data_dir.client_secret(&wanted.id)?.filter(|_| registered) {
        registration.client_secret = kept;
        return Ok(registration);
    }
    let secret = if registered {
        clients::rotate_secret(cx, &id).await?.secret
    } else {
        let added = clients::add(cx, new_client(id, wanted)?).await?;
        added.secret.ok_or(RegistryError::Constant("kind of client"))?
    };
    registration.client_secret.clone_from(&secret);
    data_dir.keep_client_secret(&registration.client_id, &registration.client_secret)?;
    // The server looks for changes twice a second. This change is needed at once.
    catalog::refresh(app).await?;
    Ok(registration)
}

fn new_client(id: ClientId, wanted: Wanted) -> Result<clients::NewClient, RegistryError> {
    let uri = |uri: String| uri.parse().map_err(|_| RegistryError::Constant("redirect URI"));
    Ok(clients::NewClient {
        id: Some(id),
        auth_method: Some(wanted.auth_method),
        redirect_uris: wanted.redirect_uri.map(uri).transpose()?.into_iter().collect(),
        post_logout_redirect_uris: wanted
            .post_logout_redirect_uri
            .map(uri)
            .transpose()?
            .into_iter()
            .collect(),
        scopes: wanted.scope.parse().map_err(|_| RegistryError::Constant("scope"))?,
        audiences: vec![AUDIENCE.to_owned()],
        id_token_alg: wanted.id_token_alg,
        ..clients::NewClient::new(wanted.kind, wanted.name)
    })
}

/// Four groups of five characters, 100 random bits. No two characters of the alphabet look alike.
fn generated_password(entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    entropy.fill(&mut bytes);
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    #[test]
    fn a_generated_password_is_long_readable_and_never_the_same() {
        let entropy = host().entropy;
        let (one, other) = (generated_password(&*entropy), generated_password(&*entropy));
        assert_ne!(one, other);
        assert_eq!(one.len(), 23);
        assert!(one.split('-').all(|group| group.len() == 5), "{one}");
        assert!(!one.contains(['l', 'o', '0', '1']), "{one}");
    }
}

//! The sample application: a server-side web application that logs people in with the issuer and calls an API for them.
//!
//! The browser holds one `HttpOnly` cookie with a random session id. Tokens stay here, on the server; no page needs a script.
//!
//! | path | what happens | file |
//! |---|---|---|
//! | `GET /` | who is logged in, and with which tokens | `routes`, `page` |
//! | `GET /login`, `GET /callback` | to the issuer and back | `login` |
//! | `POST /call-api`, `/refresh`, `/revoke` | what an application does with tokens | `tokens` |
//! | `POST /logout`, `GET /logged-out` | logout, here and at the issuer | `logout` |

mod login;
mod logout;
mod middleware;
mod page;
mod response;
mod routes;
mod session;
mod state;
mod tokens;

pub(crate) use self::routes::router;

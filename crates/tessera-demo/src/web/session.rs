//! Sessions in memory: what the application knows about a browser. They end with the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use tessera_openid_client::{LoggedIn, Params, PendingLogin, UserInfo};

/// Most sessions at the same time. A new one then replaces the oldest.
const MAX_SESSIONS: usize = 1_000;
/// Most logins that one browser may have begun, one for each open tab.
const MAX_PENDING: usize = 8;

/// What is known about one browser.
#[derive(Clone, Default)]
pub(super) struct Session {
    /// Logins that have begun and are not finished.
    pending: Vec<PendingLogin>,
    /// `state` of a logout that has begun and is not finished.
    logout_state: Option<String>,
    /// Who is logged in.
    pub(super) login: Option<LoggedIn>,
    /// What the issuer says about the person.
    pub(super) person: UserInfo,
    /// What the API answered last.
    pub(super) api_result: Option<String>,
    /// What the next page says. It is shown once.
    pub(super) notice: Option<Notice>,
}

/// A message at the top of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Something was done.
    Done(&'static str),
    /// Something did not work.
    Error(String),
}

/// All sessions, by the id in the cookie.
pub(super) struct Sessions {
    cookie: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    sessions: HashMap<String, (u64, Session)>,
    begun: u64,
}

impl Session {
    /// The session of a person who has just logged in.
    pub(super) fn logged_in(login: LoggedIn, person: UserInfo) -> Self {
        Self { login: Some(login), person, ..Self::default() }
    }

    /// The session of a browser that is sent to the issuer to log out.
    pub(super) fn logging_out(state: String) -> Self {
        Self { logout_state: Some(state), ..Self::default() }
    }

    /// Whether this answer belongs to the logout that this browser began. True once: the logout is finished after that.
    pub(super) fn take_logout(&mut self, answer: &Params) -> bool {
        self.logout_state.take_if(|state| answer.get("state") == Some(state)).is_some()
    }

    /// Remembers a login that has begun.
    pub(super) fn remember(&mut self, pending: PendingLogin) {
        if self.pending.len() == MAX_PENDING {
            self.pending.remove(0);
        }
        self.pending.push(pending);
    }

    /// Takes the login that this answer belongs to. It is gone after that, so that an answer counts once.
    pub(super) fn take_pending(&mut self, answer: &Params) -> Option<PendingLogin> {
        let at = self.pending.iter().position(|pending| Some(pending.state()) == answer.get("state"))?;
        Some(self.pending.remove(at))
    }
}

impl Sessions {
    /// No sessions yet, for the application at `port`. Browsers send cookies of localhost to every port of it, so the port stands
    /// in the cookie's name.
    pub(super) fn new(port: &str) -> Self {
        Self { cookie: format!("tessera_demo_web_{port}"), kept: Mutex::default() }
    }

    /// The session id that a browser sent. There may be no such session.
    pub(super) fn id(&self, headers: &HeaderMap) -> Option<String> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.cookie).map(|(_, id)| id.to_owned())
    }

    /// `Set-Cookie` of a session: scripts cannot read it, other sites cannot send it. Over HTTPS it would also say `Secure`.
    pub(super) fn cookie(&self, id: &str) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("{}={id}; Path=/; HttpOnly; SameSite=Lax", self.cookie)).ok()
    }

    /// Begins a session under a new id.
    pub(super) fn begin(&self, id: String, session: Session) {
        let mut kept = self.lock();
        if kept.sessions.len() >= MAX_SESSIONS {
            let oldest =
                kept.sessions.iter().min_by_key(|(_, (number, _))| *number).map(|(id, _)| id.clone());
            oldest.and_then(|id| kept.sessions.remove(&id));
        }
        kept.begun += 1;
        let number = kept.begun;
        kept.sessions.insert(id, (number, session));
    }

    /// Changes a session; `None` if there is none.
    pub(super) fn with<T>(&self, id: &str, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.lock().sessions.get_mut(id).map(|(_, session)| act(session))
    }

    /// A session for a page to show. Its notice is gone after that.
    pub(super) fn view(&self, id: &str) -> Option<Session> {
        self.with(id, |session| {
            let view = session.clone();
            session.notice = None;
            view
        })
    }

    /// Ends a session and returns it.
    pub(super) fn end(&self, id: &str) -> Option<Session> {
        self.lock().sessions.remove(id).map(|(_, session)| session)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> Sessions {
        Sessions::new("8081")
    }

    fn sent(cookies: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookies))])
    }

    #[test]
    fn the_cookie_is_found_among_those_of_other_ports() {
        let sessions = sessions();
        let id = sessions.id(&sent("tessera_session=a; tessera_demo_web_8082=b; tessera_demo_web_8081=c"));
        assert_eq!(id.as_deref(), Some("c"));
        assert_eq!(sessions.id(&sent("tessera_session=a")), None);
        let set = sessions.cookie("c").unwrap();
        assert_eq!(set, "tessera_demo_web_8081=c; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn an_unknown_id_is_no_session() {
        assert!(sessions().view("made-up").is_none());
    }

    #[test]
    fn what_is_said_is_said_once() {
        let sessions = sessions();
        let session = Session { notice: Some(Notice::Done("done")), ..Session::default() };
        sessions.begin("a".to_owned(), session);
        assert_eq!(sessions.view("a").unwrap().notice, Some(Notice::Done("done")));
        assert_eq!(sessions.view("a").unwrap().notice, None);
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let sessions = sessions();
        for number in 0..=MAX_SESSIONS {
            sessions.begin(number.to_string(), Session::default());
        }
        assert!(sessions.view("0").is_none());
        assert!(sessions.view("1").is_some());
        assert_eq!(sessions.lock().sessions.len(), MAX_SESSIONS);
    }
}

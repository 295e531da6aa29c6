//! A mail server that keeps what it was given.

use std::sync::Mutex;

use tessera_app::outbox::Letter;
use tessera_app::ports::{MailError, Mailer, Sending};

/// What arrived, and what the server answers to the next letter.
#[derive(Debug, Default)]
pub struct Mailbox {
    arrived: Mutex<Vec<Letter>>,
    refuses: Mutex<Option<MailError>>,
}

impl Mailbox {
    /// Answers every letter like this from now on. `None` takes it.
    ///
    /// # Panics
    /// After a panic in another test thread.
    pub fn refuse(&self, answer: Option<MailError>) {
        *self.refuses.lock().expect("no panic") = answer;
    }

    /// Every letter that was handed over, also those that were refused, and forgets them.
    ///
    /// # Panics
    /// After a panic in another test thread.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.arrived.lock().expect("no panic"))
    }
}

impl Mailer for Mailbox {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        self.arrived.lock().expect("no panic").push(letter.clone());
        let answer = *self.refuses.lock().expect("no panic");
        Box::pin(async move { answer.map_or(Ok(()), Err) })
    }
}

//! What administrators do, and to what.

use tessera_model::{ClientId, KeyPurpose, UserId};

/// Makes [`Action`] from a table: variant, stable text, what it does.
macro_rules! actions {
    ($($action:ident $text:literal $line:literal;)+) => {
        /// One administrative verb.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $(#[doc = $line] $action,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$action),+];

            /// Stable text form, for the audit trail.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$action => $text,)+ }
            }
        }
    };
}

actions! {
    AddUser "users.add" "Makes an account.";
    UpdateUser "users.update" "Changes claims about a person.";
    LockUser "users.lock" "Locks an account.";
    UnlockUser "users.unlock" "Unlocks an account.";
    DisableUser "users.disable" "Closes an account for good.";
    DeleteUser "users.delete" "Erases an account.";
    SetPassword "users.set_password" "Sets a password.";
    FindUser "users.find" "Reads an account.";
    ListUsers "users.list" "Reads accounts.";
    ListApplications "users.applications" "Reads which applications have access to an account.";
    AddClient "clients.add" "Registers a client.";
    UpdateClient "clients.update" "Changes settings of a client.";
    RotateSecret "clients.rotate_secret" "Gives a client a new secret.";
    DisableClient "clients.disable" "Turns a client off.";
    DeleteClient "clients.delete" "Removes a client.";
    FindClient "clients.find" "Reads a client.";
    ListClients "clients.list" "Reads all clients.";
    AddApi "apis.add" "Registers an API.";
    UpdateApi "apis.update" "Changes settings of an API.";
    FindApi "apis.find" "Reads an API.";
    ListApis "apis.list" "Reads all APIs.";
    RotateKey "keys.rotate" "Moves a key on.";
    ListKeys "keys.list" "Reads which keys there are, without their private parts.";
    ListEvents "audit.list" "Reads the audit trail.";
    ListJobs "jobs.list" "Reads how the background jobs go.";
}

/// What an action is done to: one thing, or everything of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object<'a> {
    /// All accounts.
    Users,
    /// One account.
    User(UserId),
    /// All clients.
    Clients,
    /// One client.
    Client(&'a ClientId),
    /// All APIs.
    Apis,
    /// The API of this audience.
    Api(&'a str),
    /// All keys.
    Keys,
    /// The keys of this purpose.
    Key(KeyPurpose),
    /// The audit trail.
    Events,
    /// All background jobs.
    Jobs,
}

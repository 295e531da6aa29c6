//! What administrators do, and to what.

use tessera_model::{ClientId, GroupName, KeyPurpose, UserId};

/// Makes [`Action`] from a table: variant, stable text, whether it changes anything, what it does.
macro_rules! actions {
    ($($action:ident $text:literal $effect:ident $line:literal;)+) => {
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

            /// Whether it changes nothing.
            pub const fn only_reads(self) -> bool {
                match self { $(Self::$action => matches!(Effect::$effect, Effect::Reads),)+ }
            }
        }
    };
}

enum Effect {
    Reads,
    Writes,
}

actions! {
    AddUser "users.add" Writes "Makes an account.";
    UpdateUser "users.update" Writes "Changes claims about a person.";
    LockUser "users.lock" Writes "Locks an account.";
    UnlockUser "users.unlock" Writes "Unlocks an account.";
    DisableUser "users.disable" Writes "Closes an account for good.";
    DeleteUser "users.delete" Writes "Erases an account.";
    SetPassword "users.set_password" Writes "Sets a password.";
    ClearThrottle "users.clear_throttle" Writes "Forgets failed logins at an account.";
    FindThrottle "users.find_throttle" Reads "Reads how many logins failed at an account.";
    FindUser "users.find" Reads "Reads an account.";
    ListUsers "users.list" Reads "Reads accounts.";
    ListApplications "users.applications" Reads "Reads which applications have access to an account.";
    ChangePassword "users.change_password" Writes "Changes one's own password.";
    ListAuthenticators "authenticators.list" Reads "Reads what a person can log in with.";
    AddAuthenticator "authenticators.add" Writes "Adds a passkey, a security key or an authenticator app.";
    RenameAuthenticator "authenticators.rename" Writes "Gives an authenticator another name.";
    RemoveAuthenticator "authenticators.remove" Writes "Removes an authenticator.";
    MakeRecoveryCodes "authenticators.make_recovery_codes" Writes "Makes new recovery codes.";
    ImportFobs "fobs.import" Writes "Puts key fobs into the stock.";
    FindFob "fobs.find" Reads "Reads a key fob, without its secret.";
    ListFobs "fobs.list" Reads "Reads key fobs, without their secrets.";
    AssignFob "fobs.assign" Writes "Gives a key fob to a person.";
    ReturnFob "fobs.return" Writes "Takes a key fob back.";
    LoseFob "fobs.lose" Writes "Marks a key fob as lost.";
    ResyncFob "fobs.resync" Writes "Sets a key fob right with two of its codes.";
    DeleteFob "fobs.delete" Writes "Removes a key fob that nobody has used.";
    AddClient "clients.add" Writes "Registers a client.";
    UpdateClient "clients.update" Writes "Changes settings of a client.";
    RotateSecret "clients.rotate_secret" Writes "Gives a client a new secret.";
    DisableClient "clients.disable" Writes "Turns a client off.";
    DeleteClient "clients.delete" Writes "Removes a client.";
    FindClient "clients.find" Reads "Reads a client.";
    ListClients "clients.list" Reads "Reads all clients.";
    AddApi "apis.add" Writes "Registers an API.";
    UpdateApi "apis.update" Writes "Changes settings of an API.";
    FindApi "apis.find" Reads "Reads an API.";
    ListApis "apis.list" Reads "Reads all APIs.";
    AddGroup "groups.add" Writes "Makes a group of people.";
    DescribeGroup "groups.describe" Writes "Changes the description of a group.";
    DeleteGroup "groups.delete" Writes "Removes a group.";
    AddMembers "groups.add_members" Writes "Puts people into a group.";
    RemoveMembers "groups.remove_members" Writes "Takes people out of a group.";
    FindGroup "groups.find" Reads "Reads a group.";
    ListGroups "groups.list" Reads "Reads all groups.";
    ListMembers "groups.members" Reads "Reads who is in a group.";
    ListGroupsOfUser "users.groups" Reads "Reads which groups a person is in.";
    RotateKey "keys.rotate" Writes "Moves a key on.";
    ListKeys "keys.list" Reads "Reads which keys there are, without their private parts.";
    ListEvents "audit.list" Reads "Reads the audit trail.";
    ShowClock "clock.show" Reads "Reads the highest time seen.";
    AcceptClock "clock.accept" Writes "Accepts a clock that differs from the highest time seen.";
    ListOutbox "outbox.list" Reads "Reads which messages wait, without what they say and to whom.";
    ListJobs "jobs.list" Reads "Reads how the background jobs go.";
    MakeBackup "backup.make" Writes "Writes a backup.";
    Restore "backup.restore" Writes "Ends everything that was issued, and makes the database that of a backup.";
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
    /// All groups.
    Groups,
    /// One group.
    Group(&'a GroupName),
    /// All key fobs.
    Fobs,
    /// The key fobs with this serial number.
    Fob(&'a str),
    /// All keys.
    Keys,
    /// The keys of this purpose.
    Key(KeyPurpose),
    /// The audit trail.
    Events,
    /// The highest time seen.
    Clock,
    /// The messages that wait.
    Outbox,
    /// All background jobs.
    Jobs,
    /// The database as a whole.
    Database,
}

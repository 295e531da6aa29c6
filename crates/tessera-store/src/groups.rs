//! Groups of people, and who is in them.

use tessera_model::{Group, GroupName, Timestamp, UserId, Username};

use crate::row::Row;
use crate::sql::groups as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// Groups, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Groups<'t>(&'t Tx);

impl Tx {
    /// Groups.
    pub const fn groups(&self) -> Groups<'_> {
        Groups(self)
    }
}

impl Groups<'_> {
    /// Makes a group; `false` if the name is taken.
    pub async fn insert(self, group: &Group) -> Result<bool, StoreError> {
        let values = named![
            name = group.name.as_str(),
            description = group.description.as_deref(),
            created_at = group.created_at,
        ];
        self.0.changed(&sql::INSERT, values.of(&sql::INSERT)?).await
    }

    /// The group of this name.
    pub async fn find(self, name: &GroupName) -> Result<Option<Group>, StoreError> {
        self.0.one_row(&sql::FIND, params![name.as_str()]).await?.map(read).transpose()
    }

    /// Whether there is a group of this name. It is held until the transaction ends. Only in a write.
    pub async fn lock(self, name: &GroupName) -> Result<bool, StoreError> {
        Ok(self.0.one_row(&sql::LOCK, params![name.as_str()]).await?.is_some())
    }

    /// Changes the description; `false` if there is no such group.
    pub async fn describe(self, name: &GroupName, description: Option<&str>) -> Result<bool, StoreError> {
        self.0.changed(&sql::DESCRIBE, params![name.as_str(), description]).await
    }

    /// All groups in the order of their names, with how many people are in each. It counts them all: not for requests.
    pub async fn list(self) -> Result<Vec<(Group, u64)>, StoreError> {
        self.0.scan(&sql::LIST, &[]).await?.into_iter().map(read_counted).collect()
    }

    /// Marks a group as removed: from now on it counts for nothing. `false` if it is marked, or if there is none.
    pub async fn close(self, name: &GroupName, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::CLOSE, params![name.as_str(), now]).await
    }

    /// Whether there is a group of this name, marked as removed or not.
    pub async fn exists(self, name: &GroupName) -> Result<bool, StoreError> {
        Ok(self.0.one_row(&sql::EXISTS, params![name.as_str()]).await?.is_some())
    }

    /// Removes a group that is marked so and that nobody is in; `false` if somebody is, or if there is none.
    pub async fn delete(self, name: &GroupName) -> Result<bool, StoreError> {
        self.0.changed(&sql::DELETE, params![name.as_str()]).await
    }

    /// Puts a person into a group, which must be there; `false` if they are in it.
    pub async fn add_member(
        self,
        name: &GroupName,
        user: UserId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.changed(&sql::ADD_MEMBER, params![name.as_str(), &user, now]).await
    }

    /// Takes a person out of a group; `false` if they are not in it.
    pub async fn remove_member(self, name: &GroupName, user: UserId) -> Result<bool, StoreError> {
        self.0.changed(&sql::REMOVE_MEMBER, params![name.as_str(), &user]).await
    }

    /// Takes people out of a group: at most `most` in one call. Returns how many.
    pub async fn remove_members(self, name: &GroupName, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::REMOVE_MEMBERS, params![name.as_str(), most]).await
    }

    /// The login names of those in a group, in order, after this one.
    pub async fn members_after(
        self,
        name: &GroupName,
        after: Option<&Username>,
        limit: u32,
    ) -> Result<Vec<Username>, StoreError> {
        let after = after.map_or("", Username::as_str);
        let rows = self.0.scan(&sql::MEMBERS_AFTER, params![name.as_str(), after, limit]).await?;
        rows.into_iter().map(|mut row| row.parsed("username")).collect()
    }

    /// The groups that a person is in, in order.
    pub async fn of_user(self, user: UserId) -> Result<Vec<GroupName>, StoreError> {
        let rows = self.0.rows(&sql::OF_USER, params![&user]).await?;
        rows.into_iter().map(|mut row| row.parsed("group_name")).collect()
    }

    /// How many groups a person is in.
    pub async fn count_of_user(self, user: UserId) -> Result<u64, StoreError> {
        let row = self.0.one_row(&sql::COUNT_OF_USER, params![&user]).await?;
        row.ok_or_else(|| StoreError::Corrupt("a count has no row".to_owned()))?.count("groups")
    }
}

pub(crate) fn read_counted(mut row: Row) -> Result<(Group, u64), StoreError> {
    let members = row.opt_int("members")?.unwrap_or(0);
    Ok((read(row)?, members.unsigned_abs()))
}

pub(crate) fn read(mut row: Row) -> Result<Group, StoreError> {
    Ok(Group {
        name: row.parsed("name")?,
        description: row.opt_text("description")?,
        created_at: row.time("created_at")?,
    })
}

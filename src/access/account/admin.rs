//! Changes of users: by the command line through the [`Register`], by an administrator through [`Accounts`].
//!
//! Must hold: who is disabled, reset or given another role is signed out in the same transaction; an administrator
//! does none of this to themselves, so that nobody gives themselves what they may not have, and one is always left.

use rusqlite::Connection;

use super::accounts::Accounts;
use super::error::ManageError;
use super::province_set::ProvinceSet;
use super::session::Session;
use super::setup_code::SetupCode;
use super::user::{NewUser, UserId, UserRecord, UserState, display_name};
use super::{device_rows, identity_rows, session_rows, user_rows};
use crate::access::error::AccessError;
use crate::access::permission::{Action, is_allowed};
use crate::access::register::Register;
use crate::access::role::Role;
use crate::access::token_record::is_plain_name;
use crate::notice::Moment;

/// Whether people can have a role.
fn for_people(role: Role) -> Result<(), AccessError> {
    match role {
        Role::Feed | Role::Portal => Err(AccessError::RoleOfSystems { role }),
        _ => Ok(()),
    }
}

/// A new user as it is kept.
fn checked(new: &NewUser) -> Result<NewUser, AccessError> {
    for_people(new.role)?;
    if !is_plain_name(&new.name) {
        return Err(AccessError::NotAName);
    }
    let display_name = display_name(&new.display_name).ok_or(AccessError::NotADisplayName)?;
    Ok(NewUser {
        display_name,
        ..new.clone()
    })
}

fn set_state(
    connection: &Connection,
    id: UserId,
    state: UserState,
    now: Moment,
) -> rusqlite::Result<bool> {
    let is_news = user_rows::set_state(connection, id, state, now)?;
    session_rows::end_of_user(connection, id, None)?;
    Ok(is_news)
}

pub(super) fn set_role(
    connection: &Connection,
    id: UserId,
    role: Role,
    now: Moment,
) -> rusqlite::Result<bool> {
    let is_news = user_rows::set_role(connection, id, role, now)?;
    if is_news {
        session_rows::end_of_user(connection, id, None)?;
    }
    Ok(is_news)
}

fn reset(
    connection: &Connection,
    id: UserId,
    code: &SetupCode,
    now: Moment,
) -> rusqlite::Result<()> {
    user_rows::reset(connection, id, code, now)?;
    device_rows::end_of_user(connection, id)?;
    session_rows::end_of_user(connection, id, None)
}

/// Of whom something can be changed.
#[derive(Clone, Copy)]
enum Who {
    Anybody,
    /// Only of those whom no identity provider brought: of others it says what they may, at each sign-in, and they have
    /// no password here.
    OfHere,
}

impl Who {
    fn is_met(self, connection: &Connection, user: UserId) -> rusqlite::Result<bool> {
        match self {
            Self::Anybody => Ok(true),
            Self::OfHere => Ok(!identity_rows::is_brought(connection, user)?),
        }
    }
}

impl Register {
    /// Makes a user, and the setup code with which the person begins.
    ///
    /// # Errors
    /// When there is one of this name, people cannot have the role, or it cannot be kept.
    pub fn add_user(
        &mut self,
        new: &NewUser,
        now: Moment,
    ) -> Result<(UserId, SetupCode), AccessError> {
        let new = checked(new)?;
        let code = SetupCode::random()?;
        let id = self.change(|connection| user_rows::insert(connection, &new, Some(&code), now))?;
        let id = id.ok_or(AccessError::NameTaken { name: new.name })?;
        Ok((id, code))
    }

    /// Every user, in the order in which they were made.
    ///
    /// # Errors
    /// When they cannot be read, or one says what this version does not know.
    pub fn users(&self) -> Result<Vec<UserRecord>, AccessError> {
        let users = user_rows::all(&self.connection).map_err(|error| self.told(error))?;
        let users = users.into_iter().map(|user| match user {
            Ok(user) => Ok(user.record),
            Err(unknown) => Err(AccessError::UnknownValue {
                path: self.path().to_owned(),
                kind: "user",
                id: unknown.id.to_string(),
                column: unknown.column,
            }),
        });
        users.collect()
    }

    /// Lets a user sign in, or not any more. Gives whether that is news.
    ///
    /// # Errors
    /// When there is no such user, or that cannot be kept.
    pub fn set_user_state(
        &mut self,
        name: &str,
        state: UserState,
        now: Moment,
    ) -> Result<bool, AccessError> {
        let who = Who::Anybody;
        self.change_user(name, who, |connection, id| {
            set_state(connection, id, state, now)
        })
    }

    /// Gives a user another role, and signs the person out. Gives whether it is another.
    ///
    /// # Errors
    /// When there is no such user, people cannot have the role, or that cannot be kept.
    pub fn set_user_role(
        &mut self,
        name: &str,
        role: Role,
        now: Moment,
    ) -> Result<bool, AccessError> {
        for_people(role)?;
        let who = Who::OfHere;
        self.change_user(name, who, |connection, id| {
            set_role(connection, id, role, now)
        })
    }

    /// Puts a user back to the beginning: no password, no app of codes, signed out. Gives the new setup code.
    ///
    /// # Errors
    /// When there is no such user, or that cannot be kept.
    pub fn reset_user(&mut self, name: &str, now: Moment) -> Result<SetupCode, AccessError> {
        let code = SetupCode::random()?;
        let who = Who::OfHere;
        self.change_user(name, who, |connection, id| {
            reset(connection, id, &code, now)
        })?;
        Ok(code)
    }

    fn change_user<T>(
        &mut self,
        name: &str,
        who: Who,
        make: impl FnOnce(&Connection, UserId) -> rusqlite::Result<T>,
    ) -> Result<T, AccessError> {
        let own = || name.to_owned();
        self.change(|connection| match user_rows::id_of(connection, name)? {
            Some(id) if !who.is_met(connection, id)? => {
                Ok(Err(AccessError::OfProvider { name: own() }))
            }
            Some(id) => make(connection, id).map(Ok),
            None => Ok(Err(AccessError::NoSuchUser { name: own() })),
        })?
    }
}

/// What `by` does has to be allowed to whoever has that session. It is asked in the transaction, so that who is
/// disabled or loses the role does nothing any more.
impl Accounts {
    /// Makes a user, and the setup code with which the person begins.
    ///
    /// # Errors
    /// When it is not allowed, there is one of this name, people cannot have the role, or it cannot be kept.
    pub fn add_user(
        &self,
        by: &Session,
        new: &NewUser,
    ) -> Result<(UserId, SetupCode), ManageError> {
        let new = checked(new)?;
        let code = SetupCode::random().map_err(AccessError::from)?;
        let now = self.shared.now();
        let id = self.change(|connection| match may_manage(connection, by)? {
            true => user_rows::insert(connection, &new, Some(&code), now).map(Ok),
            false => Ok(Err(ManageError::NotAllowed)),
        })??;
        let id = id.ok_or(AccessError::NameTaken { name: new.name })?;
        Ok((id, code))
    }

    /// Gives a user another role, and signs the person out. Gives whether it is another.
    ///
    /// # Errors
    /// When it is not allowed, it is the own account, there is no such user or an identity provider brought them, or it
    /// cannot be kept.
    pub fn set_role(&self, by: &Session, user: UserId, role: Role) -> Result<bool, ManageError> {
        for_people(role)?;
        self.manage(by, user, Who::OfHere, |connection, now| {
            set_role(connection, user, role, now)
        })
    }

    /// Gives a user other provinces. Who is signed in stays so, and has them at once.
    ///
    /// # Errors
    /// As [`Accounts::set_role`].
    pub fn set_provinces(
        &self,
        by: &Session,
        user: UserId,
        provinces: ProvinceSet,
    ) -> Result<(), ManageError> {
        self.manage(by, user, Who::OfHere, |connection, now| {
            user_rows::set_provinces(connection, user, provinces, now)
        })
    }

    /// Lets a user sign in, or not any more. Gives whether that is news.
    ///
    /// # Errors
    /// As [`Accounts::set_role`].
    pub fn set_state(
        &self,
        by: &Session,
        user: UserId,
        state: UserState,
    ) -> Result<bool, ManageError> {
        self.manage(by, user, Who::Anybody, |connection, now| {
            set_state(connection, user, state, now)
        })
    }

    /// Puts a user back to the beginning: no password, no app of codes, signed out. Gives the new setup code.
    ///
    /// # Errors
    /// As [`Accounts::set_role`].
    pub fn reset_user(&self, by: &Session, user: UserId) -> Result<SetupCode, ManageError> {
        let code = SetupCode::random().map_err(AccessError::from)?;
        self.manage(by, user, Who::OfHere, |connection, now| {
            reset(connection, user, &code, now)
        })?;
        Ok(code)
    }

    /// Signs a user out everywhere.
    ///
    /// # Errors
    /// As [`Accounts::set_role`].
    pub fn end_sessions(&self, by: &Session, user: UserId) -> Result<(), ManageError> {
        self.manage(by, user, Who::Anybody, |connection, _| {
            session_rows::end_of_user(connection, user, None)
        })
    }

    fn manage<T>(
        &self,
        by: &Session,
        user: UserId,
        who: Who,
        make: impl FnOnce(&Connection, Moment) -> rusqlite::Result<T>,
    ) -> Result<T, ManageError> {
        if by.user_id == user {
            return Err(ManageError::OwnAccount);
        }
        let now = self.shared.now();
        self.change(|connection| {
            if !may_manage(connection, by)? {
                return Ok(Err(ManageError::NotAllowed));
            }
            match user_rows::one(connection, user)? {
                Some(_) if !who.is_met(connection, user)? => Ok(Err(ManageError::OfProvider)),
                Some(_) => make(connection, now).map(Ok),
                None => Ok(Err(ManageError::NoSuchUser)),
            }
        })?
    }
}

/// Whether a session is still one, of a user who may change users.
fn may_manage(connection: &Connection, by: &Session) -> rusqlite::Result<bool> {
    if !session_rows::exists(connection, by.digest, by.user_id)? {
        return Ok(false);
    }
    let user = user_rows::one(connection, by.user_id)?;
    Ok(user.and_then(Result::ok).is_some_and(|user| {
        let record = user.record;
        record.state == UserState::Active && is_allowed(record.role, Action::ManageUsers)
    }))
}

//! Users, for the pages of administrators: the register of access, with every change in the access log.
//!
//! Must hold: that a change begins is durable before it is made, and how it ended before it is told; so none is made that
//! leaves no trace, whatever fails between.

use std::sync::Arc;

use super::access_log::millis;
use crate::access::{
    self, AccessError, ManageError, NewUser, ProvinceSet, SETUP_CODE_LIFE, Session, TotpRule,
    UserId, UserState,
};
use crate::access_log::AccessLog;
use crate::web::pages::{
    AccountSettings, Directory, DirectoryError, GivenCode, Member, MemberChange, NewMember,
};
use crate::web::{AccessAction, AccessEntry, Ledger, Stage, is_entry_code};

/// The longest object of an entry.
const LONGEST_ID: usize = 128;

/// Users of the register.
pub(in crate::server) struct RegisteredDirectory {
    pub(in crate::server) accounts: Arc<access::Accounts>,
    pub(in crate::server) log: Arc<AccessLog>,
    /// For how many days claims are decided on.
    pub(in crate::server) claims_days: Option<u32>,
    pub(in crate::server) notes_days: Option<u32>,
}

impl RegisteredDirectory {
    fn by(&self, cookie: &str) -> Result<Arc<Session>, DirectoryError> {
        let session = self.accounts.session(cookie);
        session.ok_or(DirectoryError::NotAllowed)
    }

    fn keep(
        &self,
        by: &Session,
        name: &str,
        fields: &[&str],
        stage: Stage,
    ) -> Result<(), DirectoryError> {
        let role = by.role.as_str();
        // A name may look like the number of a person.
        let marked = format!("user:{name}");
        let object = match is_entry_code(name, LONGEST_ID) {
            true => name,
            false => &marked,
        };
        let entry = AccessEntry::new(&by.name, role, AccessAction::ManageUser, stage);
        let entry = entry.object(object).fields(fields);
        let kept = self.log.record(&entry);
        kept.map_err(|_| DirectoryError::Unavailable)
    }

    /// Makes a change between the entry that it begins and the one that says how it ended.
    fn change_logged<T>(
        &self,
        by: &Session,
        name: &str,
        fields: &[&str],
        make: impl FnOnce() -> Result<T, ManageError>,
    ) -> Result<T, DirectoryError> {
        self.keep(by, name, fields, Stage::Begun)?;
        let made = make();
        let (objects, complete) = (u64::from(made.is_ok()), made.is_ok());
        self.keep(by, name, fields, Stage::Ended { objects, complete })?;
        made.map_err(refusal)
    }
}

impl Directory for RegisteredDirectory {
    fn members(&self) -> Result<Vec<Member>, DirectoryError> {
        // Without the index of the log it is not known when somebody signed in, and all else is.
        let signed_in = self.log.latest(AccessAction::SignIn.name());
        let signed_in = signed_in.unwrap_or_else(|error| {
            tracing::warn!(%error, "it is not known when users signed in");
            Default::default()
        });
        let users = self.accounts.users().into_iter();
        let member = |user: access::UserRecord| Member {
            id: user.id.0,
            role: user.role,
            provinces: super::people::codes(user.provinces),
            is_active: user.state == UserState::Active,
            has_begun: user.has_password || user.issuer.is_some(),
            has_totp: user.has_totp,
            is_brought: user.issuer.is_some(),
            setup_until: user.setup_until.map(|until| until.0),
            signed_in_at: signed_in.get(&user.name).map(|at| millis(*at)),
            sessions: self.accounts.sessions_of(user.id),
            name: user.name,
            display_name: user.display_name,
        };
        Ok(users.map(member).collect())
    }

    fn add(&self, cookie: &str, new: &NewMember) -> Result<(u32, GivenCode), DirectoryError> {
        let by = self.by(cookie)?;
        let user = NewUser {
            name: new.name.clone(),
            display_name: new.display_name.clone(),
            role: new.role,
            provinces: provinces(&new.provinces)?,
            language: new.language,
        };
        let fields = ["name", "role", "provinces", "setup_code"];
        let (id, code) = self.change_logged(&by, &new.name, &fields, || {
            self.accounts.add_user(&by, &user)
        })?;
        Ok((id.0, code.reveal()))
    }

    fn change(
        &self,
        cookie: &str,
        id: u32,
        change: &MemberChange,
    ) -> Result<Option<GivenCode>, DirectoryError> {
        let by = self.by(cookie)?;
        let id = UserId(id);
        let mut users = self.accounts.users().into_iter();
        let user = users.find(|user| user.id == id);
        let name = user.ok_or(DirectoryError::NoSuchUser)?.name;
        let accounts = &self.accounts;
        let logged = |field: &str, make: &dyn Fn() -> Result<(), ManageError>| {
            self.change_logged(&by, &name, &[field], make)
                .map(|()| None)
        };
        match change {
            MemberChange::Role(role) => {
                logged("role", &|| accounts.set_role(&by, id, *role).map(|_| ()))
            }
            MemberChange::Provinces(codes) => {
                let codes = provinces(codes)?;
                logged("provinces", &|| accounts.set_provinces(&by, id, codes))
            }
            MemberChange::Enable => logged("state", &|| {
                accounts.set_state(&by, id, UserState::Active).map(|_| ())
            }),
            MemberChange::Disable => logged("state", &|| {
                accounts.set_state(&by, id, UserState::Disabled).map(|_| ())
            }),
            MemberChange::EndSessions => logged("sessions", &|| accounts.end_sessions(&by, id)),
            MemberChange::Reset => {
                let fields = ["password", "totp", "setup_code"];
                let reset = || accounts.reset_user(&by, id);
                let code = self.change_logged(&by, &name, &fields, reset)?;
                Ok(Some(code.reveal()))
            }
        }
    }

    fn settings(&self) -> AccountSettings {
        let policy = self.accounts.policy();
        AccountSettings {
            is_totp_required: policy.totp == TotpRule::Required,
            idle: policy.idle,
            absolute: policy.absolute,
            setup_code: SETUP_CODE_LIFE,
            claims_days: self.claims_days,
            notes_days: self.notes_days,
        }
    }
}

fn provinces(codes: &[String]) -> Result<ProvinceSet, DirectoryError> {
    let set = ProvinceSet::from_codes(codes.iter().map(String::as_str));
    set.ok_or(DirectoryError::Unfit)
}

fn refusal(error: ManageError) -> DirectoryError {
    match error {
        ManageError::NotAllowed => DirectoryError::NotAllowed,
        ManageError::OwnAccount => DirectoryError::OwnAccount,
        ManageError::NoSuchUser => DirectoryError::NoSuchUser,
        ManageError::OfProvider => DirectoryError::OfProvider,
        ManageError::Access(AccessError::NameTaken { .. }) => DirectoryError::NameTaken,
        ManageError::Access(
            AccessError::NotAName
            | AccessError::NotADisplayName
            | AccessError::RoleOfSystems { .. },
        ) => DirectoryError::Unfit,
        ManageError::Access(error) => {
            tracing::error!(%error, "the register of access cannot be changed");
            DirectoryError::Unavailable
        }
    }
}

//! Users and sessions in memory, as the register has them.
//!
//! In: the register. Out: whose name, whose session. Must hold: a session of a user who may not sign in, or whom this
//! version cannot make sense of, is nobody's; when a session was last seen outlives that the register is read anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::Connection;
use zeroize::Zeroizing;

use super::attempts::{Attempts, FORGOTTEN, bucket};
use super::device::DeviceDigest;
use super::policy::AccountPolicy;
use super::session::{Session, SessionDigest};
use super::user::{UserId, UserState};
use super::user_rows::{Kept, SKEW};
use super::{device_rows, session_rows, user_rows};
use crate::notice::Moment;

#[derive(Default)]
pub(super) struct State {
    /// By name.
    users: HashMap<String, Arc<Kept>>,
    sessions: HashMap<SessionDigest, Live>,
    devices: HashMap<DeviceDigest, (UserId, Attempts)>,
    strangers: HashMap<u16, Attempts>,
    stranger_key: Zeroizing<[u8; 32]>,
}

/// A session that has not been ended. It may have ended by itself.
struct Live {
    session: Arc<Session>,
    /// When it was last seen, as [`Moment`].
    seen: Arc<AtomicI64>,
    /// What the register knows of that.
    noted: i64,
}

impl Live {
    /// Whether it has not ended by itself. A session that a clock which has been put back began in the future would
    /// be one for too long.
    fn is_on(&self, policy: &AccountPolicy, now: Moment) -> bool {
        let seen = Moment(self.seen.load(Ordering::Relaxed));
        let created = self.session.created_at;
        let latest = now.plus(SKEW);
        (policy.has_passwords || self.session.is_brought)
            && now.since(seen) < policy.idle
            && now.since(created) < policy.absolute
            && seen <= latest
            && created <= latest
    }
}

impl State {
    /// Reads the register; `before` is what was known.
    pub fn read(connection: &Connection, before: &Self) -> rusqlite::Result<Self> {
        let users = user_rows::all(connection)?;
        let devices = device_rows::all(connection)?.into_iter();
        let devices = devices.map(|(digest, user, attempts)| (digest, (user, attempts)));
        let mut names = HashMap::new();
        let mut state = Self {
            strangers: user_rows::strangers(connection)?.into_iter().collect(),
            stranger_key: user_rows::stranger_key(connection)?,
            devices: devices.collect(),
            ..Self::default()
        };
        for user in users.into_iter().flatten().map(Arc::new) {
            names.insert(user.record.id, user.clone());
            state.users.insert(user.record.name.clone(), user);
        }
        for row in session_rows::all(connection)? {
            let user = names.get(&row.user).map(|user| &user.record);
            let Some(user) = user.filter(|user| user.state == UserState::Active) else {
                continue;
            };
            let noted = row.seen_at.0;
            let known = before.sessions.get(&row.digest);
            let seen =
                known.map_or_else(|| Arc::new(AtomicI64::new(noted)), |live| live.seen.clone());
            seen.fetch_max(noted, Ordering::Relaxed);
            let session = Session {
                digest: row.digest,
                csrf: row.csrf,
                device: row.device,
                is_brought: user.issuer.is_some(),
                user_id: user.id,
                name: user.name.clone(),
                display_name: user.display_name.clone(),
                role: user.role,
                provinces: user.provinces,
                language: user.language,
                created_at: row.created_at,
                verified_at: row.verified_at,
            };
            let session = Arc::new(session);
            let live = Live {
                session,
                seen,
                noted,
            };
            state.sessions.insert(row.digest, live);
        }
        Ok(state)
    }

    /// The user of this name.
    pub fn user(&self, name: &str) -> Option<&Arc<Kept>> {
        self.users.get(name)
    }

    /// Every user.
    pub fn users(&self) -> impl Iterator<Item = &Arc<Kept>> {
        self.users.values()
    }

    /// What failed in a browser, if it is known as one of this user.
    pub fn device(&self, digest: DeviceDigest, user: UserId) -> Option<Attempts> {
        let (own, attempts) = self.devices.get(&digest)?;
        (*own == user).then_some(*attempts)
    }

    /// The place of a name that nobody has, and the attempts at it.
    pub fn stranger(&self, name: &str) -> (u16, Attempts) {
        let bucket = bucket(name, &self.stranger_key);
        let attempts = self.strangers.get(&bucket).copied();
        (bucket, attempts.unwrap_or(Attempts::NONE))
    }

    /// The session of a digest, if it has not ended.
    pub fn session(
        &self,
        digest: SessionDigest,
        policy: &AccountPolicy,
        now: Moment,
    ) -> Option<&Arc<Session>> {
        let live = self.sessions.get(&digest)?;
        live.is_on(policy, now).then_some(&live.session)
    }

    /// Notes that a session is used.
    pub fn touch(&self, digest: SessionDigest, now: Moment) {
        let Some(live) = self.sessions.get(&digest) else {
            return;
        };
        // Most requests only read here, so that threads do not take the line from each other.
        if now.0 - live.seen.load(Ordering::Relaxed) >= 1000 {
            live.seen.fetch_max(now.0, Ordering::Relaxed);
        }
    }

    /// Sessions that were seen since the register was told, and when.
    pub fn seen(&self) -> Vec<(SessionDigest, Moment)> {
        let seen = self.sessions.iter().filter_map(|(digest, live)| {
            let seen = live.seen.load(Ordering::Relaxed);
            (seen > live.noted).then_some((*digest, Moment(seen)))
        });
        seen.collect()
    }

    /// Whether there is something that has ended by itself.
    pub fn has_ended(&self, policy: &AccountPolicy, now: Moment) -> bool {
        let mut strangers = self.strangers.values();
        self.sessions.values().any(|live| !live.is_on(policy, now))
            || strangers.any(|attempts| now.since(attempts.failed_at) >= FORGOTTEN)
    }

    /// How many sessions of a user have not ended.
    pub fn sessions_of(&self, user: UserId, policy: &AccountPolicy, now: Moment) -> usize {
        let of_user = self.sessions.values();
        of_user
            .filter(|live| live.session.user_id == user && live.is_on(policy, now))
            .count()
    }
}

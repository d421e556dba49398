//! Requests for corrections on the desk: how they come in, are looked into, and answered.
//!
//! ```text
//! received ──start──▶ in review ──accept──▶ accepted (passed on to whoever keeps the register)
//!    ▲                    │  └────refuse──▶ refused (with the reason)
//!    └──────release───────┘
//! ```
//! Must hold: an assertion is good once, also after a restart; what is asked for is bounded by person and by portal; what was
//! answered stays; another person's request is as one that does not exist; each look and act is in the access log before it is
//! answered; what was typed is encrypted.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::band::later;
use super::correction::{
    ANSWERED_WITHIN, CORRECTIONS_PER_DAY, Correction, CorrectionAction, CorrectionCase,
    CorrectionEvent, CorrectionLine, CorrectionRefused, CorrectionState, LONGEST_TEXT,
    LONGEST_VALUE, NewCorrection, REQUESTS_PER_HOUR, UsedAssertion,
};
use super::database::{Durable, Failure};
use super::desk::{Desk, epoch};
use super::desk_log::Access;
use super::error::DeskError;
use super::item::GroupId;
use super::lists::{self, Group};
use super::reveal::{HOUR, room_to_reveal};
use super::review_key::ReviewKey;
use super::typed::Typed;
use super::viewer::Viewer;
use crate::access::{Action, Role, is_allowed};
use crate::hex::hex;
use crate::record::{Day, Instant, Stream};
use crate::self_check::OwnField;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * HOUR;
/// Requests of a list.
const LISTED: u32 = 200;
/// The columns of [`correction`], in its order.
const COLUMNS: &str = "reference, at, due_day, portal, person, stream, field, state, handler, should_be, note, answer, \
     answered_at, version";

/// What an operation can come to: refused is told apart from what failed.
type Outcome<T> = Result<Result<T, CorrectionRefused>, Failure>;

impl Desk {
    /// Uses an assertion: never again, and as often as the person and the portal may. When it returns, that is durable.
    ///
    /// # Errors
    /// When it was used, or as much was asked for as may be: it is not used then.
    pub fn use_assertion(&self, used: &UsedAssertion<'_>) -> Result<(), CorrectionRefused> {
        let id = [used.portal.as_bytes(), used.id.as_bytes()];
        let digest = self.key().digest(&[b"assertion", id[0], id[1]]);
        self.correct(|transaction| {
            let now = used.now;
            transaction.execute("DELETE FROM used_assertion WHERE until <= ?", [now])?;
            transaction.execute("DELETE FROM portal_request WHERE at <= ?", [now - HOUR])?;
            let known = "SELECT EXISTS (SELECT 1 FROM used_assertion WHERE digest = ?)";
            if transaction.query_row(known, [digest.0], |row| row.get(0))? {
                return Ok(Err(CorrectionRefused::Replayed));
            }
            let of_person = "SELECT at FROM portal_request WHERE person = ?1 AND at > ?2
                ORDER BY at DESC LIMIT 1 OFFSET ?3";
            let bound = params![used.person.0, now - HOUR, REQUESTS_PER_HOUR - 1];
            if let Some(at) = first(transaction, of_person, bound)? {
                return Ok(Err(CorrectionRefused::Spent { next: at + HOUR }));
            }
            let of_portal = "SELECT at FROM portal_request WHERE portal = ?1 AND at > ?2
                ORDER BY at DESC LIMIT 1 OFFSET ?3";
            let bound = params![used.portal, now - MINUTE, used.per_minute.max(1) - 1];
            if let Some(at) = first(transaction, of_portal, bound)? {
                return Ok(Err(CorrectionRefused::Spent { next: at + MINUTE }));
            }
            let insert = "INSERT INTO used_assertion (digest, until) VALUES (?, ?)";
            transaction.execute(insert, params![digest.0, used.until])?;
            let insert = "INSERT INTO portal_request (at, portal, person) VALUES (?, ?, ?)";
            transaction.execute(insert, params![now, used.portal, used.person.0])?;
            Ok(Ok(()))
        })
    }

    /// Takes a request in. When it returns, it is durable, and in the access log.
    ///
    /// # Errors
    /// When it is not one, they have asked for as many as they may today, or it cannot be kept.
    pub fn request_correction(&self, new: &NewCorrection) -> Result<Correction, CorrectionRefused> {
        let is_right = OwnField::of(new.stream).contains(&new.field)
            && is_text(&new.should_be, LONGEST_VALUE)
            && new
                .note
                .as_deref()
                .is_none_or(|note| is_text(note, LONGEST_TEXT));
        if !is_right {
            return Err(CorrectionRefused::Wrong);
        }
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(DeskError::from)?;
        let reference = hex(&bytes);
        let now = self.now();
        let today = day_of(now);
        self.correct(|transaction| {
            let of_person = "SELECT at FROM correction WHERE person = ?1 AND at > ?2
                ORDER BY at DESC LIMIT 1 OFFSET ?3";
            let bound = params![new.person.0, now - DAY, CORRECTIONS_PER_DAY - 1];
            if let Some(at) = first(transaction, of_person, bound)? {
                return Ok(Err(CorrectionRefused::Spent { next: at + DAY }));
            }
            let key = self.key();
            let sealed = |purpose: &str, text: &str| key.seal(now, &about(&reference, purpose), text);
            let note = new.note.as_deref().map(|note| sealed("note", note));
            let insert = "INSERT INTO correction (reference, at, due_day, portal, person, stream, field, subject, should_be,
                note, state, version) VALUES (:reference, :at, :due, :portal, :person, :stream, :field, :subject, :should_be,
                :note, 'received', 1)";
            transaction.execute(insert, named_params! {
                ":reference": reference,
                ":at": now,
                ":due": later(today, ANSWERED_WITHIN).number(),
                ":portal": new.portal,
                ":person": new.person.0,
                ":stream": new.stream.name(),
                ":field": new.field.as_str(),
                ":subject": sealed("subject", &new.subject)?,
                ":should_be": sealed("should_be", &new.should_be)?,
                ":note": note.transpose()?,
            })?;
            let insert = "INSERT OR IGNORE INTO correction_person (person, reference) VALUES (?, ?)";
            for person in new.people.iter().chain([&new.person]) {
                transaction.execute(insert, params![person.0, reference])?;
            }
            let who = of_portal(&new.portal);
            let epoch = epoch(transaction)?;
            add_event(transaction, &who, &reference, CorrectionAction::Request, (now, epoch))?;
            let access = Access::AskedForCorrection(&reference, new.person);
            self.log.record(&who, &access, epoch)?;
            let kept = find(transaction, &reference, &key)?;
            Ok(kept.ok_or(CorrectionRefused::NotFound))
        })
    }

    /// The request of a citizen; another person's is as one that does not exist. The look is the portal's to log.
    ///
    /// # Errors
    /// When there is none, or the database cannot be read.
    pub fn correction_of(
        &self,
        person: GroupId,
        reference: &str,
    ) -> Result<Correction, CorrectionRefused> {
        let found = self
            .database
            .read(|connection| find(connection, reference, &self.key()))?;
        let found = found.filter(|found| found.person == person);
        found.ok_or(CorrectionRefused::NotFound)
    }

    /// The requests of a citizen, the last first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn corrections_of(&self, person: GroupId) -> Result<Vec<CorrectionLine>, DeskError> {
        let of = "SELECT reference FROM correction WHERE person = ?1";
        self.database
            .read(|connection| lines(connection, of, params![person.0], "at DESC"))
    }

    /// The requests of whom an alert is about, as who works on the alert is told of them: that there are any.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn corrections_about(&self, person: GroupId) -> Result<Vec<CorrectionLine>, DeskError> {
        let of = "SELECT reference FROM correction_person WHERE person = ?1
            UNION SELECT reference FROM correction_person JOIN citizen ON citizen.citizen = correction_person.person
            WHERE citizen.person = ?1";
        self.database
            .read(|connection| lines(connection, of, params![person.0], "at DESC"))
    }

    /// Requests, those that are due first; answered ones, the last first. The look is in the access log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn corrections(
        &self,
        who: &Viewer,
        is_open: bool,
    ) -> Result<Vec<CorrectionLine>, DeskError> {
        let (of, order) = match is_open {
            true => (
                "SELECT reference FROM correction WHERE state IN ('received', 'in_review')",
                "due_day, at",
            ),
            false => (
                "SELECT reference FROM correction WHERE state IN ('accepted', 'refused')",
                "answered_at DESC",
            ),
        };
        let (found, epoch) = self.database.read(|connection| {
            Ok((lines(connection, of, params![], order)?, epoch(connection)?))
        })?;
        self.log
            .record(who, &Access::Corrections(found.len() as u64), epoch)?;
        Ok(found)
    }

    /// A request, what was done about it, and where alerts of the person are. The look is in the access log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn correction(
        &self,
        who: &Viewer,
        reference: &str,
    ) -> Result<Option<CorrectionCase>, DeskError> {
        let (found, epoch) = self.database.read(|connection| {
            let Some(found) = find(connection, reference, &self.key())? else {
                return Ok((None, 0));
            };
            let case = CorrectionCase {
                correction: found,
                events: events(connection, reference)?,
                groups: groups(connection, who, reference)?,
            };
            Ok((Some(case), epoch(connection)?))
        })?;
        if let Some(case) = &found {
            let access = Access::Correction(reference, case.correction.person);
            self.log.record(who, &access, epoch)?;
        }
        Ok(found)
    }

    /// Does something about a request that was seen at a version, which is one later then; gives what it became. When it
    /// returns, it is durable, and in the access log.
    ///
    /// # Errors
    /// When it may not be done, or it cannot be kept: nothing is done then.
    pub fn act_on_correction(
        &self,
        who: &Viewer,
        reference: &str,
        (action, version): (CorrectionAction, u64),
        answer: Option<&str>,
    ) -> Result<CorrectionState, CorrectionRefused> {
        let now = self.now();
        self.correct(|transaction| {
            let key = self.key();
            let Some(found) = find(transaction, reference, &key)? else {
                return Ok(Err(CorrectionRefused::NotFound));
            };
            if found.version != version {
                return Ok(Err(CorrectionRefused::Moved));
            }
            let Some(state) = after(who, &found, action) else {
                return Ok(Err(CorrectionRefused::NotPossible));
            };
            let answer = answer.map(str::trim).filter(|_| !state.is_open());
            if !state.is_open() && !answer.is_some_and(|answer| is_text(answer, LONGEST_TEXT)) {
                return Ok(Err(CorrectionRefused::Wrong));
            }
            let sealed = answer.map(|answer| key.seal(now, &about(reference, "answer"), answer));
            let update =
                "UPDATE correction SET state = :state, handler = :handler, answer = :answer,
                answered_at = :answered_at, version = version + 1 WHERE reference = :reference";
            transaction.execute(
                update,
                named_params! {
                    ":state": state.as_str(),
                    ":handler": (state != CorrectionState::Received).then_some(&who.name),
                    ":answer": sealed.transpose()?,
                    ":answered_at": (!state.is_open()).then_some(now),
                    ":reference": reference,
                },
            )?;
            let epoch = epoch(transaction)?;
            add_event(transaction, who, reference, action, (now, epoch))?;
            let access = Access::DidCorrection(action, reference, found.person);
            self.log.record(who, &access, epoch)?;
            Ok(Ok(state))
        })
    }

    /// The number of whom a request is about, for who looks into it. It is in the access log when this returns.
    ///
    /// # Errors
    /// When it is not theirs, they have had as many shown as they may in an hour, or it cannot be kept.
    pub fn reveal_correction(
        &self,
        who: &Viewer,
        reference: &str,
    ) -> Result<String, CorrectionRefused> {
        let (now, most) = (self.now(), self.reveals_per_hour);
        self.correct(|transaction| {
            let key = self.key();
            let found = find(transaction, reference, &key)?;
            let Some(found) = found.filter(|found| is_handled_by(who, found)) else {
                return Ok(Err(CorrectionRefused::NotFound));
            };
            if let Some(next) = room_to_reveal(transaction, (&who.name, now), most)? {
                return Ok(Err(CorrectionRefused::Spent { next }));
            }
            let sealed = "SELECT subject FROM correction WHERE reference = ?";
            let sealed: Vec<u8> = transaction.query_row(sealed, [reference], |row| row.get(0))?;
            let Typed::Text(number) = key.open(&about(reference, "subject"), &sealed)? else {
                return Ok(Err(CorrectionRefused::NotPossible));
            };
            let epoch = epoch(transaction)?;
            add_event(
                transaction,
                who,
                reference,
                CorrectionAction::Reveal,
                (now, epoch),
            )?;
            let access = Access::DidCorrection(CorrectionAction::Reveal, reference, found.person);
            self.log.record(who, &access, epoch)?;
            Ok(Ok(number))
        })
    }

    fn correct<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<T>,
    ) -> Result<T, CorrectionRefused> {
        let done = self.database.write(Durable::Synced, work);
        done.map_err(|failure| self.database.told(failure))?
    }
}

/// What a request becomes, where somebody may do this about it.
fn after(who: &Viewer, found: &Correction, action: CorrectionAction) -> Option<CorrectionState> {
    if !is_allowed(who.role, Action::AnswerCorrections) {
        return None;
    }
    match (found.state, action) {
        (CorrectionState::Received, CorrectionAction::Start) => Some(CorrectionState::InReview),
        (CorrectionState::InReview, _) if !is_handled_by(who, found) => None,
        (CorrectionState::InReview, CorrectionAction::Release) => Some(CorrectionState::Received),
        (CorrectionState::InReview, CorrectionAction::Accept) => Some(CorrectionState::Accepted),
        (CorrectionState::InReview, CorrectionAction::Refuse) => Some(CorrectionState::Refused),
        _ => None,
    }
}

/// Whether somebody looks into it, or supervises who does.
fn is_handled_by(who: &Viewer, found: &Correction) -> bool {
    let has_it = found.handler.as_deref() == Some(&who.name);
    is_allowed(who.role, Action::AnswerCorrections)
        && found.state == CorrectionState::InReview
        && (has_it || who.is_supervisor())
}

/// What somebody may do about a request now.
pub fn allowed_corrections(who: &Viewer, found: &Correction) -> Vec<CorrectionAction> {
    let all = CorrectionAction::ALL.iter().copied();
    all.filter(|action| match action {
        CorrectionAction::Reveal => is_handled_by(who, found),
        action => after(who, found, *action).is_some(),
    })
    .collect()
}

fn day_of(now: i64) -> Day {
    Instant::from_millis(now).unwrap_or(Instant::MAX).day()
}

fn is_text(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest
}

/// A text is sealed under what it is of, so that none can be put in the place of another.
fn about(reference: &str, purpose: &str) -> String {
    format!("correction/{reference}/{purpose}")
}

fn of_portal(name: &str) -> Viewer {
    Viewer {
        name: name.to_owned(),
        role: Role::Portal,
        provinces: Vec::new(),
    }
}

fn first(
    connection: &Connection,
    query: &str,
    values: impl rusqlite::Params,
) -> Result<Option<i64>, Failure> {
    let mut query = connection.prepare_cached(query)?;
    Ok(query.query_row(values, |row| row.get(0)).optional()?)
}

fn add_event(
    transaction: &Transaction<'_>,
    who: &Viewer,
    reference: &str,
    action: CorrectionAction,
    (now, epoch): (i64, u64),
) -> Result<(), Failure> {
    let insert = "INSERT INTO correction_event (at, reference, actor, role, action, epoch) VALUES (?, ?, ?, ?, ?, ?)";
    let values = params![
        now,
        reference,
        who.name,
        who.role.as_str(),
        action.as_str(),
        epoch
    ];
    transaction.execute(insert, values)?;
    Ok(())
}

fn unknown(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, String::new(), rusqlite::types::Type::Text)
}

fn stream(name: &str) -> Option<Stream> {
    Stream::ALL.iter().find(|one| one.name() == name).copied()
}

/// What a list has of a row whose columns begin as [`COLUMNS`].
fn line(row: &Row<'_>) -> rusqlite::Result<CorrectionLine> {
    let word = |column: usize| row.get::<_, String>(column);
    Ok(CorrectionLine {
        reference: row.get(0)?,
        at: row.get(1)?,
        due: Day::from_number(row.get(2)?),
        stream: stream(&word(5)?).ok_or_else(|| unknown(5))?,
        field: OwnField::from_name(&word(6)?).ok_or_else(|| unknown(6))?,
        state: CorrectionState::from_name(&word(7)?).ok_or_else(|| unknown(7))?,
        handler: row.get(8)?,
    })
}

/// The requests whose references a query gives.
fn lines(
    connection: &Connection,
    of: &str,
    values: impl rusqlite::Params,
    order: &str,
) -> Result<Vec<CorrectionLine>, Failure> {
    let query = format!(
        "SELECT {COLUMNS} FROM correction WHERE reference IN ({of}) ORDER BY {order}, reference LIMIT {LISTED}"
    );
    let mut query = connection.prepare_cached(&query)?;
    let found = query.query_map(values, line)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A request, opened.
fn find(
    connection: &Connection,
    reference: &str,
    key: &ReviewKey,
) -> Result<Option<Correction>, Failure> {
    let query = format!("SELECT {COLUMNS} FROM correction WHERE reference = ?");
    let mut query = connection.prepare_cached(&query)?;
    let mut found = query.query([reference])?;
    let Some(row) = found.next()? else {
        return Ok(None);
    };
    let open = |purpose: &str, sealed: Option<Vec<u8>>| {
        let opened = sealed.map(|sealed| key.open(&about(reference, purpose), &sealed));
        opened.transpose()
    };
    let line = line(row)?;
    Ok(Some(Correction {
        reference: line.reference,
        at: line.at,
        due: line.due,
        portal: row.get(3)?,
        person: GroupId(row.get(4)?),
        stream: line.stream,
        field: line.field,
        should_be: open("should_be", row.get(9)?)?.unwrap_or(Typed::Erased),
        note: open("note", row.get(10)?)?,
        state: line.state,
        handler: line.handler,
        answer: open("answer", row.get(11)?)?,
        answered_at: row.get(12)?,
        version: row.get(13)?,
    }))
}

/// The groups of the person that have alerts which somebody sees.
fn groups(connection: &Connection, who: &Viewer, reference: &str) -> Result<Vec<GroupId>, Failure> {
    let query = "SELECT person FROM correction_person WHERE reference = ? ORDER BY person";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_map([reference], |row| row.get(0).map(GroupId))?;
    let mut groups = Vec::new();
    for group in found {
        let group = group?;
        if lists::group_count(connection, who, &Group::Person(group))? > 0 {
            groups.push(group);
        }
    }
    Ok(groups)
}

fn events(connection: &Connection, reference: &str) -> Result<Vec<CorrectionEvent>, Failure> {
    let query =
        "SELECT at, actor, role, action FROM correction_event WHERE reference = ? ORDER BY number";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_map([reference], |row| {
        let word = |column: usize| row.get::<_, String>(column);
        Ok(CorrectionEvent {
            at: row.get(0)?,
            actor: row.get(1)?,
            role: Role::from_name(&word(2)?).ok_or_else(|| unknown(2))?,
            action: CorrectionAction::from_name(&word(3)?).ok_or_else(|| unknown(3))?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

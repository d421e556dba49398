//! Claims are retired as days pass, and restored when that is asked for: the resolver takes what the dataflow holds
//! of them back, and feeds it again.
//!
//! In: days that pass, another window, keys that are restored. Out: updates, and which claims moved. Must hold:
//! the dataflow holds the content of a key exactly while it is decided on; rows are never forgotten.

use super::retention::RetentionWindow;
use super::{ResolveError, Resolver, reference};
use crate::dataflow::{Content, Fed, UPDATES_PER_MESSAGE};
use crate::journal::{Row, Rows};
use crate::record::{Day, Key};

impl Resolver<'_> {
    /// Restores claims and check-ins up to a day, in the epoch in progress; also before their rows are known.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn restore(&mut self, keys: &[Key], until: Day) -> Result<(), ResolveError> {
        self.resolve_taken()?;
        let shared = self.rows.clone();
        let rows = shared.read();
        for key in keys {
            let latest = rows.latest(key).map_err(ResolveError::Scratch)?;
            let row = latest.map(|(_, row)| row);
            let Some((row, content)) = row.as_ref().and_then(held) else {
                self.retention.restore(key, until);
                continue;
            };
            let was_kept = self.is_kept(key, content);
            self.retention.restore(key, until);
            if self.is_kept(key, content) {
                let window = self.in_force.retention;
                self.retention.expect(window, (key, row.number), content);
                if !was_kept {
                    self.turn((row, content), 1, &rows)?;
                }
            }
        }
        Ok(())
    }

    /// What is restored, and up to which day.
    pub fn restored(&self) -> impl Iterator<Item = (&Key, Day)> {
        let restored = self.retention.restored().iter();
        restored.map(|(key, until)| (key, *until))
    }

    /// Retires what a day that passes puts beyond the window.
    pub(super) fn retire(&mut self, since: Option<Day>, until: Day) -> Result<(), ResolveError> {
        let window = self.in_force.retention;
        let due = self.retention.take_due(until);
        let shared = self.rows.clone();
        let rows = shared.read();
        for number in due {
            let key = rows.key(number).map_err(ResolveError::Scratch)?;
            let latest = rows.latest(&key).map_err(ResolveError::Scratch)?;
            let row = latest.map(|(_, row)| row);
            let Some((row, content)) = row.as_ref().and_then(held) else {
                continue;
            };
            let is_kept = |as_of| (self.retention).is_kept((window, as_of), &key, content);
            if is_kept(since) && !is_kept(Some(until)) {
                self.turn((row, content), -1, &rows)?;
            }
        }
        self.retention.forget_restored(until);
        Ok(())
    }

    /// Gives force to another window: what is beyond it is retired, and what is within it again is decided on.
    pub(super) fn change_window(
        &mut self,
        from: Option<RetentionWindow>,
        to: Option<RetentionWindow>,
    ) -> Result<(), ResolveError> {
        self.retention.forget_due();
        let shared = self.rows.clone();
        let rows = shared.read();
        rows.each_latest(ResolveError::Scratch, |row| {
            let Some((row, content @ (Content::Claim(_) | Content::CheckIn(_)))) = held(row) else {
                return Ok(());
            };
            let [was_kept, is_kept] = [from, to]
                .map(|window| (self.retention).is_kept((window, self.passed), &row.key, content));
            if is_kept {
                (self.retention).expect(to, (&row.key, row.number), content);
            }
            match (was_kept, is_kept) {
                (true, false) => self.turn((row, content), -1, &rows),
                (false, true) => self.turn((row, content), 1, &rows),
                _ => Ok(()),
            }
        })
    }

    /// Whether content of a key is decided on.
    pub(super) fn is_kept(&self, key: &Key, content: &Content) -> bool {
        let of = (self.in_force.retention, self.passed);
        self.retention.is_kept(of, key, content)
    }

    /// Notes when content that a key holds anew may be retired.
    pub(super) fn expect_to_retire(&mut self, row: &Row<Content>) {
        if let Some(content) = &row.content
            && self.is_kept(&row.key, content)
        {
            let window = self.in_force.retention;
            self.retention
                .expect(window, (&row.key, row.number), content);
        }
    }

    /// Takes what a key holds back from the dataflow, or feeds it again, unless it is not fed because its claim is
    /// known.
    fn turn(
        &mut self,
        (row, content): (&Row<Content>, &Content),
        diff: i32,
        rows: &Rows<Content>,
    ) -> Result<(), ResolveError> {
        if self.is_claimed_check_in(&row.key, rows)? {
            return Ok(());
        }
        let fed = Fed {
            number: row.number,
            since: row.since,
            content,
        };
        self.feed(fed, diff, rows)?;
        // Of the first epoch, which may be all that the journal holds, nobody asks what it did.
        if self.epochs > 0 {
            let claim = reference(&row.key, row.number);
            match diff > 0 {
                true => self.retention.moved.restore(claim),
                false => self.retention.moved.retire(claim),
            }
        }
        match self.updates.len() >= UPDATES_PER_MESSAGE {
            true => self.send_updates(),
            false => Ok(()),
        }
    }
}

/// A row with its content, where it has some.
fn held(row: &Row<Content>) -> Option<(&Row<Content>, &Content)> {
    row.content.as_ref().map(|content| (row, content))
}

//! The parameters of a URL, read strictly: a parameter that is misspelt must not be a filter that is left out.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use http::request::Parts;

use super::access::is_entry_code;
use super::options::ReadLimits;
use super::problem::Problem;
use crate::access::is_plain_name;
use crate::record::{Day, Value as _};

/// What stands after the `?`.
pub(super) struct Parameters {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = query.map_err(|_: QueryRejection| {
            let remedy = "encode the parameters as `application/x-www-form-urlencoded`";
            Problem::bad("bad_parameter", "the parameters cannot be read", remedy)
        })?;
        Ok(Self {
            pairs,
            known: Vec::new(),
        })
    }
}

impl Parameters {
    /// The text of a parameter; an empty one says nothing.
    fn take(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.known.push(name);
        let mut found = None;
        let mut twice = false;
        self.pairs.retain(|(key, value)| {
            let is_it = key == name;
            if is_it {
                twice |= found.replace(value.clone()).is_some();
            }
            !is_it
        });
        if twice {
            return Err(bad(name, "is given twice"));
        }
        Ok(found.filter(|text| !text.is_empty()))
    }

    /// A word of lower-case letters, digits and `_`.
    pub fn word(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let text = self.take(name)?;
        match text {
            Some(text) if !is_word(&text) => {
                let expected = "must be of lower-case letters, digits and `_`, at most 64 of them";
                Err(bad(name, expected))
            }
            text => Ok(text),
        }
    }

    /// A name under which somebody signs in.
    pub fn plain_name(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name)? {
            Some(text) if !is_plain_name(&text) => Err(bad(
                name,
                "must be of a-z, 0-9, `.`, `-` and `_`, at most 64 of them",
            )),
            text => Ok(text),
        }
    }

    /// A code of so many digits.
    pub fn digits(&mut self, name: &'static str, count: usize) -> Result<Option<String>, Problem> {
        match self.take(name)? {
            Some(text)
                if text.len() != count || !text.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Err(bad(name, &format!("must be of {count} digits")))
            }
            text => Ok(text),
        }
    }

    /// The one of a list that a word names.
    pub fn one_of<T>(
        &mut self,
        name: &'static str,
        known: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let word = self.word(name)?;
        word.map(|word| known(&word).ok_or_else(|| bad(name, "has a value that is not known")))
            .transpose()
    }

    /// A code or an id as entries of the access log have them; not what may be a person's.
    pub fn entry_code(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name)? {
            Some(text) if !is_entry_code(&text, 128) => {
                let expected = "must be a code or an id of an entry, and no number of a person";
                Err(bad(name, expected))
            }
            text => Ok(text),
        }
    }

    /// A day.
    pub fn day(&mut self, name: &'static str) -> Result<Option<Day>, Problem> {
        let text = self.take(name)?;
        let day = |text: String| {
            Day::from_text(&text).ok_or_else(|| bad(name, "must be a day as YYYY-MM-DD"))
        };
        text.map(day).transpose()
    }

    /// The number of an epoch.
    pub fn epoch(&mut self, name: &'static str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.take(name)? else {
            return Ok(None);
        };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        match text
            .parse::<i64>()
            .ok()
            .and_then(|number| u64::try_from(number).ok())
        {
            Some(epoch) if is_number => Ok(Some(epoch)),
            _ => Err(bad(name, "must be the number of an epoch")),
        }
    }

    /// A finite number.
    pub fn number(&mut self, name: &'static str) -> Result<Option<f64>, Problem> {
        let Some(text) = self.take(name)? else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(bad(name, "must be a number")),
        }
    }

    /// How many objects a page may have, and where the page before ended.
    pub fn page(&mut self, limits: &ReadLimits) -> Result<(u32, Option<String>), Problem> {
        let limit = match self.take("limit")? {
            None => limits.page,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=limits.max_page).contains(&limit) => limit,
                _ => {
                    let expected = format!("must be a number from 1 to {}", limits.max_page);
                    return Err(bad("limit", &expected));
                }
            },
        };
        let page = self.take("page")?;
        let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte);
        match &page {
            Some(text) if text.len() > 512 || !text.bytes().all(is_ours) => {
                Err(bad("page", "is not one that was given out as `next_page`"))
            }
            _ => Ok((limit, page)),
        }
    }

    /// Nothing else may be left.
    pub fn end(self) -> Result<(), Problem> {
        if self.pairs.is_empty() {
            return Ok(());
        }
        let detail = match self.known.as_slice() {
            [] => "this address has no parameters".to_owned(),
            known => format!(
                "a parameter is not known here; known are {}",
                known.join(", ")
            ),
        };
        Err(Problem::bad(
            "bad_parameter",
            detail,
            "leave it out, or correct its name",
        ))
    }
}

/// Whether a text is a name as codes, reasons and sources have them.
pub(super) fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// The problem that a parameter is wrong: its name, and what is expected.
pub(super) fn bad(name: &str, what: &str) -> Problem {
    let detail = format!("the parameter `{name}` {what}");
    Problem::bad("bad_parameter", detail, "correct the parameter")
}

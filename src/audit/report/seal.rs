//! The digests that a report carries of itself.
//!
//! In: the head and the sections of a report; back: the bytes of one. Out: the whole with its digests; or what it
//! states, or what is wrong and where. Must hold: whatever byte is changed, added or cut, it is found, and the place is told
//! as far as a digest tells it.
//!
//! A section states SHA-256 of the bytes between its tags. The head states SHA-256 of the whole file, in which the 64
//! digits of that digest itself are zeros. Everything between sections and after the last is fixed. The digests find what
//! changed by mistake, and where; who changes a report on purpose can make them anew, so note the digest of the whole
//! elsewhere, such as in the working papers.

use std::fmt;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::hex::{hex, unhex};

/// Before the digest of the whole.
const WHOLE: &str = "<meta name=\"fundwatch-report\" content=\"1 sha256:";
/// Before the digest of the run's manifest, after that of the whole.
const MANIFEST: &str = " manifest-sha256:";
/// After it.
const MANIFEST_END: &str = "\">\n";
/// A section's begin, before its id.
const SECTION: &str = "<section id=\"";
/// Between the id and the digest.
const SECTION_SHA256: &str = "\" data-sha256=\"";
/// After the digest.
const SECTION_BEGIN: &str = "\">";
/// A section's end.
const SECTION_END: &str = "</section>\n";
/// What follows the last section.
const TAIL: &str = "</main>\n</body>\n</html>\n";
/// Digits of a digest.
const DIGITS: usize = 64;

/// A section: its id, and what stands in it.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The id: lower-case letters.
    pub id: &'static str,
    /// The bytes between its tags.
    pub body: String,
}

/// The line of the head that has the digests.
pub(super) fn place(manifest_sha256: &str) -> String {
    let zeros = "0".repeat(DIGITS);
    format!("{WHOLE}{zeros}{MANIFEST}{manifest_sha256}{MANIFEST_END}")
}

/// A whole report: `head` is everything before the first section, with [`place`] in it once.
pub(super) fn seal(head: &str, sections: &[Sealed]) -> String {
    let mut text = head.to_owned();
    for section in sections {
        let digest = hex(&Sha256::digest(section.body.as_bytes()));
        for part in [
            SECTION,
            section.id,
            SECTION_SHA256,
            &digest,
            SECTION_BEGIN,
            &section.body,
            SECTION_END,
        ] {
            text.push_str(part);
        }
    }
    text.push_str(TAIL);
    let digest = hex(&Sha256::digest(text.as_bytes()));
    if let Some(at) = text.find(WHOLE) {
        let at = at + WHOLE.len();
        text.replace_range(at..at + DIGITS, &digest);
    }
    text
}

/// What an unchanged report states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSeal {
    /// SHA-256 of the whole, with its own digits as zeros.
    pub sha256: String,
    /// SHA-256 of the manifest of the run that it reports on.
    pub manifest_sha256: String,
    /// Its sections in order: id and SHA-256.
    pub sections: Vec<(String, String)>,
}

/// Where a report is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the first section: the head with its style, title and contents, or the digest of the whole.
    Head,
    /// In a section, or its tags.
    Section(String),
    /// After a section that is as it was, where another one or the end is to begin.
    After(String),
    /// After the last section.
    End,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("before the first section"),
            Self::Section(id) => write!(f, "in section `{id}`"),
            Self::After(id) => write!(f, "after section `{id}`"),
            Self::End => f.write_str("after the last section"),
        }
    }
}

/// A report is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the report was changed {place}: {what}; make it again with `fundwatch report`")]
pub struct SealError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub what: &'static str,
}

fn broken(place: Place, what: &'static str) -> SealError {
    SealError { place, what }
}

/// Whether bytes look like a report, changed or not.
pub fn is_report(bytes: &[u8]) -> bool {
    find(bytes, WHOLE.as_bytes()).is_some()
}

/// Compares a report with the digests that it carries.
///
/// # Errors
/// When a byte was changed, added or cut, with where.
pub fn verify(bytes: &[u8]) -> Result<ReportSeal, SealError> {
    let first = find(bytes, SECTION.as_bytes());
    let head = &bytes[..first.unwrap_or(bytes.len())];
    let (mut sections, mut wrong) = (Vec::new(), None);
    let mut rest = first.map_or(&[][..], |first| &bytes[first..]);
    while rest.starts_with(SECTION.as_bytes()) {
        match section(rest) {
            Ok((one, after)) => {
                sections.push(one);
                rest = after;
            }
            Err(error) => {
                wrong = Some(error);
                break;
            }
        }
    }
    if let Some(error) = wrong {
        return Err(error);
    }
    let (whole, manifest_sha256) = digests(head)?;
    let Some((last, _)) = sections.last() else {
        return Err(broken(Place::Head, "no section follows"));
    };
    if rest != TAIL.as_bytes() {
        let is_cut = TAIL.as_bytes().starts_with(rest);
        return Err(match is_cut {
            true if !rest.is_empty() => broken(Place::End, "it is cut off"),
            true => broken(Place::After(last.clone()), "it is cut off"),
            false => broken(
                Place::After(last.clone()),
                "neither a section nor the end follows",
            ),
        });
    }
    let stated = &head[whole.clone()];
    let mut hasher = Sha256::new();
    hasher.update(&bytes[..whole.start]);
    hasher.update("0".repeat(DIGITS));
    hasher.update(&bytes[whole.end..]);
    let sha256 = hex(&hasher.finalize());
    if sha256.as_bytes() != stated {
        // Every section and the end are as they were; a section's id is told by no digest but this.
        return Err(broken(
            Place::Head,
            "the digest of the whole is another: the head, that digest, or the id or order of a section was changed",
        ));
    }
    Ok(ReportSeal {
        sha256,
        manifest_sha256,
        sections,
    })
}

/// Where the digest of the whole is, and the digest of the manifest.
fn digests(head: &[u8]) -> Result<(Range<usize>, String), SealError> {
    let missing = || {
        broken(
            Place::Head,
            "the line with the digests is missing or another",
        )
    };
    let start = find(head, WHOLE.as_bytes()).ok_or_else(missing)? + WHOLE.len();
    let whole = start..start + DIGITS;
    digest(head.get(whole.clone())).ok_or_else(missing)?;
    let rest = head[whole.end..].strip_prefix(MANIFEST.as_bytes());
    let rest = rest.ok_or_else(missing)?;
    let manifest = digest(rest.get(..DIGITS)).ok_or_else(missing)?;
    if !rest[DIGITS..].starts_with(MANIFEST_END.as_bytes()) {
        return Err(missing());
    }
    Ok((whole, manifest))
}

/// The id and digest of the section that bytes begin with, and what follows it.
fn section(bytes: &[u8]) -> Result<((String, String), &[u8]), SealError> {
    let unnamed = || broken(Place::Section("?".to_owned()), "its first tag is another");
    let rest = &bytes[SECTION.len()..];
    let end = rest
        .iter()
        .position(|byte| *byte == b'"')
        .ok_or_else(unnamed)?;
    let id = String::from_utf8_lossy(&rest[..end]).into_owned();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(unnamed());
    }
    let here = |what| broken(Place::Section(id.clone()), what);
    let rest = rest[end..].strip_prefix(SECTION_SHA256.as_bytes());
    let rest = rest.ok_or_else(|| here("its first tag is another"))?;
    let stated = digest(rest.get(..DIGITS)).ok_or_else(|| here("its digest is none"))?;
    let rest = rest[DIGITS..].strip_prefix(SECTION_BEGIN.as_bytes());
    let rest = rest.ok_or_else(|| here("its first tag is another"))?;
    let end = find(rest, SECTION_END.as_bytes()).ok_or_else(|| here("it has no end"))?;
    if hex(&Sha256::digest(&rest[..end])) != stated {
        return Err(here("its digest is another"));
    }
    Ok(((id.clone(), stated), &rest[end + SECTION_END.len()..]))
}

/// The text of a digest.
fn digest(bytes: Option<&[u8]>) -> Option<String> {
    let text = std::str::from_utf8(bytes?).ok()?;
    unhex::<32>(text).map(|_| text.to_owned())
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> String {
        let section = |id, body: &str| Sealed {
            id,
            body: body.to_owned(),
        };
        let head = format!(
            "<!doctype html>\n<head>\n{}</head><main>\n",
            place(&"ab".repeat(32))
        );
        seal(
            &head,
            &[
                section("run", "<h2>Một</h2>"),
                section("limits", "<p>two</p>"),
                section("verify", ""),
            ],
        )
    }

    #[test]
    fn an_unchanged_report_is_whole() {
        let report = report();
        let seal = verify(report.as_bytes()).expect("a report");
        assert_eq!(seal.manifest_sha256, "ab".repeat(32));
        let ids: Vec<&str> = seal.sections.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["run", "limits", "verify"]);
        let zeros = report.replacen(&seal.sha256, &"0".repeat(64), 1);
        assert_eq!(hex(&Sha256::digest(zeros.as_bytes())), seal.sha256);
    }

    #[test]
    fn every_bit_that_is_changed_is_found_where_it_is() {
        let report = report().into_bytes();
        let text = String::from_utf8(report.clone()).expect("UTF-8");
        let begin = |id: &str| {
            text.find(&format!("<section id=\"{id}"))
                .expect("a section")
        };
        let end = text.find("</main>").expect("the end");
        for at in 0..report.len() {
            for bit in 0..8 {
                let mut changed = report.clone();
                changed[at] ^= 1 << bit;
                let error = verify(&changed).expect_err("it is changed");
                let ids = ["run", "limits", "verify"];
                // A tag that is none any more ends the section before it.
                let told = match &error.place {
                    Place::Section(id) => id.as_str(),
                    Place::After(id) => id.as_str(),
                    Place::Head => "head",
                    Place::End => "end",
                };
                let own = ids.iter().rfind(|id| at >= begin(id)).unwrap_or(&"head");
                if at >= end {
                    assert!(["end", "verify"].contains(&told), "{at}: {error}");
                } else if *own != "head" {
                    let before = ids[ids
                        .iter()
                        .position(|id| id == own)
                        .expect("own")
                        .saturating_sub(1)];
                    assert!([*own, before, "?", "head"].contains(&told), "{at}: {error}");
                    let inner = text[begin(own)..].find('>').expect("a tag") + begin(own) + 1;
                    if at >= inner
                        && text[inner..]
                            .find("</section>")
                            .is_some_and(|end| at < inner + end)
                    {
                        assert_eq!(told, *own, "{at}");
                    }
                } else {
                    assert_eq!(told, "head", "{at}");
                }
            }
        }
    }

    #[test]
    fn every_tail_that_is_cut_or_added_is_found() {
        let report = report();
        for length in 0..report.len() {
            assert!(verify(&report.as_bytes()[..length]).is_err(), "{length}");
        }
        for added in [" ", "\n", "<section id=\"x\">", "\0"] {
            let longer = format!("{report}{added}");
            assert!(verify(longer.as_bytes()).is_err(), "{added:?}");
        }
    }

    #[test]
    fn sections_that_changed_places_are_found() {
        let report = report();
        let (run, limits) = (
            report.find("<section id=\"run").expect("run"),
            report.find("<section id=\"limits").expect("limits"),
        );
        let verify_at = report.find("<section id=\"verify").expect("verify");
        let swapped = [
            &report[..run],
            &report[limits..verify_at],
            &report[run..limits],
            &report[verify_at..],
        ]
        .concat();
        assert_eq!(
            verify(swapped.as_bytes()).expect_err("swapped").place,
            Place::Head
        );
    }
}

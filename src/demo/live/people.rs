//! The accounts of a demo: one for each role of the pages, with a password that is made for this run.

use std::path::Path;

use super::LiveError;
use crate::access::{AccountPolicy, Accounts, NewUser, ProvinceSet, Register, Role, TotpRule};
use crate::language::Language;
use crate::notice::{Clock, SystemClock};

/// Name, role, and what pages call them, in English and Vietnamese.
type Person = (&'static str, Role, &'static str, &'static str);
const PEOPLE: &[Person] = &[
    ("reviewer", Role::Reviewer, "Reviewer", "Giám định viên"),
    (
        "reviewer2",
        Role::Reviewer,
        "Second reviewer",
        "Giám định viên thứ hai",
    ),
    ("supervisor", Role::Supervisor, "Supervisor", "Trưởng nhóm"),
    (
        "supervisor2",
        Role::Supervisor,
        "Second supervisor",
        "Trưởng nhóm thứ hai",
    ),
    ("auditor", Role::Auditor, "Auditor", "Kiểm toán viên"),
    ("operator", Role::Operator, "Operator", "Người vận hành"),
    (
        "privacy",
        Role::PrivacyOfficer,
        "Privacy officer",
        "Cán bộ bảo vệ dữ liệu",
    ),
    ("admin", Role::Admin, "Administrator", "Quản trị viên"),
];
/// What passwords are made of: no characters that are taken for each other.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS: usize = 4;
const GROUP: usize = 5;

/// An account that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// The name to sign in with.
    pub name: &'static str,
    /// What the pages call whoever has it: the role, in words.
    pub display_name: &'static str,
}

/// Makes the accounts; gives them, and the password of all.
pub(super) fn make(
    data: &Path,
    language: Language,
) -> Result<(Vec<DemoAccount>, String), LiveError> {
    let password = password()?;
    let mut register = Register::open_or_create(data)?;
    let now = SystemClock.now();
    let mut codes = Vec::new();
    for (name, role, english, vietnamese) in PEOPLE {
        let display_name = in_language(english, vietnamese, language);
        let new = NewUser {
            name: (*name).to_owned(),
            display_name: display_name.to_owned(),
            role: *role,
            provinces: ProvinceSet::ALL,
            language,
        };
        codes.push(register.add_user(&new, now)?.1);
    }
    drop(register);
    // Nobody of a demo has an app of codes.
    let policy = AccountPolicy {
        totp: TotpRule::Optional,
        ..AccountPolicy::default()
    };
    let accounts = Accounts::open(data, policy, SystemClock)?;
    for ((name, ..), code) in PEOPLE.iter().zip(&codes) {
        let begun = accounts.finish_setup(name, &code.reveal(), &password, None, None);
        let signed_in = begun.map_err(LiveError::Setup)?;
        accounts.sign_out(&signed_in.session)?;
    }
    let told = |(name, _, english, vietnamese): &Person| DemoAccount {
        name,
        display_name: in_language(english, vietnamese, language),
    };
    Ok((PEOPLE.iter().map(told).collect(), password))
}

fn in_language(
    english: &'static str,
    vietnamese: &'static str,
    language: Language,
) -> &'static str {
    match language {
        Language::English => english,
        Language::Vietnamese => vietnamese,
    }
}

/// Twenty characters at random.
fn password() -> Result<String, LiveError> {
    let mut bytes = [0_u8; GROUPS * GROUP];
    getrandom::fill(&mut bytes).map_err(crate::access::AccessError::from)?;
    let letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect();
    let groups: Vec<String> = letters
        .chunks(GROUP)
        .map(|group| group.iter().collect())
        .collect();
    Ok(groups.join("-"))
}

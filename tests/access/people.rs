//! People of the tests, their passwords and their telephones.

use std::path::Path;
use std::time::Duration;

use fundwatch::access::{
    AccountPolicy, Accounts, NewUser, ProvinceSet, Role, SignInError, SignedIn, TotpRule, UserId,
};
use fundwatch::language::Language;
use fundwatch::notice::{Clock, Moment};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::support::{ManualClock, register, until};

pub const PASSWORD: &str = "mưa phùn cổng chùa gạch đỏ";
pub const OTHER_PASSWORD: &str = "bảy con mèo trên mái tôn xanh";
pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);

pub const OPTIONAL: AccountPolicy = AccountPolicy {
    totp: TotpRule::Optional,
    idle: Duration::from_secs(1800),
    absolute: Duration::from_secs(43_200),
    has_passwords: true,
};

pub fn required() -> AccountPolicy {
    AccountPolicy::default()
}

pub fn person(name: &str, role: Role) -> NewUser {
    NewUser {
        name: name.to_owned(),
        display_name: format!("Mẫu {name}"),
        role,
        provinces: ProvinceSet::ALL,
        language: Language::Vietnamese,
    }
}

pub fn accounts(data: &Path, policy: AccountPolicy, clock: &ManualClock) -> Accounts {
    Accounts::open(data, policy, clock.clone()).expect("accounts")
}

/// An app of codes, which computes them on its own.
#[derive(Clone)]
pub struct Telephone(Vec<u8>);

impl Telephone {
    /// One that has been given a secret as people type it.
    pub fn of(secret: &str) -> Self {
        let digit = |c: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("base32");
        let (mut bytes, mut bits, mut held) = (Vec::new(), 0_usize, 0);
        for c in secret.chars() {
            bits = bits << 5 | digit(c);
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held & 255) as u8);
                bits &= (1 << held) - 1;
            }
        }
        Self(bytes)
    }

    pub fn code(&self, now: Moment) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("any length");
        mac.update(&(now.seconds() / 30).to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let at = usize::from(digest[19] & 15);
        let four: [u8; 4] = digest[at..at + 4].try_into().expect("four bytes");
        format!(
            "{:06}",
            (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
        )
    }
}

/// Makes a user in the register, as an administrator at the command line does, and has the person begin.
pub fn begun(accounts: &Accounts, data: &Path, clock: &ManualClock, new: &NewUser) -> Person {
    let (id, code) = register(data).add_user(new, clock.now()).expect("made");
    until(SECOND, || accounts.users().iter().any(|user| user.id == id));
    let code = code.reveal();
    let setup = accounts.begin_setup(&new.name, &code, None).expect("begun");
    let telephone = Telephone::of(&setup.totp.reveal());
    let shown = telephone.code(clock.now());
    let done = accounts.finish_setup(&new.name, &code, PASSWORD, Some(&shown), None);
    let first = done.expect("set up");
    // The next code is another.
    clock.advance(Duration::from_secs(30));
    Person {
        id,
        name: new.name.clone(),
        telephone,
        first,
    }
}

pub struct Person {
    pub id: UserId,
    pub name: String,
    pub telephone: Telephone,
    /// The session that the setup began.
    pub first: SignedIn,
}

impl Person {
    /// Signs in with everything right, in a step of its own.
    pub fn sign_in(
        &self,
        accounts: &Accounts,
        clock: &ManualClock,
    ) -> Result<SignedIn, SignInError> {
        clock.advance(Duration::from_secs(30));
        let code = self.telephone.code(clock.now());
        accounts.sign_in(&self.name, PASSWORD, Some(&code), None)
    }
}

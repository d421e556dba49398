//! Time-based one-time codes (RFC 6238): SHA-1, six digits, 30 seconds, as every app knows them.
//!
//! In: a secret, a time, a code, the last step whose code was used. Out: the step whose code it is. Must hold: a code
//! of the step before and of the next is taken as well, since clocks of telephones differ; none at or before the last
//! that was used; the time that it takes does not tell which digit differs.
//!
//! The algorithm is a dozen lines over `hmac`; a library for it is larger than what it would save.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::base32;
use crate::notice::Moment;

/// Bytes of a secret: as many as SHA-1 has.
pub(super) const SECRET: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
/// Steps that the other clock may be away.
const DRIFT: i64 = 1;
/// Who the app says that the code is for.
const ISSUER: &str = "fundwatch";

/// The secret that a person's app shares with the service.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; SECRET]>);

impl TotpSecret {
    /// A new one.
    ///
    /// # Errors
    /// When the operating system has no random bytes.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut secret = Zeroizing::new([0; SECRET]);
        getrandom::fill(secret.as_mut_slice())?;
        Ok(Self(secret))
    }

    pub(super) fn from_bytes(bytes: [u8; SECRET]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; SECRET] {
        &self.0
    }

    /// The secret for an app that cannot read the QR code: 32 letters and digits.
    pub fn reveal(&self) -> Zeroizing<String> {
        base32::encode(self.0.as_slice())
    }

    /// What the QR code says: `otpauth://totp/…`, with the secret in it.
    pub fn uri(&self, name: &str) -> Zeroizing<String> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let secret = self.reveal();
        Zeroizing::new(format!(
            "otpauth://totp/{ISSUER}:{name}?secret={}&issuer={ISSUER}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
            *secret
        ))
    }

    /// The step whose code this is, of those that count now and come after the last that was used.
    pub(super) fn step_of(&self, code: &str, now: Moment, last: Option<i64>) -> Option<i64> {
        let typed: Zeroizing<Vec<u8>> =
            Zeroizing::new(code.bytes().filter(|byte| *byte != b' ').collect());
        let typed: &[u8; DIGITS] = typed.as_slice().try_into().ok()?;
        let present = now.seconds().div_euclid(STEP_SECONDS);
        let (mut found, mut step) = (Choice::from(0), 0_i64);
        // All are compared, whichever it is.
        for candidate in present - DRIFT..=present + DRIFT {
            let is_it = self.code(candidate).ct_eq(typed);
            let is_new = Choice::from(u8::from(last.is_none_or(|last| candidate > last)));
            step.conditional_assign(&candidate, is_it & is_new);
            found |= is_it & is_new;
        }
        bool::from(found).then_some(step)
    }

    /// The code of a step.
    fn code(&self, step: i64) -> [u8; DIGITS] {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(&step.to_be_bytes());
        let digest: [u8; SECRET] = mac.finalize().into_bytes().into();
        let offset = usize::from(digest[SECRET - 1] & 15);
        let mut number = [0; 4];
        number.copy_from_slice(&digest[offset..offset + 4]);
        let mut number = u32::from_be_bytes(number) & 0x7fff_ffff;
        let mut digits = [0; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        digits
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(***)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_the_standard() -> TotpSecret {
        TotpSecret::from_bytes(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> Moment {
        Moment(seconds * 1000)
    }

    /// RFC 6238, appendix B: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = of_the_standard().step_of(code, at(seconds), None);
            assert_eq!(step, Some(seconds / 30), "{seconds}");
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn codes_of_steps_are_those_of_the_standard() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(of_the_standard().code(step), code.as_bytes());
        }
    }

    #[test]
    fn a_code_counts_a_step_early_or_late_and_no_more() {
        let secret = of_the_standard();
        // The code of step 37037037, which lasts from 1111111110 to 1111111139.
        let step = |seconds| secret.step_of("050471", at(seconds), None);
        assert_eq!(step(1_111_111_079), None);
        assert_eq!(step(1_111_111_080), Some(37_037_037));
        assert_eq!(step(1_111_111_169), Some(37_037_037));
        assert_eq!(step(1_111_111_170), None);
    }

    #[test]
    fn a_used_step_and_those_before_it_do_not_count() {
        let secret = of_the_standard();
        let step = |last| secret.step_of("050471", at(1_111_111_111), Some(last));
        assert_eq!(step(37_037_036), Some(37_037_037));
        assert_eq!(step(37_037_037), None);
        assert_eq!(step(37_037_038), None);
    }

    #[test]
    fn codes_are_six_digits_with_spaces_or_without() {
        let secret = of_the_standard();
        let is_it = |code| secret.step_of(code, at(1_111_111_111), None).is_some();
        assert!(is_it("050471") && is_it("050 471") && is_it(" 050471 "));
        for wrong in [
            "",
            "50471",
            "0050471",
            "14050471",
            "050472",
            "٠٥٠٤٧١",
            "+50471",
        ] {
            assert!(!is_it(wrong), "{wrong}");
        }
    }

    #[test]
    fn apps_are_told_what_they_expect() {
        let secret = of_the_standard();
        assert_eq!(*secret.reveal(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            *secret.uri("an.nguyen"),
            "otpauth://totp/fundwatch:an%2Enguyen?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&\
             issuer=fundwatch&algorithm=SHA1&digits=6&period=30"
        );
        assert!(!format!("{secret:?}").contains("GEZ"));
    }

    proptest! {
        #[test]
        fn any_text_at_any_time_is_answered(text in ".{0,12}", seconds in any::<i32>(), last in any::<i64>()) {
            let secret = of_the_standard();
            if let Some(step) = secret.step_of(&text, at(seconds.into()), Some(last)) {
                prop_assert!(step > last);
            }
        }
    }
}

//! Client certificates: who it is that shows one.
//!
//! In: the certificates that the configuration names, and the one that a connection showed, which TLS has
//! verified against the client authorities. Out: its principal. Must hold: one that is not named is nobody.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::name::Name;

use super::principal::{Credential, Principal};
use super::role::Role;
use super::stream_set::StreamSet;
use crate::hex::hex;

/// A distinguished name, as RFC 4514 writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name: Name = text.parse().map_err(|_| Self::EXPECTED)?;
        match name.is_empty() {
            true => Err(Self::EXPECTED),
            false => Ok(Self(name.to_string())),
        }
    }
}

impl Subject {
    const EXPECTED: &'static str = "expected a subject such as CN=hospital-01,O=Example, which `openssl x509 -noout \
         -subject -nameopt RFC2253 -in FILE` prints";
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of a certificate in DER form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of a certificate in DER form.
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }
}

impl FromStr for Fingerprint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected 64 hexadecimal digits, with or without colons, which `openssl x509 -noout \
             -fingerprint -sha256 -in FILE` prints";
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(EXPECTED);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = digit(pair[0]).zip(digit(pair[1])).ok_or(EXPECTED)?;
            *byte = (high * 16 + low) as u8;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// By what a certificate is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Any certificate of this subject, also a renewed one.
    Subject(Subject),
    /// This certificate alone.
    Fingerprint(Fingerprint),
}

/// A client certificate that is somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// By what it is known.
    pub holder: Holder,
    /// What it is called in logs.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The streams that it is bound to.
    pub streams: StreamSet,
}

/// The client certificates that are somebody, by what they are known by.
#[derive(Debug, Default)]
pub struct ClientCertificates(HashMap<Holder, Arc<Principal>>);

impl ClientCertificates {
    /// Those of a configuration.
    pub fn new(certificates: &[ClientCertificate]) -> Self {
        let principal = |one: &ClientCertificate| {
            let credential = Credential::Certificate;
            Arc::new(Principal::new(
                one.name.clone(),
                credential,
                one.role,
                one.streams,
            ))
        };
        let known = certificates.iter();
        Self(
            known
                .map(|one| (one.holder.clone(), principal(one)))
                .collect(),
        )
    }

    /// Whose a certificate in DER form is; by its fingerprint rather than by its subject.
    pub fn principal(&self, der: &[u8]) -> Option<Arc<Principal>> {
        let fingerprint = Holder::Fingerprint(Fingerprint::of(der));
        let by_fingerprint = self.0.get(&fingerprint).cloned();
        by_fingerprint.or_else(|| {
            let certificate = Certificate::from_der(der).ok()?;
            let subject = certificate.tbs_certificate().subject().to_string();
            self.0.get(&Holder::Subject(Subject(subject))).cloned()
        })
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    use super::*;

    fn certificate(name: &str) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Example, Ltd");
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        params
            .self_signed(&key)
            .expect("a certificate")
            .der()
            .to_vec()
    }

    fn named(holder: Holder, name: &str) -> ClientCertificate {
        ClientCertificate {
            holder,
            name: name.to_owned(),
            role: Role::Feed,
            streams: StreamSet::ALL,
        }
    }

    #[test]
    fn a_certificate_is_known_by_its_fingerprint_or_its_subject() {
        let (first, renewed, other) = (certificate("a"), certificate("a"), certificate("b"));
        let fingerprint = Fingerprint::of(&first).to_string();
        let with_colons = fingerprint.to_uppercase();
        let pairs: Vec<&str> = (0..32).map(|at| &with_colons[2 * at..2 * at + 2]).collect();
        let holder = |text: &str| Holder::Fingerprint(text.parse().expect("a fingerprint"));
        let subject: Subject = r"CN=a,O=Example\, Ltd".parse().expect("a subject");
        let known = ClientCertificates::new(&[
            named(holder(&pairs.join(":")), "this"),
            named(Holder::Subject(subject), "subject"),
        ]);
        let name = |der: &[u8]| known.principal(der).map(|one| one.name().to_owned());
        assert_eq!(name(&first).as_deref(), Some("this"));
        assert_eq!(name(&renewed).as_deref(), Some("subject"));
        assert_eq!(name(&other), None);
        assert_eq!(name(b"no certificate"), None);
    }

    /// `openssl -nameopt RFC2253` escapes what is not ASCII, people do not.
    #[test]
    fn subjects_in_vietnamese_are_known_in_both_spellings() {
        let der = certificate("Bệnh viện Ắ");
        for text in [
            r"CN=Bệnh viện Ắ,O=Example\, Ltd",
            r"CN=B\E1\BB\87nh vi\E1\BB\87n \E1\BA\AE,O=Example\, Ltd",
        ] {
            let subject = Holder::Subject(text.parse().expect("a subject"));
            let known = ClientCertificates::new(&[named(subject, "x")]);
            assert!(known.principal(&der).is_some(), "{text}");
        }
        let reversed: Subject = r"O=Example\, Ltd,CN=Bệnh viện Ắ"
            .parse()
            .expect("a subject");
        let known = ClientCertificates::new(&[named(Holder::Subject(reversed), "x")]);
        assert!(known.principal(&der).is_none(), "the order counts");
    }

    #[test]
    fn subjects_and_fingerprints_of_another_form_are_refused() {
        for wrong in ["", "x", "CN", "=x"] {
            assert!(wrong.parse::<Subject>().is_err(), "{wrong}");
        }
        for wrong in ["", "00", &"0".repeat(63), &"g".repeat(64), &"é".repeat(32)] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }
}

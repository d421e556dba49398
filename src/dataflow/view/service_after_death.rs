//! `service_after_death`: the admission date is after the latest day of a death evidence of the
//! person. The grade counts the distinct sources that say so.

use super::super::dossier::{Dossier, Outcome};
use super::super::fact::EvidenceSource;
use super::super::finding::Finding;
use crate::rule::{Class, Reason};

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let misuse_sources = usize::from(dossier.settings.service_after_death.misuse_sources);
    for claim in dossier.presentations() {
        let admission = claim.admission_date();
        let before = || {
            dossier
                .deaths
                .iter()
                .filter(|death| death.latest_day < admission)
        };
        let mut sources: Vec<EvidenceSource> = before().map(|death| death.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let class = match sources.as_slice() {
            [] => continue,
            several if several.len() >= misuse_sources => Class::MisuseSuspected,
            [EvidenceSource::ContributionForm | EvidenceSource::Hospital] => Class::DataQuality,
            _ => Class::Eligibility,
        };
        let mut evidence = dossier.ties(claim);
        evidence.extend(before().map(|death| death.row));
        evidence.extend(before().filter_map(|death| death.tie()));
        let finding = Finding::new(Reason::ServiceAfterDeath, class, claim.row(), evidence);
        out.push(Outcome::Finding(Finding {
            grade: sources.len() as u8,
            cause: None,
            ..finding
        }));
    }
}

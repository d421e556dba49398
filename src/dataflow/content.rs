//! What the dataflow needs of a row: the records without names and texts, but for the identities that
//! reasons compare, which go no further than the row log.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::claim_fact::{ClaimFact, ClaimParts};
use super::employer::Employer;
use super::fact::{CardFact, EvidenceSource, OPEN, UNDATED};
use super::identity::IdentityContent;
use super::likeness::LikenessContent;
use super::settings::RowSettings;
use super::view;
use crate::journal::Place;
use crate::model::{self, AgeBand};
use crate::record::{
    BloodGroup, CardNumber, CheckIn, Claim, Day, DeathSource, EnterpriseStatus, Facility,
    LifeStatus, LocalTime, Money, OldId, Outcome, Packed, PartialDate, PersonalId, Record,
    SiNumber, Text, Value, VisitType, pack_length, take, unpack_length,
};
use crate::rule::{Reason, ReasonSet, Scheme};

/// A row as it is kept, to be fed and, when another takes its place, to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// From `citizens`.
    Citizen(CitizenContent),
    /// From `death_reports`.
    DeathReport(DeathReportContent),
    /// From `participants`.
    Participant(ParticipantContent),
    /// From `cards`.
    Card(CardNumber, CardFact),
    /// From `claims`.
    Claim(ClaimContent),
    /// From `check_ins`.
    CheckIn(ClaimContent),
    /// From `enterprises`.
    Enterprise(EnterpriseContent),
    /// From `employments`.
    Employment(EmploymentContent),
    /// From `health_profiles`.
    HealthProfile(HealthProfileContent),
    /// From `beneficiaries`.
    Beneficiary(BeneficiaryContent),
}

/// What is kept of a citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitizenContent {
    /// The citizen.
    pub id: PersonalId,
    /// Alive, dead, missing or cancelled.
    pub life_status: LifeStatus,
    /// The date of death, while held for dead.
    pub death: Option<PartialDate>,
    /// The number that took the place of this one.
    pub superseded_by: Option<PersonalId>,
    /// The number before this one.
    pub old_id: Option<OldId>,
    /// Who it is, where a reason compares identities.
    pub identity: Option<IdentityContent>,
}

/// What is kept of a death report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeathReportContent {
    /// The citizen it names.
    pub citizen: Option<PersonalId>,
    /// The participant it names.
    pub participant: Option<SiNumber>,
    /// The date of death.
    pub death_date: PartialDate,
    /// Who reported it.
    pub source: EvidenceSource,
}

/// What is kept of a participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantContent {
    /// The participant.
    pub si: SiNumber,
    /// The citizen.
    pub citizen: Option<PersonalId>,
    /// Who it is, where a reason compares identities.
    pub identity: Option<IdentityContent>,
    /// What it is linked by, where a reason looks for others who are the same person.
    pub likeness: Option<LikenessContent>,
}

/// What is kept of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterpriseContent {
    /// The enterprise.
    pub employer: Employer,
    /// Its status.
    pub status: EnterpriseStatus,
    /// The day from which the status holds.
    pub effective_date: Day,
    /// The enterprise that took over its obligations.
    pub successor: Option<Text>,
}

impl EnterpriseContent {
    /// The day from which it has ceased, without a successor.
    pub fn ceased_since(&self) -> Option<Day> {
        match (self.status, &self.successor) {
            (EnterpriseStatus::Dissolved | EnterpriseStatus::Bankrupt, None) => {
                Some(self.effective_date)
            }
            _ => None,
        }
    }

    /// Whether it does no business of its own, though it may do so again, or goes on in another.
    pub fn is_stopped(&self) -> bool {
        matches!(
            self.status,
            EnterpriseStatus::Suspended | EnterpriseStatus::Merged
        )
    }
}

/// What is kept of an employment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmploymentContent {
    /// The participant.
    pub si: SiNumber,
    /// The enterprise.
    pub employer: Employer,
    /// First day.
    pub from: Day,
    /// Last day; [`OPEN`] when open.
    pub to: Day,
}

/// What is kept of a benefit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeneficiaryContent {
    /// The citizen who draws it.
    pub citizen: PersonalId,
    /// What it is drawn under.
    pub scheme: Scheme,
    /// First day.
    pub from: Day,
    /// Last day; [`OPEN`] when open.
    pub to: Day,
    /// The amount at stake.
    pub monthly_amount: Money,
}

/// What is kept of a health profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthProfileContent {
    /// The citizen.
    pub citizen: PersonalId,
    /// The blood group.
    pub blood_group: Option<BloodGroup>,
}

/// What is kept of a claim, or of a check-in as a claim that lasts no time and costs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimContent {
    /// The cards presented, in order, without repetition, each with when it need not be registered.
    pub cards: SmallVec<[(CardNumber, Unregistered); 1]>,
    /// The claim's personal id, where it has 12 digits.
    pub citizen: Option<PersonalId>,
    /// Arrival.
    pub admitted_at: LocalTime,
    /// End of the visit.
    pub discharged_at: LocalTime,
    /// The facility.
    pub facility: Facility,
    /// The facility that sent the patient, where it is one.
    pub referred_from: Option<Facility>,
    /// The facility the patient was sent to, where it is one.
    pub referred_to: Option<Facility>,
    /// Fingerprint of main diagnosis and total cost.
    pub bill: u64,
    /// The total cost in thousandths of ln dong.
    pub cost: u16,
    /// The category of the main diagnosis.
    pub diagnosis: u16,
    /// The age at the admission, by the earliest birth day that the date of birth allows.
    pub age: AgeBand,
    /// Kind of visit.
    pub visit_type: VisitType,
    /// The outcome; none of a check-in.
    pub outcome: Option<Outcome>,
    /// The blood group.
    pub blood_group: Option<BloodGroup>,
    /// The reasons that the claim's own columns decide under any settings.
    pub own_reasons: ReasonSet,
    /// By how many thousandths of a dong a line its amounts differ.
    pub money_gap: u64,
    /// What the fund is asked to pay, and of what.
    pub asked: view::Asked,
}

/// When a card of a claim need not be registered: the least `newborn_card.days` under which it is a
/// temporary newborn card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unregistered(u8);

impl Unregistered {
    /// A card that must be registered.
    pub const NEVER: Self = Self(u8::MAX);
    /// A force card.
    pub const ALWAYS: Self = Self(0);

    /// That of a card on a claim or check-in, for whose patient it may be a newborn's of an age.
    fn of(card: CardNumber, newborn_age_days: Option<u32>) -> Self {
        match newborn_age_days.map(u8::try_from) {
            _ if card.is_force_card() => Self::ALWAYS,
            Some(Ok(days)) => Self(days),
            _ => Self::NEVER,
        }
    }

    /// Whether it is now.
    pub fn is_allowed(self, settings: &RowSettings) -> bool {
        self != Self::NEVER && self.0 <= settings.newborn_card.days
    }
}

impl Content {
    /// What is kept of a record for the reasons that are wanted. A claim that withdraws its payment
    /// request removes itself: `None`.
    pub fn of(record: &Record, wanted: ReasonSet) -> Option<Self> {
        let links = wanted.contains(Reason::ProbableDuplicate);
        let compares_identities = links || wanted.contains(Reason::UnauthenticatedIdentity);
        Some(match record {
            Record::Citizens(citizen) => Content::Citizen(CitizenContent {
                id: citizen.personal_id,
                life_status: citizen.life_status,
                death: citizen.death(),
                superseded_by: citizen.superseded_by,
                old_id: citizen.old_id,
                identity: compares_identities.then(|| citizen.into()),
            }),
            Record::DeathReports(report) => Content::DeathReport(DeathReportContent {
                citizen: report.personal_id,
                participant: report.si_number,
                death_date: report.death_date,
                source: report.source.into(),
            }),
            Record::Participants(participant) => Content::Participant(ParticipantContent {
                si: participant.si_number,
                citizen: participant.personal_id,
                identity: compares_identities.then(|| participant.into()),
                likeness: links.then(|| participant.into()),
            }),
            Record::Cards(card) => Content::Card(
                card.card_number,
                CardFact {
                    prefix: card.card_number.prefix(),
                    valid_from: card.valid_from,
                    valid_to: card.valid_to.unwrap_or(OPEN),
                    status: card.status,
                    status_date: card.status_date.unwrap_or(UNDATED),
                },
            ),
            Record::Claims(claim) if claim.is_withdrawal() => return None,
            Record::Claims(claim) => Content::Claim(ClaimContent::of(claim)),
            Record::CheckIns(check_in) => Content::CheckIn(ClaimContent::of_check_in(check_in)),
            Record::Enterprises(enterprise) => Content::Enterprise(EnterpriseContent {
                employer: Employer::of(&enterprise.tax_code),
                status: enterprise.status,
                effective_date: enterprise.effective_date,
                successor: enterprise.successor.clone(),
            }),
            Record::Employments(employment) => Content::Employment(EmploymentContent {
                si: employment.si_number,
                employer: Employer::of(&employment.tax_code),
                from: employment.from,
                to: employment.to.unwrap_or(OPEN),
            }),
            Record::HealthProfiles(profile) => Content::HealthProfile(HealthProfileContent {
                citizen: profile.personal_id,
                blood_group: profile.blood_group,
            }),
            Record::Beneficiaries(beneficiary) => Content::Beneficiary(BeneficiaryContent {
                citizen: beneficiary.personal_id,
                scheme: Scheme::named(beneficiary.scheme.as_str()),
                from: beneficiary.from,
                to: beneficiary.to.unwrap_or(OPEN),
                monthly_amount: beneficiary.monthly_amount,
            }),
        })
    }
}

impl Content {
    /// The identity in it, where it is a citizen or a participant and a reason compares them.
    pub fn identity(self) -> Option<IdentityContent> {
        match self {
            Content::Citizen(citizen) => citizen.identity,
            Content::Participant(participant) => participant.identity,
            _ => None,
        }
    }

    /// The participant, if it is one.
    pub fn participant(self) -> Option<ParticipantContent> {
        match self {
            Content::Participant(participant) => Some(participant),
            _ => None,
        }
    }
}

/// What the first byte of a packed content says it is.
mod tag {
    pub const CITIZEN: u8 = 0;
    pub const DEATH_REPORT: u8 = 1;
    pub const PARTICIPANT: u8 = 2;
    pub const CARD: u8 = 3;
    pub const CLAIM: u8 = 4;
    pub const BENEFICIARY: u8 = 5;
    pub const CHECK_IN: u8 = 6;
    pub const ENTERPRISE: u8 = 7;
    pub const EMPLOYMENT: u8 = 8;
    pub const HEALTH_PROFILE: u8 = 9;
}

impl Packed for Content {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Content::Citizen(citizen) => {
                out.extend_from_slice(&[tag::CITIZEN, citizen.life_status as u8]);
                citizen.id.pack(out);
                citizen.death.pack(out);
                citizen.superseded_by.pack(out);
                citizen.old_id.pack(out);
                citizen.identity.pack(out);
            }
            Content::DeathReport(report) => {
                out.extend_from_slice(&[tag::DEATH_REPORT, report.source as u8]);
                report.citizen.pack(out);
                report.participant.pack(out);
                report.death_date.pack(out);
            }
            Content::Participant(participant) => {
                out.push(tag::PARTICIPANT);
                participant.si.pack(out);
                participant.citizen.pack(out);
                participant.identity.pack(out);
                participant.likeness.pack(out);
            }
            Content::Card(card, fact) => {
                out.push(tag::CARD);
                card.pack(out);
                fact.pack(out);
            }
            Content::Claim(claim) => {
                out.push(tag::CLAIM);
                claim.pack(out);
            }
            Content::CheckIn(check_in) => {
                out.push(tag::CHECK_IN);
                check_in.pack(out);
            }
            Content::Enterprise(enterprise) => {
                out.extend_from_slice(&[tag::ENTERPRISE, enterprise.status as u8]);
                enterprise.employer.pack(out);
                enterprise.effective_date.pack(out);
                enterprise.successor.pack(out);
            }
            Content::Employment(employment) => {
                out.push(tag::EMPLOYMENT);
                employment.si.pack(out);
                employment.employer.pack(out);
                employment.from.pack(out);
                employment.to.pack(out);
            }
            Content::HealthProfile(profile) => {
                out.push(tag::HEALTH_PROFILE);
                profile.citizen.pack(out);
                profile.blood_group.pack(out);
            }
            Content::Beneficiary(beneficiary) => {
                out.push(tag::BENEFICIARY);
                beneficiary.citizen.pack(out);
                beneficiary.scheme.number().pack(out);
                beneficiary.from.pack(out);
                beneficiary.to.pack(out);
                beneficiary.monthly_amount.thousandths().pack(out);
            }
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let [tag] = take(bytes)?;
        Some(match tag {
            tag::CITIZEN => Content::Citizen(CitizenContent {
                life_status: {
                    let [status] = take(bytes)?;
                    *LifeStatus::ALL.get(usize::from(status))?
                },
                id: PersonalId::unpack(bytes)?,
                death: Option::unpack(bytes)?,
                superseded_by: Option::unpack(bytes)?,
                old_id: Option::unpack(bytes)?,
                identity: Option::unpack(bytes)?,
            }),
            tag::DEATH_REPORT => Content::DeathReport(DeathReportContent {
                source: {
                    let [source] = take(bytes)?;
                    EvidenceSource::from_packed(source)?
                },
                citizen: Option::unpack(bytes)?,
                participant: Option::unpack(bytes)?,
                death_date: PartialDate::unpack(bytes)?,
            }),
            tag::PARTICIPANT => Content::Participant(ParticipantContent {
                si: SiNumber::unpack(bytes)?,
                citizen: Option::unpack(bytes)?,
                identity: Option::unpack(bytes)?,
                likeness: Option::unpack(bytes)?,
            }),
            tag::CARD => Content::Card(CardNumber::unpack(bytes)?, CardFact::unpack(bytes)?),
            tag::CLAIM => Content::Claim(ClaimContent::unpack(bytes)?),
            tag::CHECK_IN => Content::CheckIn(ClaimContent::unpack(bytes)?),
            tag::ENTERPRISE => Content::Enterprise(EnterpriseContent {
                status: {
                    let [status] = take(bytes)?;
                    *EnterpriseStatus::ALL.get(usize::from(status))?
                },
                employer: Employer::unpack(bytes)?,
                effective_date: Day::unpack(bytes)?,
                successor: Option::unpack(bytes)?,
            }),
            tag::EMPLOYMENT => Content::Employment(EmploymentContent {
                si: SiNumber::unpack(bytes)?,
                employer: Employer::unpack(bytes)?,
                from: Day::unpack(bytes)?,
                to: Day::unpack(bytes)?,
            }),
            tag::HEALTH_PROFILE => Content::HealthProfile(HealthProfileContent {
                citizen: PersonalId::unpack(bytes)?,
                blood_group: Option::unpack(bytes)?,
            }),
            tag::BENEFICIARY => Content::Beneficiary(BeneficiaryContent {
                citizen: PersonalId::unpack(bytes)?,
                scheme: Scheme::from_number(u64::unpack(bytes)?),
                from: Day::unpack(bytes)?,
                to: Day::unpack(bytes)?,
                monthly_amount: Money::from_thousandths(i64::unpack(bytes)?),
            }),
            _ => return None,
        })
    }
}

/// Where the band of age lies in the byte of the outcome.
const AGE_SHIFT: u32 = 4;

impl Packed for ClaimContent {
    fn pack(&self, out: &mut Vec<u8>) {
        pack_length(self.cards.len(), out);
        for (card, unregistered) in &self.cards {
            card.pack(out);
            out.push(unregistered.0);
        }
        self.citizen.pack(out);
        self.admitted_at.pack(out);
        self.discharged_at.pack(out);
        self.facility.pack(out);
        self.referred_from.pack(out);
        self.referred_to.pack(out);
        self.bill.pack(out);
        self.cost.pack(out);
        self.diagnosis.pack(out);
        let outcome = self.outcome.map_or(0, Outcome::number);
        // An outcome is at most 8, and a band of age at most 5: they share a byte.
        let age = self.age.number() << AGE_SHIFT;
        out.extend_from_slice(&[self.visit_type.number(), age | outcome]);
        self.blood_group.pack(out);
        self.own_reasons.bits().pack(out);
        Some(self.money_gap).filter(|gap| *gap > 0).pack(out);
        self.asked.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let mut cards = SmallVec::new();
        for _ in 0..unpack_length(bytes)? {
            let card = CardNumber::unpack(bytes)?;
            let [unregistered] = take(bytes)?;
            cards.push((card, Unregistered(unregistered)));
        }
        let citizen = Option::unpack(bytes)?;
        let admitted_at = LocalTime::unpack(bytes)?;
        let discharged_at = LocalTime::unpack(bytes)?;
        let facility = Facility::unpack(bytes)?;
        let (referred_from, referred_to) = (Option::unpack(bytes)?, Option::unpack(bytes)?);
        let bill = u64::unpack(bytes)?;
        let (cost, diagnosis) = (u16::unpack(bytes)?, u16::unpack(bytes)?);
        let [visit_type, age_and_outcome] = take(bytes)?;
        let age = AgeBand::from_number(age_and_outcome >> AGE_SHIFT)?;
        Some(Self {
            cards,
            citizen,
            admitted_at,
            discharged_at,
            facility,
            referred_from,
            referred_to,
            bill,
            cost,
            diagnosis,
            age,
            visit_type: VisitType::new(visit_type)?,
            outcome: match age_and_outcome & ((1 << AGE_SHIFT) - 1) {
                0 => None,
                outcome => Some(Outcome::new(outcome)?),
            },
            blood_group: Option::unpack(bytes)?,
            own_reasons: ReasonSet::from_bits(u32::unpack(bytes)?)?,
            money_gap: Option::unpack(bytes)?.unwrap_or(0),
            asked: view::Asked::unpack(bytes)?,
        })
    }
}

impl From<DeathSource> for EvidenceSource {
    fn from(source: DeathSource) -> Self {
        match source {
            DeathSource::CivilRegistry => EvidenceSource::CivilRegistry,
            DeathSource::ContributionForm => EvidenceSource::ContributionForm,
            DeathSource::Hospital => EvidenceSource::Hospital,
            DeathSource::Court => EvidenceSource::Court,
        }
    }
}

/// A cost in thousandths of ln of its whole dong.
fn cost(cost: Money) -> u16 {
    let dong = cost.thousandths() / Money::THOUSANDTHS;
    // The logarithm of every 64-bit amount is below 44; an amount below 0 counts as 0.
    u16::try_from(model::thousandths_of_ln(dong.max(0))).unwrap_or(u16::MAX)
}

/// Cards in their order, without repetition.
fn distinct(
    cards: &[CardNumber],
    newborn_age_days: impl Fn(CardNumber) -> Option<u32>,
) -> SmallVec<[(CardNumber, Unregistered); 1]> {
    let mut distinct: SmallVec<[(CardNumber, Unregistered); 1]> = SmallVec::new();
    for card in cards {
        if !distinct.iter().any(|(listed, _)| listed == card) {
            distinct.push((*card, Unregistered::of(*card, newborn_age_days(*card))));
        }
    }
    distinct
}

impl ClaimContent {
    fn of(claim: &Claim) -> Self {
        let facility = |text: &crate::record::Text| Facility::from_text(text.as_str());
        Self {
            cards: distinct(&claim.cards, |card| claim.newborn_age_days(card)),
            citizen: claim.citizen(),
            admitted_at: claim.admitted_at,
            discharged_at: claim.discharged_at,
            facility: claim.facility,
            referred_from: claim.referred_from.as_ref().and_then(facility),
            referred_to: claim.referred_to.as_ref().and_then(facility),
            bill: view::duplicate_claim::bill(claim),
            cost: cost(claim.cost_total),
            diagnosis: model::parse_category(claim.main_diagnosis.as_str()),
            age: AgeBand::on(claim.admission_date(), claim.birth_date.earliest_day()),
            visit_type: claim.visit_type,
            outcome: Some(claim.outcome),
            blood_group: claim.blood_group,
            own_reasons: view::reasons_of_claim(claim).collect(),
            money_gap: view::money_mismatch::gap(claim),
            asked: view::Asked::of(claim),
        }
    }

    fn of_check_in(check_in: &CheckIn) -> Self {
        let admission = check_in.admitted_at.day();
        Self {
            cards: distinct(&check_in.cards, |card| {
                card.newborn_age_days(check_in.birth_date, admission)
            }),
            citizen: check_in
                .personal_id
                .as_ref()
                .and_then(|id| PersonalId::from_text(id.as_str())),
            admitted_at: check_in.admitted_at,
            discharged_at: check_in.admitted_at,
            facility: check_in.facility,
            referred_from: None,
            referred_to: None,
            bill: 0,
            cost: 0,
            diagnosis: 0,
            age: AgeBand::Unknown,
            visit_type: check_in.visit_type,
            outcome: None,
            blood_group: None,
            own_reasons: ReasonSet::from_iter([]),
            money_gap: 0,
            asked: view::Asked::NOTHING,
        }
    }

    /// The reasons that its own columns decide under some settings.
    pub fn own_reasons(&self, settings: &RowSettings) -> impl Iterator<Item = Reason> {
        let gap = view::money_mismatch::holds(self.money_gap, &settings.money_mismatch);
        let is_overpaid = match self.cards.as_slice() {
            [(card, _)] => {
                let admission = self.admitted_at.day();
                (self.asked).is_overpaid(*card, admission, &settings.benefit_mismatch)
            }
            // The card that decides is not known here.
            _ => false,
        };
        let by_settings = [
            gap.then_some(Reason::MoneyMismatch),
            is_overpaid.then_some(Reason::BenefitMismatch),
        ];
        self.own_reasons
            .iter()
            .chain(by_settings.into_iter().flatten())
    }

    /// The claim as a fact about its person, under the person's card.
    pub fn fact(
        &self,
        number: Place,
        card: Option<CardNumber>,
        is_check_in: bool,
        settings: &RowSettings,
    ) -> ClaimFact {
        let mut listed = self.cards.iter();
        let unregistered = listed.find(|(listed, _)| Some(*listed) == card);
        ClaimFact::from(ClaimParts {
            number,
            admitted_at: self.admitted_at,
            discharged_at: self.discharged_at,
            facility: self.facility,
            referred_from: self.referred_from,
            referred_to: self.referred_to,
            bill: self.bill,
            cost: self.cost,
            diagnosis: self.diagnosis,
            age: self.age,
            citizen: self.citizen,
            visit_type: self.visit_type,
            died: self.outcome.is_some_and(Outcome::is_death),
            blood_type: self.blood_group.map(BloodGroup::blood_type),
            is_check_in,
            card,
            several_cards: self.cards.len() > 1,
            may_be_unregistered: unregistered.is_some_and(|(_, of)| of.is_allowed(settings)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::PersonKeys;
    use crate::record::{Name, PartialDate, Sex, Text};

    fn comes_back(content: &Content) {
        let mut packed = Vec::new();
        content.pack(&mut packed);
        let mut bytes = packed.as_slice();
        assert_eq!(Content::unpack(&mut bytes).as_ref(), Some(content));
        assert!(bytes.is_empty());
        for length in 0..packed.len() {
            assert!(Content::unpack(&mut &packed[..length]).is_none(), "cut");
        }
    }

    #[test]
    fn what_is_kept_of_a_row_comes_back() {
        let id = PersonalId::from_text("999999999999").expect("an id");
        let si = SiNumber::from_text("9999999999").expect("a number");
        let card = CardNumber::from_text("ZZ5999999999999").expect("a card");
        let day = Day::from_number(-1);
        let identity = IdentityContent::new(
            Name::from_text("Nguyễn Mẫu An").expect("a name"),
            PartialDate::from_text("1980").expect("a date"),
            Sex::new(1).expect("a sex"),
        );
        let date = PartialDate::from_text("2024-02").expect("a date");
        for status in LifeStatus::ALL {
            for death in [None, Some(day)] {
                comes_back(&Content::Citizen(CitizenContent {
                    id,
                    life_status: *status,
                    death: death.map(|_| date),
                    superseded_by: death.map(|_| id),
                    old_id: OldId::new(999_999_999).filter(|_| death.is_none()),
                    identity: death.map(|_| identity.clone()),
                }));
                comes_back(&Content::DeathReport(DeathReportContent {
                    citizen: death.map(|_| id),
                    participant: Some(si),
                    death_date: date,
                    source: EvidenceSource::Court,
                }));
                let citizen = death.map(|_| id);
                comes_back(&Content::Participant(ParticipantContent {
                    si,
                    citizen,
                    identity: citizen.map(|_| identity.clone()),
                    likeness: death.map(|_| LikenessContent {
                        province: citizen.and_then(|_| Text::from_text("79")),
                        keys: PersonKeys::of("Nguyễn Mẫu An", identity.birth_date),
                    }),
                }));
            }
        }
        comes_back(&Content::Card(
            card,
            CardFact {
                prefix: card.prefix(),
                valid_from: day,
                valid_to: OPEN,
                status: crate::record::CardStatus::Locked,
                status_date: UNDATED,
            },
        ));
        let employer = Employer::of(&crate::record::Text::from_text("0300000001").expect("text"));
        for status in EnterpriseStatus::ALL {
            for successor in [None, Text::from_text("Đơn vị 3")] {
                comes_back(&Content::Enterprise(EnterpriseContent {
                    employer,
                    status: *status,
                    effective_date: day,
                    successor,
                }));
            }
        }
        for day in [None, Some(day)] {
            comes_back(&Content::Employment(EmploymentContent {
                si,
                employer,
                from: Day::from_number(0),
                to: day.unwrap_or(OPEN),
            }));
            comes_back(&Content::Beneficiary(BeneficiaryContent {
                citizen: id,
                scheme: Scheme::named("pension"),
                from: Day::from_number(0),
                to: day.unwrap_or(OPEN),
                monthly_amount: Money::from_thousandths(-1),
            }));
            comes_back(&Content::HealthProfile(HealthProfileContent {
                citizen: id,
                blood_group: day.map(|_| BloodGroup::AbNegative),
            }));
        }
        let facility = Facility::from_text("zzzzz");
        for cards in [0, 1, 2, 300] {
            let claim = ClaimContent {
                cards: (0..cards).map(|n| (card, Unregistered(n as u8))).collect(),
                citizen: Some(id).filter(|_| cards > 0),
                admitted_at: LocalTime::from_minutes(-1),
                discharged_at: LocalTime::from_minutes(1 << 33),
                facility: facility.expect("a facility"),
                referred_from: facility.filter(|_| cards == 1),
                referred_to: facility,
                bill: u64::MAX - 1,
                cost: u16::MAX,
                diagnosis: 2599,
                age: AgeBand::From60,
                visit_type: VisitType::new(16).expect("a visit type"),
                outcome: Outcome::new(8).filter(|_| cards == 2),
                blood_group: Some(BloodGroup::OPositive).filter(|_| cards == 2),
                own_reasons: Reason::ALL.iter().copied().collect(),
                money_gap: [0, 254, 255, u64::MAX][cards.min(3)],
                asked: view::Asked {
                    paid_by_fund: Money::from_thousandths(i64::MIN),
                    covered: Money::from_thousandths(i64::MAX),
                    lines: [0, 254, u32::MAX][cards.min(2)],
                    is_waived: cards == 2,
                },
            };
            comes_back(&Content::CheckIn(claim.clone()));
            comes_back(&Content::Claim(claim));
        }
    }
}

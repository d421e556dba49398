//! What the definitions of the reasons make of one household, day by day.
//!
//! In: everything that is ever known of a household. Out: every alert that was raised at the end of
//! a day, and whether it holds at the end. Written from the contract alone and naively, over a few
//! rows at a time; a test holds it to the replay. Stories only label what is found here, so that the
//! truth cannot promise what the definitions do not give, nor miss what ordinary life gives by chance.

use std::collections::BTreeMap;

use super::row::*;
use super::truth::{Reason, Subject};
use super::world::{MEMBERS, Person, World, years_between};
use crate::record::{
    CardNumber, CardStatus, Day, DeathSource, EnterpriseStatus, LifeStatus, OldId, PersonalId,
    SiNumber,
};

const DAY: i32 = 86_400;

/// Alerts that were ever raised, and whether each holds at the end.
pub(super) type Verdicts = BTreeMap<(Reason, Subject), bool>;

#[derive(Default)]
struct Known<'e> {
    people: &'e [Person],
    citizens: Vec<&'e Citizen>,
    participants: Vec<&'e Participant>,
    cards: Vec<&'e Card>,
    reports: Vec<&'e DeathReport>,
    claims: Vec<&'e Claim>,
    check_ins: Vec<&'e Claim>,
    /// Visits of which a claim is or was known.
    claimed: Vec<u64>,
    /// Enterprises of stories: those of the country go on for as long as anybody works in them.
    enterprises: Vec<&'e Enterprise>,
    employments: Vec<&'e Employment>,
    benefits: Vec<&'e Beneficiary>,
    profiles: Vec<&'e HealthProfile>,
}

/// Whose claim it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Participant(SiNumber),
    Citizen(PersonalId),
    Nobody,
}

/// A number of an identity cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Participant(SiNumber),
    Citizen(PersonalId),
    Old(OldId),
}

/// Judges a household of some people. `events` are in order of time, and none is after the end.
pub(super) fn judge(world: &World, people: &[Person], events: &[Event]) -> Verdicts {
    let mut known = Known {
        people,
        ..Known::default()
    };
    let mut verdicts = Verdicts::new();
    let mut found = Vec::new();
    let mut rest = events;
    while let Some(first) = rest.first() {
        let day = first.at.div_euclid(DAY).max(-1);
        let today = rest
            .iter()
            .take_while(|e| e.at.div_euclid(DAY).max(-1) == day)
            .count();
        for event in &rest[..today] {
            known.learn(&event.row);
        }
        rest = &rest[today..];
        let subjects = known.claims.len() + known.check_ins.len() + known.benefits.len();
        if subjects > 0 {
            found.clear();
            known.find(world, &mut found);
            for alert in &found {
                verdicts.insert(*alert, false);
            }
        }
    }
    found.clear();
    known.find(world, &mut found);
    known.stale(world, world.days - 1, &mut found);
    known.drawn_after_death(world, world.days - 1, &mut found);
    for alert in &found {
        verdicts.insert(*alert, true);
    }
    verdicts
}

fn replace<'e, T>(rows: &mut Vec<&'e T>, row: &'e T, same: impl Fn(&T) -> bool) {
    match rows.iter_mut().find(|known| same(known)) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}

impl Card {
    fn covers(&self, day: DayNumber) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    fn in_force(&self, day: DayNumber) -> bool {
        self.status == CardStatus::Valid || self.since.is_some_and(|since| since > day)
    }
}

impl<'e> Known<'e> {
    fn learn(&mut self, row: &'e Row) {
        match row {
            Row::Citizen(row) => replace(&mut self.citizens, row, |known| known.id == row.id),
            Row::Participant(row) => {
                replace(&mut self.participants, row, |known| known.si == row.si);
            }
            Row::Card(row) => replace(&mut self.cards, row, |known| known.number == row.number),
            Row::DeathReport(row) => {
                self.reports.retain(|known| known.report != row.report);
                if !row.delete {
                    self.reports.push(row);
                }
            }
            Row::Claim(row) => {
                self.claims.retain(|known| known.visit != row.visit);
                self.claimed.retain(|visit| *visit != row.visit);
                if row.object != Object::Withdrawn {
                    self.claims.push(row);
                    self.claimed.push(row.visit);
                }
            }
            Row::CheckIn(row) => self.check_ins.push(row),
            Row::Enterprise(row) => {
                replace(&mut self.enterprises, row, |known| {
                    known.number == row.number
                });
            }
            Row::Employment(row) => {
                let key = (row.si, row.enterprise);
                replace(&mut self.employments, row, |known| {
                    (known.si, known.enterprise) == key
                });
            }
            Row::Beneficiary(row) => {
                let key = (row.id, row.scheme);
                replace(&mut self.benefits, row, |known| {
                    (known.id, known.scheme) == key
                });
            }
            Row::HealthProfile(row) => replace(&mut self.profiles, row, |known| known.id == row.id),
        }
    }

    /// Whose name is on a claim.
    fn who(&self, claim: &Claim) -> &'e Person {
        &self.people[(claim.who % MEMBERS) as usize]
    }

    fn card(&self, number: CardNumber) -> Option<&'e Card> {
        self.cards
            .iter()
            .find(|card| card.number == number)
            .copied()
    }

    /// The card that decides whose a claim is.
    fn persons_card(&self, claim: &Claim) -> Option<CardNumber> {
        let covers =
            |number: &CardNumber| self.card(*number).is_some_and(|c| c.covers(claim.day()));
        claim.cards().find(covers).or_else(|| claim.cards().next())
    }

    fn person(&self, claim: &Claim) -> Whose {
        match (self.persons_card(claim), claim.id) {
            (Some(card), _) => Whose::Participant(card.holder()),
            (None, Some(id)) if self.citizens.iter().any(|c| c.id == id) => Whose::Citizen(id),
            _ => Whose::Nobody,
        }
    }

    fn participant(&self, si: SiNumber) -> Option<&'e Participant> {
        self.participants.iter().find(|row| row.si == si).copied()
    }

    /// The number of the citizen who a person is.
    fn citizens_id(&self, person: Whose) -> Option<PersonalId> {
        match person {
            Whose::Participant(si) => self.participant(si)?.id,
            Whose::Citizen(id) => Some(id),
            Whose::Nobody => None,
        }
    }

    fn citizen(&self, person: Whose) -> Option<&'e Citizen> {
        let id = self.citizens_id(person)?;
        self.citizens.iter().find(|row| row.id == id).copied()
    }

    /// The latest days of death of a person, and who says so; the population register first.
    fn deaths(&self, person: Whose) -> Vec<(Option<DeathSource>, Day)> {
        let citizen = self.citizens_id(person);
        let mut numbers: Vec<SiNumber> = Vec::new();
        match person {
            Whose::Participant(si) => numbers.push(si),
            Whose::Citizen(id) => {
                let own = self.participants.iter().filter(|row| row.id == Some(id));
                numbers.extend(own.map(|row| row.si));
            }
            Whose::Nobody => {}
        }
        let population = self.citizen(person).into_iter().filter_map(|row| {
            let dead = matches!(row.status, LifeStatus::Dead | LifeStatus::DeclaredDead);
            Some((None, row.death.filter(|_| dead)?.latest_day()))
        });
        let reports = self.reports.iter().filter_map(|row| {
            let named = (row.id.is_some() && row.id == citizen)
                || row.si.is_some_and(|si| numbers.contains(&si));
            named.then(|| (Some(row.source), row.death.latest_day()))
        });
        population.chain(reports).collect()
    }

    /// The cluster of a number, itself included.
    fn cluster(&self, of: Node) -> Vec<Node> {
        let mut edges: Vec<(Node, Node)> = Vec::new();
        for row in &self.participants {
            edges.extend(
                row.id
                    .map(|id| (Node::Participant(row.si), Node::Citizen(id))),
            );
        }
        for row in &self.citizens {
            let own = Node::Citizen(row.id);
            edges.extend(row.superseded_by.map(|id| (own, Node::Citizen(id))));
            edges.extend(row.old_id.map(|id| (own, Node::Old(id))));
        }
        let mut cluster = vec![of];
        let mut grown = true;
        while grown {
            grown = false;
            for (a, b) in &edges {
                for (one, other) in [(a, b), (b, a)] {
                    if cluster.contains(one) && !cluster.contains(other) {
                        cluster.push(*other);
                        grown = true;
                    }
                }
            }
        }
        cluster
    }

    /// The reasons that check-ins share with claims.
    fn find_of_cards(
        &self,
        world: &World,
        claim: &Claim,
        stay: bool,
        found: &mut impl FnMut(Reason),
    ) {
        let day = claim.day();
        let may_be_unregistered = |card: CardNumber| {
            let birth = self.who(claim).birth;
            let age = world.day(day).number() - birth.number();
            card.is_force_card() || (card.is_child_card() && (0..=60).contains(&age))
        };
        let mut unknown = false;
        let mut registered: [Option<&Card>; 2] = [None, None];
        for (place, number) in claim.cards().enumerate() {
            registered[place] = self.card(number);
            unknown |= registered[place].is_none() && !may_be_unregistered(number);
        }
        let registered = registered.iter().flatten();
        if unknown {
            found(Reason::UnknownCard);
        } else if registered.clone().next().is_some() {
            let covered = registered.clone().any(|card| card.covers(day));
            let outlived = stay
                && registered
                    .clone()
                    .all(|c| c.to.is_some_and(|to| claim.last_day() > to + 15));
            if !covered || outlived {
                found(Reason::CardNotValid);
            }
        }
        let own = self
            .persons_card(claim)
            .and_then(|number| self.card(number));
        if let Some(card) = own {
            use CardStatus::{Locked, Reduced, Revoked};
            let withdrawn = matches!(card.status, Revoked | Locked | Reduced);
            if withdrawn && card.since.is_some_and(|since| since <= day) {
                found(Reason::CardWithdrawn);
            }
        }
        let deaths = self.deaths(self.person(claim));
        if deaths.iter().any(|(_, latest)| *latest < world.day(day)) {
            found(Reason::ServiceAfterDeath);
        }
    }

    /// Every alert that holds, but for those that need the as-of date.
    fn find(&self, world: &World, found: &mut Vec<(Reason, Subject)>) {
        for claim in &self.check_ins {
            if !self.claimed.contains(&claim.visit) {
                let subject = Subject::CheckIn(claim.facility, claim.visit);
                self.find_of_cards(world, claim, false, &mut |reason| {
                    found.push((reason, subject))
                });
            }
        }
        let mut by_person: Vec<(Whose, &Claim)> = self
            .claims
            .iter()
            .map(|claim| (self.person(claim), *claim))
            .collect();
        by_person.sort_by_key(|(person, c)| (*person, c.admitted, c.facility, c.visit));
        for claims in by_person.chunk_by(|a, b| a.0 == b.0) {
            let person = claims[0].0;
            let claims: Vec<&Claim> = claims.iter().map(|(_, claim)| *claim).collect();
            for (place, claim) in claims.iter().enumerate() {
                let subject = Subject::Claim(claim.facility, claim.visit);
                let found = &mut |reason| found.push((reason, subject));
                self.find_of_cards(world, claim, claim.is_stay(), found);
                self.find_of_claim(world, claim, found);
                if person != Whose::Nobody {
                    self.find_of_identity(person, claim, found);
                    self.find_of_registers(person, claim, found);
                    self.find_of_person(person, &claims, place, found);
                }
            }
        }
        for benefit in &self.benefits {
            if self.is_excluded(benefit) {
                let subject = Subject::Beneficiary(benefit.id, benefit.scheme);
                found.push((Reason::ExclusiveBenefits, subject));
            }
        }
    }

    /// Whether the person has something on a common day that a benefit excludes: the pairs of
    /// `streams/exclusive_benefits.csv`.
    fn is_excluded(&self, benefit: &Beneficiary) -> bool {
        use Scheme::{Pension, SocialPension, Unemployment};
        let meets = |from: DayNumber, to: Option<DayNumber>| {
            benefit.to.is_none_or(|last| from <= last) && to.is_none_or(|to| benefit.from <= to)
        };
        let mut others = self.benefits.iter().filter(|row| row.id == benefit.id);
        let by_other = others.any(|other| {
            let pair = (benefit.scheme, other.scheme);
            let excludes = matches!(
                pair,
                (Unemployment | SocialPension, Pension) | (Pension, Unemployment | SocialPension)
            );
            excludes && meets(other.from, other.to)
        });
        let is_own = |job: &Employment| {
            let participant = self.participant(job.si);
            participant.is_some_and(|row| row.id == Some(benefit.id))
        };
        let mut jobs = self.employments.iter().filter(|job| is_own(job));
        by_other || (benefit.scheme == Unemployment && jobs.any(|job| meets(job.from, job.to)))
    }

    fn find_of_claim(&self, world: &World, claim: &Claim, found: &mut impl FnMut(Reason)) {
        let person = self.who(claim);
        let female = person.female != (claim.spelling == Spelling::OtherSex);
        let years = years_between(person.birth, world.day(claim.day()));
        let diagnoses = [Some(claim.diagnosis), claim.others[0], claim.others[1]];
        let listed = || {
            diagnoses
                .iter()
                .flatten()
                .map(|place| world.diagnoses.get(*place))
        };
        if listed().any(|d| d.only_sex.is_some_and(|sex| (sex == 2) != female)) {
            found(Reason::SexDiagnosisConflict);
        }
        if listed().any(|d| years < d.least_years) {
            found(Reason::AgeDiagnosisConflict);
        }
        let lines = i64::from(claim.lines.max(1));
        let money = &claim.money;
        if (money.covered - money.copay - money.other - money.paid).abs() > lines {
            found(Reason::MoneyMismatch);
        }
        if let Some(card) = self.persons_card(claim) {
            let exempt = matches!(claim.object, Object::InitialLevel | Object::Emergency)
                || claim.exempt_from.is_some_and(|day| day <= claim.day())
                || money.covered < 351_000;
            let rate = [100, 100, 95, 80, 100][usize::from(card.benefit_level()) - 1];
            if !exempt && money.paid * 100 > money.covered * rate + lines * 100 {
                found(Reason::BenefitMismatch);
            }
        }
    }

    fn find_of_identity(&self, person: Whose, claim: &Claim, found: &mut impl FnMut(Reason)) {
        let node = match person {
            Whose::Participant(si) => Node::Participant(si),
            Whose::Citizen(id) => Node::Citizen(id),
            Whose::Nobody => return,
        };
        let named = match person {
            Whose::Participant(si) => self.participant(si).and_then(|row| row.id),
            _ => None,
        };
        let mismatch = named.is_some() && claim.id.is_some() && claim.id != named;
        if !mismatch && self.participants.len() < 2 {
            return;
        }
        let cluster = self.cluster(node);
        if mismatch
            && claim
                .id
                .is_some_and(|id| !cluster.contains(&Node::Citizen(id)))
        {
            found(Reason::IdentityMismatch);
        }
        let mut holders: Vec<SiNumber> = (self.cards.iter())
            .filter(|card| card.covers(claim.day()) && card.in_force(claim.day()))
            .map(|card| card.number.holder())
            .filter(|si| cluster.contains(&Node::Participant(*si)))
            .collect();
        holders.sort_unstable();
        holders.dedup();
        if holders.len() > 1 {
            found(Reason::DuplicateIdentity);
        }
    }

    /// Reasons about what registers say of the person beside cards and deaths.
    fn find_of_registers(&self, person: Whose, claim: &Claim, found: &mut impl FnMut(Reason)) {
        if let Some(blood) = claim.blood
            && let Some(id) = self.citizens_id(person)
        {
            let mut profile = self.profiles.iter().filter(|row| row.id == id);
            // Letters of the ABO system, without rhesus.
            if profile.any(|profile| profile.blood / 2 != blood / 2) {
                found(Reason::BloodGroupConflict);
            }
        }
        if let Some(card) = self.persons_card(claim)
            && !self.enterprises.is_empty()
            && card.group() == *b"DN"
        {
            let day = claim.day();
            let ceased = |job: &Employment| {
                let mut own = (self.enterprises.iter()).filter(|row| row.number == job.enterprise);
                own.any(|row| {
                    matches!(
                        row.status,
                        EnterpriseStatus::Dissolved | EnterpriseStatus::Bankrupt
                    ) && row.successor.is_none()
                        && row.since + 90 < day
                })
            };
            let covers = |job: &&&Employment| {
                job.si == card.holder() && job.from <= day && job.to.is_none_or(|to| day <= to)
            };
            let mut jobs = self.employments.iter().filter(covers).peekable();
            if jobs.peek().is_some() && jobs.all(|job| ceased(job)) {
                found(Reason::EmployerCeased);
            }
        }
    }

    /// Reasons about a claim among the person's others. `claims` are by arrival, facility, visit.
    fn find_of_person(
        &self,
        person: Whose,
        claims: &[&Claim],
        place: usize,
        found: &mut impl FnMut(Reason),
    ) {
        let claim = claims[place];
        let alive = || {
            self.citizen(person)
                .is_some_and(|row| row.status == LifeStatus::Alive)
        };
        let others = || claims.iter().filter(|other| other.visit != claim.visit);
        if matches!(claim.outcome, 5 | 8)
            && others().any(|other| other.day() > claim.last_day())
            && alive()
        {
            found(Reason::DeathOnLivingCard);
        }
        let elsewhere = |other: &Claim| {
            other.facility != claim.facility
                && [claim.from, claim.to]
                    .iter()
                    .all(|f| *f != Some(other.facility))
                && [other.from, other.to]
                    .iter()
                    .all(|f| *f != Some(claim.facility))
        };
        let inpatient = |claim: &Claim| matches!(claim.visit_type, 3 | 9);
        let overlap = |other: &&Claim| {
            let common =
                claim.discharged.min(other.discharged) - claim.admitted.max(other.admitted);
            inpatient(other) && common > 120 && elsewhere(other)
        };
        if inpatient(claim) && others().any(overlap) {
            found(Reason::OverlappingStay);
        }
        let during = |stay: &&Claim| {
            let (begin, end) = (stay.admitted + 120, stay.discharged - 120);
            stay.visit_type == 3 && (begin..=end).contains(&claim.admitted) && elsewhere(stay)
        };
        if claim.visit_type == 1 {
            if others().any(during) {
                found(Reason::VisitDuringStay);
            }
            let mut that_day: Vec<u16> = (claims.iter())
                .filter(|c| c.visit_type == 1 && c.day() == claim.day())
                .map(|c| c.facility)
                .collect();
            that_day.sort_unstable();
            that_day.dedup();
            if that_day.len() >= 3 {
                found(Reason::SameDayFacilities);
            }
        }
        let twin = |other: &&Claim| {
            (
                other.facility,
                other.admitted,
                other.diagnosis,
                other.money.total,
            ) == (
                claim.facility,
                claim.admitted,
                claim.diagnosis,
                claim.money.total,
            ) && other.visit < claim.visit
        };
        if others().any(twin) {
            found(Reason::DuplicateClaim);
        }
        let begin = claim.day() - 119;
        if claims[..=place].iter().filter(|c| c.day() >= begin).count() > 50 {
            found(Reason::FrequentVisits);
        }
    }

    /// Valid cards of the dead.
    fn stale(&self, world: &World, as_of: DayNumber, found: &mut Vec<(Reason, Subject)>) {
        for card in &self.cards {
            let deaths = || self.deaths(Whose::Participant(card.number.holder()));
            if card.status == CardStatus::Valid
                && card.covers(as_of)
                && deaths()
                    .iter()
                    .any(|(_, latest)| *latest < world.day(as_of))
            {
                found.push((Reason::StaleCard, Subject::Card(card.number)));
            }
        }
    }

    /// Benefits that go on after a death.
    fn drawn_after_death(
        &self,
        world: &World,
        as_of: DayNumber,
        found: &mut Vec<(Reason, Subject)>,
    ) {
        for benefit in &self.benefits {
            let deaths = self.deaths(Whose::Citizen(benefit.id));
            let goes_on = |died: Day| benefit.to.is_none_or(|to| died < world.day(to));
            let mut latest = deaths.iter().map(|(_, latest)| *latest);
            if latest.any(|died| died < world.day(as_of) && goes_on(died)) {
                let subject = Subject::Beneficiary(benefit.id, benefit.scheme);
                found.push((Reason::BenefitAfterDeath, subject));
            }
        }
    }
}

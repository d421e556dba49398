//! What the databases say of a person that does not fit together, or not to somebody who asks.
//!
//! In: the records of a person, and the day. Out: mismatches in the reader's language, each with what the person can do: the
//! worst first. Must hold: somebody whom a register holds for dead is told so before anything else; causes are those of
//! [`crate::authenticate`]; of others' records only how many there are is told.

use std::collections::BTreeSet;

use crate::authenticate::Comparison;
use crate::authenticate::name::{NameAgreement, compare};
use crate::language::{Language, fill};
use crate::mask;
use crate::record::{
    Card, CardStatus, Citizen, Claim, Day, HealthProfile, LifeStatus, Participant, PersonalId,
    Record, SiNumber, Stream, Value,
};

macro_rules! kinds {
    ($( $(#[$doc:meta])* $kind:ident = $code:literal: $says_en:literal, $says_vi:literal; $do_en:literal, $do_vi:literal. )*) => {
        /// What does not fit together.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Kind { $( $(#[$doc])* $kind, )* }

        impl Kind {
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$kind,)*];

            fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// What is so, and what the person can do.
            fn texts(self, language: Language) -> (&'static str, &'static str) {
                match (self, language) {
                    $( (Self::$kind, Language::English) => ($says_en, $do_en),
                       (Self::$kind, Language::Vietnamese) => ($says_vi, $do_vi), )*
                }
            }
        }
    };
}

kinds! {
    /// The register has an entry of death with its date: `{date}`.
    Dead = "dead_in_register":
        "The population register says that you died on {date}.",
        "Cơ sở dữ liệu quốc gia về dân cư ghi nhận bạn đã mất ngày {date}.";
        "If you read this, the entry is wrong, and your card and benefits may be stopped because of it. Go to the police of your commune or ward with your identity card and ask that the entry of death be cancelled. Ask here for a correction as well: somebody at the fund will look at it within 2 working days.",
        "Nếu bạn đang đọc dòng này thì thông tin đó là sai, và có thể khiến thẻ BHYT hoặc chế độ của bạn bị dừng. Hãy mang căn cước đến công an xã, phường nơi cư trú đề nghị hủy thông tin đã mất. Đồng thời hãy gửi yêu cầu đính chính tại đây: cán bộ quỹ BHYT sẽ xem xét trong 2 ngày làm việc.".
    /// The same without a date.
    DeadUndated = "dead_in_register_undated":
        "The population register says that you have died, without a date.",
        "Cơ sở dữ liệu quốc gia về dân cư ghi nhận bạn đã mất, không có ngày.";
        "If you read this, the entry is wrong. Go to the police of your commune or ward with your identity card and ask that the entry of death be cancelled. Ask here for a correction as well: somebody at the fund will look at it within 2 working days.",
        "Nếu bạn đang đọc dòng này thì thông tin đó là sai. Hãy mang căn cước đến công an xã, phường nơi cư trú đề nghị hủy thông tin đã mất. Đồng thời hãy gửi yêu cầu đính chính tại đây: cán bộ quỹ BHYT sẽ xem xét trong 2 ngày làm việc.".
    /// A court has declared the person dead.
    DeclaredDead = "declared_dead":
        "The population register says that a court has declared you dead.",
        "Cơ sở dữ liệu quốc gia về dân cư ghi nhận tòa án đã tuyên bố bạn chết.";
        "Ask the court that decided to annul its decision, and show its new decision to the police of your commune or ward. Ask here for a correction as well.",
        "Hãy đề nghị tòa án đã ra quyết định hủy bỏ quyết định đó, rồi xuất trình quyết định mới cho công an xã, phường. Đồng thời hãy gửi yêu cầu đính chính tại đây.".
    /// Somebody else reported a death: `{source}`, `{date}`.
    DeathReported = "death_reported":
        "A report of your death has come in: {source}, {date}.",
        "Có thông tin báo bạn đã mất: {source}, {date}.";
        "If you read this, the report is wrong. Ask here for a correction, and tell whoever reported it.",
        "Nếu bạn đang đọc dòng này thì thông tin đó là sai. Hãy gửi yêu cầu đính chính tại đây và báo cho nơi đã cung cấp thông tin.".
    /// The register says that the person is missing.
    Missing = "missing_in_register":
        "The population register says that you are missing.",
        "Cơ sở dữ liệu quốc gia về dân cư ghi nhận bạn đang mất tích.";
        "Go to the police of your commune or ward with your identity card.",
        "Hãy mang căn cước đến công an xã, phường nơi cư trú.".
    /// The number is cancelled.
    Cancelled = "cancelled_id":
        "The population register says that your personal id is cancelled.",
        "Cơ sở dữ liệu quốc gia về dân cư ghi nhận số định danh cá nhân của bạn đã bị hủy.";
        "Go to the police of your commune or ward with your identity card.",
        "Hãy mang căn cước đến công an xã, phường nơi cư trú.".
    /// Another number took its place.
    Superseded = "superseded_id":
        "Another personal id has taken the place of the one you have signed in with.",
        "Số định danh cá nhân bạn dùng để đăng nhập đã được thay bằng số khác.";
        "Have your insurance and your card changed to the new number, at the social-insurance office.",
        "Hãy đến cơ quan BHXH để cập nhật số định danh mới cho sổ BHXH và thẻ BHYT.".
    /// The register does not have the number, though others have.
    NotInRegister = "unknown_personal_id":
        "The population register has no entry of your personal id.",
        "Cơ sở dữ liệu quốc gia về dân cư không có số định danh cá nhân của bạn.";
        "Go to the police of your commune or ward with your identity card.",
        "Hãy mang căn cước đến công an xã, phường nơi cư trú.".
    /// An entry of the insurance differs; what it says is the cause's.
    InsuranceDiffers = "insurance_differs":
        "{cause}",
        "{cause}";
        "Ask here for a correction, and say which of the two is right. The name, birth date and sex of the population register count; where that is wrong, go to the police of your commune or ward.",
        "Hãy gửi yêu cầu đính chính tại đây và nêu rõ thông tin nào đúng. Họ tên, ngày sinh, giới tính theo cơ sở dữ liệu dân cư là căn cứ; nếu cơ sở dữ liệu đó sai, hãy đến công an xã, phường.".
    /// Several participants: `{count}`.
    SeveralNumbers = "several_insurance_numbers":
        "{count} social-insurance numbers have your personal id.",
        "Có {count} mã số BHXH cùng mang số định danh cá nhân của bạn.";
        "Ask the social-insurance office to merge them, or ask here for a correction if one is not yours.",
        "Hãy đề nghị cơ quan BHXH gộp mã số, hoặc gửi yêu cầu đính chính tại đây nếu có mã số không phải của bạn.".
    /// Cards of several participants in force: `{count}`.
    SeveralCards = "several_cards":
        "Cards of {count} different social-insurance numbers are in force in your name.",
        "Thẻ BHYT của {count} mã số BHXH khác nhau đang có hiệu lực dưới tên bạn.";
        "Ask here for a correction, and say which card is yours.",
        "Hãy gửi yêu cầu đính chính tại đây và nêu rõ thẻ nào là của bạn.".
    /// The last card is taken back: `{card}`, `{status}`.
    CardWithdrawn = "card_withdrawn":
        "Your card {card} cannot be used: {status}.",
        "Thẻ BHYT {card} của bạn không sử dụng được: {status}.";
        "Ask your employer or the social-insurance office why, or ask here for a correction.",
        "Hãy hỏi đơn vị nơi làm việc hoặc cơ quan BHXH lý do, hoặc gửi yêu cầu đính chính tại đây.".
    /// Visits after the death that is recorded: `{count}`.
    VisitsAfterDeath = "visits_after_death":
        "{count} visits are recorded after the day on which you are said to have died.",
        "Có {count} lượt khám sau ngày bạn được ghi nhận đã mất.";
        "If they were yours, say so when you ask for a correction: they help to show that the entry of death is wrong.",
        "Nếu đó là lượt khám của bạn, hãy nêu rõ khi yêu cầu đính chính: đó là căn cứ cho thấy thông tin đã mất là sai.".
    /// Visits on the person's card under other names or numbers: `{count}`.
    VisitsOfOthers = "visits_of_others":
        "{count} visits were made with your card under another name or personal id.",
        "Có {count} lượt khám dùng thẻ của bạn nhưng mang họ tên hoặc số định danh khác.";
        "Look at the visits below. If one was not yours, ask for a correction: somebody may have used your card.",
        "Hãy xem các lượt khám bên dưới. Nếu có lượt không phải của bạn, hãy gửi yêu cầu đính chính: có thể người khác đã dùng thẻ của bạn.".
    /// Visits with the person's number on others' cards: `{count}`.
    VisitsOnOtherCards = "visits_on_other_cards":
        "{count} visits have your personal id, but a card that is not yours.",
        "Có {count} lượt khám mang số định danh cá nhân của bạn nhưng dùng thẻ không phải của bạn.";
        "Ask for a correction if one was not yours.",
        "Hãy gửi yêu cầu đính chính nếu có lượt không phải của bạn.".
    /// Visits with another blood group: `{count}`.
    BloodGroup = "blood_group_differs":
        "{count} visits have another blood group than your health profile.",
        "Có {count} lượt khám ghi nhóm máu khác với hồ sơ sức khỏe của bạn.";
        "Ask for a correction and say which is right: in an emergency it matters.",
        "Hãy gửi yêu cầu đính chính và nêu rõ nhóm máu đúng: điều này quan trọng khi cấp cứu.".
}

/// Something that does not fit together, as the person is told it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// A stable code; of what differs from the register, that of the cause.
    pub code: &'static str,
    /// Where it is.
    pub streams: Vec<Stream>,
    /// What is so.
    pub says: String,
    /// What the person can do.
    pub remedy: &'static str,
}

/// It tells of a person: only its code is shown.
impl std::fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// The records of a person, by stream.
struct Own<'a> {
    id: PersonalId,
    today: Day,
    language: Language,
    /// The entry of the number that was asked for.
    citizen: Option<&'a Citizen>,
    /// That of the number, and of those whose place it took.
    ids: BTreeSet<PersonalId>,
    participants: Vec<&'a Participant>,
    cards: Vec<&'a Card>,
    claims: Vec<&'a Claim>,
    profile: Option<&'a HealthProfile>,
    records: &'a [&'a Record],
    told: Vec<Mismatch>,
}

/// What does not fit together in the records of a citizen, as of a day.
pub fn mismatches(
    id: PersonalId,
    records: &[&Record],
    today: Day,
    language: Language,
) -> Vec<Mismatch> {
    let mut own = Own {
        id,
        today,
        language,
        citizen: None,
        ids: BTreeSet::from([id]),
        participants: Vec::new(),
        cards: Vec::new(),
        claims: Vec::new(),
        profile: None,
        records,
        told: Vec::new(),
    };
    for record in records {
        match record {
            Record::Citizens(citizen) => {
                own.ids.insert(citizen.personal_id);
                if citizen.personal_id == id {
                    own.citizen = Some(citizen);
                }
            }
            Record::Participants(one) if one.personal_id == Some(id) => own.participants.push(one),
            Record::Cards(card) => own.cards.push(card),
            Record::Claims(claim) => own.claims.push(claim),
            Record::HealthProfiles(profile) => own.profile = Some(profile),
            _ => {}
        }
    }
    own.deaths();
    own.register();
    own.insurance();
    own.cards();
    own.visits();
    own.told
}

impl Own<'_> {
    fn tell(&mut self, kind: Kind, streams: &[Stream], value: impl Fn(&str) -> Option<String>) {
        let (says, remedy) = kind.texts(self.language);
        if let Some(says) = fill(says, value) {
            self.told.push(Mismatch {
                code: kind.code(),
                streams: streams.to_vec(),
                says,
                remedy,
            });
        }
    }

    fn tell_count(&mut self, kind: Kind, streams: &[Stream], count: usize) {
        if count > 0 {
            let count = self.language.count(count as u64);
            self.tell(kind, streams, |_| Some(count.clone()));
        }
    }

    fn deaths(&mut self) {
        let language = self.language;
        let entry = self.citizen.map(|own| (own.life_status, own.death_date));
        let date = |date| move |_: &str| Some(language.partial_date(date));
        match entry {
            Some((LifeStatus::Dead, Some(day))) => {
                self.tell(Kind::Dead, &[Stream::Citizens], date(day));
            }
            Some((LifeStatus::Dead, None)) => {
                self.tell(Kind::DeadUndated, &[Stream::Citizens], |_| None);
            }
            Some((LifeStatus::DeclaredDead, _)) => {
                self.tell(Kind::DeclaredDead, &[Stream::Citizens], |_| None);
            }
            _ => {}
        }
        let reports: BTreeSet<_> = (self.records.iter())
            .filter_map(|record| match record {
                Record::DeathReports(report) => Some((
                    language.death_source(report.source),
                    language.partial_date(report.death_date),
                )),
                _ => None,
            })
            .collect();
        for (source, date) in reports {
            let value = |place: &str| match place {
                "source" => Some(source.to_owned()),
                _ => Some(date.clone()),
            };
            self.tell(Kind::DeathReported, &[Stream::DeathReports], value);
        }
    }

    fn register(&mut self) {
        let citizens = &[Stream::Citizens];
        let Some(citizen) = self.citizen else {
            if !self.records.is_empty() {
                self.tell(Kind::NotInRegister, citizens, |_| None);
            }
            return;
        };
        match citizen.life_status {
            LifeStatus::Missing => self.tell(Kind::Missing, citizens, |_| None),
            LifeStatus::Cancelled => self.tell(Kind::Cancelled, citizens, |_| None),
            _ => {}
        }
        if citizen.superseded_by.is_some() {
            self.tell(Kind::Superseded, citizens, |_| None);
        }
    }

    fn insurance(&mut self) {
        let streams = &[Stream::Citizens, Stream::Participants];
        if let Some(citizen) = self.citizen {
            let participants = self.participants.iter();
            let causes: BTreeSet<_> = participants
                .filter_map(|one| Comparison::new(*one, citizen).cause())
                .collect();
            for cause in causes {
                let text = cause.text(self.language);
                self.tell(Kind::InsuranceDiffers, streams, |_| Some(text.to_owned()));
                if let Some(told) = self.told.last_mut() {
                    told.code = cause.as_str();
                }
            }
        }
        if self.participants.len() > 1 {
            let count = self.participants.len();
            self.tell_count(Kind::SeveralNumbers, &[Stream::Participants], count);
        }
    }

    fn cards(&mut self) {
        let today = self.today;
        let covers =
            |card: &&&Card| card.valid_from <= today && card.valid_to.is_none_or(|to| today <= to);
        let in_force: BTreeSet<SiNumber> = (self.cards.iter())
            .filter(covers)
            .filter(|card| card.status == CardStatus::Valid)
            .map(|card| card.card_number.holder())
            .collect();
        if in_force.len() > 1 {
            self.tell_count(Kind::SeveralCards, &[Stream::Cards], in_force.len());
        }
        let last = self
            .cards
            .iter()
            .copied()
            .max_by_key(|card| card.valid_from);
        let is_taken_back = |card: &&Card| {
            use CardStatus::{Locked, Reduced, Revoked};
            matches!(card.status, Locked | Reduced | Revoked)
        };
        if let Some(card) = last.filter(is_taken_back).filter(|_| in_force.is_empty()) {
            let language = self.language;
            let value = |place: &str| match place {
                "card" => Some(mask::identifier(&card.card_number)),
                _ => Some(language.card_status(card.status).to_owned()),
            };
            self.tell(Kind::CardWithdrawn, &[Stream::Cards], value);
        }
    }

    fn visits(&mut self) {
        let claims = |is: &dyn Fn(&Claim) -> bool| self.claims.iter().filter(|one| is(one)).count();
        let died = self.died();
        let after_death = claims(&|claim| died.is_some_and(|died| claim.admission_date() > died));
        let holders: BTreeSet<SiNumber> =
            self.participants.iter().map(|one| one.si_number).collect();
        let is_on_own_card = |claim: &Claim| {
            let mut cards = claim.cards.iter();
            cards.any(|card| holders.contains(&card.holder()))
        };
        let of_others = claims(&|claim| {
            let citizen = claim.personal_id.as_ref();
            let citizen = citizen.and_then(|text| PersonalId::from_text(text.as_str()));
            let is_other_id = citizen.is_some_and(|id| !self.ids.contains(&id));
            let is_other_name = self.citizen.is_some_and(|own| {
                let agreement = compare(own.full_name.as_str(), claim.full_name.as_str());
                agreement == NameAgreement::Different
            });
            is_on_own_card(claim) && (is_other_id || is_other_name)
        });
        let on_others = claims(&|claim| {
            let names = claim.citizen() == Some(self.id);
            names && !claim.cards.is_empty() && !is_on_own_card(claim) && !holders.is_empty()
        });
        let blood_group = self.profile.and_then(|profile| profile.blood_group);
        let blood_group = claims(&|claim| match (blood_group, claim.blood_group) {
            (Some(own), Some(other)) => {
                is_on_own_card(claim) && own.blood_type() != other.blood_type()
            }
            _ => false,
        });
        let visits = &[Stream::Claims];
        self.tell_count(Kind::VisitsAfterDeath, visits, after_death);
        self.tell_count(Kind::VisitsOfOthers, visits, of_others);
        self.tell_count(Kind::VisitsOnOtherCards, visits, on_others);
        let streams = &[Stream::Claims, Stream::HealthProfiles];
        self.tell_count(Kind::BloodGroup, streams, blood_group);
    }

    /// The last day on which the person can have been alive, by the evidence that says so first.
    fn died(&self) -> Option<Day> {
        let register = self.citizen.and_then(Citizen::death);
        let reports = self.records.iter().filter_map(|record| match record {
            Record::DeathReports(report) => Some(report.death_date),
            _ => None,
        });
        let dates = register.into_iter().chain(reports);
        dates.map(|date| date.latest_day()).min()
    }
}

#[cfg(test)]
#[path = "mismatch_tests.rs"]
mod tests;

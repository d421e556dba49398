//! Every cause and what is proposed for it, on a register of a few citizens.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::name::NameKey;
use super::*;
use crate::record::{LifeStatus, Name, OldId, PartialDate, PersonalId, Sex, Value};

/// A register that is asked naively.
#[derive(Default)]
struct Few(BTreeMap<PersonalId, Citizen>);

impl Citizens for Few {
    fn by_personal_id(&self, id: PersonalId) -> Option<Citizen> {
        self.0.get(&id).cloned()
    }

    fn by_old_id(&self, id: OldId) -> Vec<Citizen> {
        let had = self.0.values().filter(|c| c.old_id == Some(id));
        had.cloned().collect()
    }

    fn by_name_and_year(&self, name: &NameKey, year: u16) -> Vec<Citizen> {
        let is = |c: &&Citizen| {
            NameKey::of(c.full_name.as_str()) == *name && c.birth_date.year() == year
        };
        self.0.values().filter(is).cloned().collect()
    }
}

fn read<T: Value>(text: &str) -> T {
    T::from_text(text).expect("a value of its type")
}

/// A citizen who is alive, with nothing but what is compared.
fn citizen(id: &str, name: &str, birth: &str, sex: u8) -> Citizen {
    Citizen {
        personal_id: read(id),
        full_name: read(name),
        birth_date: read(birth),
        sex: Sex::new(sex).expect("a sex"),
        life_status: LifeStatus::Alive,
        death_date: None,
        superseded_by: None,
        old_id: None,
        province: None,
    }
}

fn register() -> Few {
    let mut an = citizen("001080000011", "Nguyễn Văn An", "1980-05-17", 1);
    an.old_id = Some(read("012345678"));
    let lan = citizen("001185000022", "Trần Thị Lan", "1985-03-09", 2);
    let twin = citizen("001185000033", "Trần Thị Loan", "1985-03-09", 2);
    let old = citizen("001160000044", "Lê Thị Hương", "1960", 2);
    let mut before = citizen("001080000055", "Phạm Văn Đức", "1980-02-03", 1);
    before.superseded_by = Some(read("001080000066"));
    let mut between = before.clone();
    between.personal_id = read("001080000066");
    between.superseded_by = Some(read("001080000077"));
    let after = citizen("001080000077", "Phạm Văn Đức", "1980-02-03", 1);
    let mut cancelled = citizen("001080000088", "Nguyễn Văn An", "1980-05-17", 1);
    cancelled.life_status = LifeStatus::Cancelled;
    let mut alone = citizen("001080000099", "Hồ Văn Khoa", "1980-07-20", 1);
    alone.life_status = LifeStatus::Cancelled;
    let mut circle = citizen("001080000103", "Vũ Văn Tám", "1980-08-08", 1);
    circle.superseded_by = Some(circle.personal_id);
    let wrong_sex = citizen("001090000121", "Đỗ Minh Thư", "1990-10-11", 2);
    let new_year = citizen("001070000143", "Bùi Văn Cảnh", "1970-01-01", 1);
    let first = citizen("001070000154", "Bùi Văn Bền", "1970-04-01", 1);
    let wrong_year = citizen("001291000132", "Đỗ Minh Châu", "1991-10-11", 1);
    let everyone = [
        an, lan, twin, old, before, between, after, cancelled, alone, circle, wrong_sex,
        wrong_year, new_year, first,
    ];
    Few(everyone.into_iter().map(|c| (c.personal_id, c)).collect())
}

fn identity(id: &str, name: &str, birth: &str, sex: u8) -> Identity {
    Identity {
        id: GivenId::from_text(id),
        full_name: read(name),
        birth_date: read(birth),
        sex: Sex::new(sex).expect("a sex"),
    }
}

/// `database field proposed confidence basis`, a line a correction.
fn told(verdict: &Verdict) -> String {
    let line = |c: &Correction| {
        let (database, confidence) = (c.database, c.confidence);
        format!(
            "{database} {} {} {confidence} {}",
            c.field, c.proposed, c.basis
        )
    };
    let lines: Vec<String> = verdict.corrections.iter().map(line).collect();
    lines.join("; ")
}

#[test]
fn each_cause_has_its_corrections() {
    let register = register();
    for (id, name, birth, sex, cause, corrections) in [
        // Whoever agrees authenticates, with the sex undetermined too.
        ("001080000011", "NGUYỄN  VĂN AN", "1980-05-17", 1, "", ""),
        ("001080000011", "Nguyễn Văn An", "1980-05-17", 3, "", ""),
        ("001160000044", "Lê Thị Hương", "1960", 2, "", ""),
        // Numbers.
        (
            "",
            "Nguyễn Văn An",
            "1980-05-17",
            1,
            "no_personal_id",
            "insurance personal_id 001080000011 high only_citizen",
        ),
        (
            "",
            "NGUYEN VAN AN",
            "1980-05-17",
            1,
            "no_personal_id",
            "insurance personal_id 001080000011 medium only_citizen",
        ),
        (
            "",
            "Nguyễn Văn An",
            "1980",
            1,
            "no_personal_id",
            "insurance personal_id 001080000011 low only_citizen",
        ),
        ("", "Nguyễn Văn Ba", "1980-05-17", 1, "no_personal_id", ""),
        ("", "Nguyễn Văn An", "1980-05-17", 2, "no_personal_id", ""),
        (
            "001080000010",
            "Nguyễn Văn An",
            "1980-05-17",
            1,
            "unknown_personal_id",
            "insurance personal_id 001080000011 high slip_in_number",
        ),
        (
            "001080000101",
            "Nguyễn Văn An",
            "1980-05-17",
            1,
            "unknown_personal_id",
            "insurance personal_id 001080000011 high slip_in_number",
        ),
        (
            "012345678",
            "Nguyễn Văn An",
            "1980-05-17",
            1,
            "unknown_personal_id",
            "insurance personal_id 001080000011 high old_number",
        ),
        (
            "000012345678",
            "Nguyễn Văn An",
            "1980-05-17",
            1,
            "unknown_personal_id",
            "insurance personal_id 001080000011 high old_number",
        ),
        (
            "012345678",
            "Trần Thị Lan",
            "1985-03-09",
            2,
            "unknown_personal_id",
            "insurance personal_id 001185000022 medium only_citizen",
        ),
        (
            "079080999999",
            "Nguyễn Văn An",
            "1980-05-17",
            1,
            "unknown_personal_id",
            "insurance personal_id 001080000011 medium only_citizen",
        ),
        (
            "079080999999",
            "Ngô Văn Bảy",
            "1980-05-17",
            1,
            "unknown_personal_id",
            "",
        ),
        (
            "001080000055",
            "Phạm Văn Đức",
            "1980-02-03",
            1,
            "superseded_id",
            "insurance personal_id 001080000077 high successor",
        ),
        (
            "001080000055",
            "Phạm Văn Đưc",
            "1980-02-03",
            1,
            "superseded_id",
            "insurance personal_id 001080000077 high successor; \
             insurance full_name Phạm Văn Đức high register_prevails",
        ),
        (
            "001080000103",
            "Vũ Văn Tám",
            "1980-08-08",
            1,
            "superseded_id",
            "",
        ),
        (
            "001080000088",
            "Nguyễn Văn An",
            "1980-05-17",
            1,
            "cancelled_id",
            "insurance personal_id 001080000011 medium other_entry",
        ),
        (
            "001080000099",
            "Hồ Văn Khoa",
            "1980-07-20",
            1,
            "cancelled_id",
            "",
        ),
        // One field.
        (
            "001080000011",
            "Nguyen Van An",
            "1980-05-17",
            1,
            "name_spelling",
            "insurance full_name Nguyễn Văn An high register_prevails",
        ),
        (
            "001080000011",
            "Nguyễn Văn Tâm",
            "1980-05-17",
            1,
            "name_differs",
            "insurance full_name Nguyễn Văn An medium register_prevails",
        ),
        (
            "001185000033",
            "Trần Thị Lan",
            "1985-03-09",
            2,
            "name_differs",
            "insurance personal_id 001185000022 high only_citizen",
        ),
        (
            "001080000011",
            "Nguyễn Văn An",
            "1980",
            1,
            "birth_date_partial",
            "insurance birth_date 1980-05-17 high register_prevails",
        ),
        (
            "001160000044",
            "Lê Thị Hương",
            "1960-04-30",
            2,
            "birth_date_partial",
            "population birth_date 1960-04-30 medium register_lacks",
        ),
        (
            "001185000022",
            "Trần Thị Lan",
            "1985-09-03",
            2,
            "birth_date_swapped",
            "insurance birth_date 1985-03-09 high swapped_day_month",
        ),
        (
            "001080000011",
            "Nguyễn Văn An",
            "1980-05-16",
            1,
            "birth_date_differs",
            "insurance birth_date 1980-05-17 high mistyped_digit",
        ),
        (
            "001080000011",
            "Nguyễn Văn An",
            "1980-01-01",
            1,
            "birth_date_differs",
            "insurance birth_date 1980-05-17 high default_day",
        ),
        (
            "001070000143",
            "Bùi Văn Cảnh",
            "1970-06-20",
            1,
            "birth_date_differs",
            "population birth_date 1970-06-20 low register_default",
        ),
        (
            "001070000154",
            "Bùi Văn Bền",
            "1970-04-22",
            1,
            "birth_date_differs",
            "insurance birth_date 1970-04-01 medium register_prevails",
        ),
        (
            "001080000011",
            "Nguyễn Văn An",
            "1977-12-30",
            1,
            "birth_date_differs",
            "insurance birth_date 1980-05-17 medium register_prevails",
        ),
        (
            "001291000132",
            "Đỗ Minh Châu",
            "2091-10-11",
            1,
            "birth_date_differs",
            "population birth_date 2091-10-11 medium number_says",
        ),
        (
            "001080000011",
            "Nguyễn Văn An",
            "1980-05-17",
            2,
            "sex_differs",
            "insurance sex 1 high register_prevails",
        ),
        (
            "001090000121",
            "Đỗ Minh Thư",
            "1990-10-11",
            1,
            "sex_differs",
            "population sex 1 medium number_says",
        ),
        // Several.
        (
            "001080000011",
            "Nguyen Van An",
            "1980",
            1,
            "several_causes",
            "insurance full_name Nguyễn Văn An medium register_prevails; \
             insurance birth_date 1980-05-17 medium register_prevails",
        ),
        (
            "001080000011",
            "Trần Thị Lan",
            "1985-03-09",
            2,
            "several_causes",
            "insurance personal_id 001185000022 high only_citizen",
        ),
        (
            "001080000011",
            "Ngô Thị Bảy",
            "1933-11-30",
            2,
            "several_causes",
            "",
        ),
    ] {
        let verdict = authenticate(&identity(id, name, birth, sex), &register);
        let found = verdict.cause.map_or("", Cause::as_str);
        assert_eq!(
            (found, told(&verdict).as_str()),
            (cause, corrections),
            "{id} {birth}"
        );
    }
}

#[test]
fn a_missing_successor_is_still_named_and_a_namesake_makes_it_unsure() {
    let mut few = register();
    few.0.remove(&read::<PersonalId>("001080000077"));
    let verdict = authenticate(
        &identity("001080000055", "Phạm Văn Đức", "1980-02-03", 1),
        &few,
    );
    assert_eq!(
        told(&verdict),
        "insurance personal_id 001080000077 medium successor"
    );

    let namesake = citizen("079080000500", "Nguyễn Văn An", "1980-05-17", 1);
    few.0.insert(namesake.personal_id, namesake);
    let verdict = authenticate(&identity("", "Nguyễn Văn An", "1980-05-17", 1), &few);
    assert_eq!(verdict.cause, Some(Cause::NoPersonalId));
    assert_eq!(told(&verdict), "");
}

#[test]
fn the_dead_authenticate() {
    let mut few = register();
    let id = read::<PersonalId>("001080000011");
    if let Some(citizen) = few.0.get_mut(&id) {
        citizen.life_status = LifeStatus::Dead;
    }
    let verdict = authenticate(
        &identity("001080000011", "Nguyễn Văn An", "1980-05-17", 1),
        &few,
    );
    assert!(verdict.is_authenticated() && verdict.corrections.is_empty());
}

proptest! {
    #[test]
    fn no_person_makes_it_panic_and_equal_texts_authenticate(
        id in "(0010800000[0-9]{2}|[0-9]{12}|[0-9]{9}|)",
        name in ".{0,30}",
        birth in "(19[0-9]{2}|20[0-2][0-9])(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?",
        sex in 1u8..=3,
    ) {
        let mut few = register();
        let name: Name = Name::from_text(&name).expect("any text");
        let birth: PartialDate = read(&birth);
        let sex = Sex::new(sex).expect("a sex");
        let given = Identity { id: GivenId::from_text(&id), full_name: name.clone(), birth_date: birth, sex };
        let before = authenticate(&given, &few);
        prop_assert!(before.corrections.iter().all(|c| c.current.as_ref() != Some(&c.proposed)));
        if let Some(GivenId::Personal(id)) = given.id {
            let mut same = citizen("000000000000", "x", "1980", 1);
            (same.personal_id, same.full_name, same.birth_date, same.sex) = (id, name, birth, sex);
            few.0.insert(id, same);
            prop_assert!(authenticate(&given, &few).is_authenticated());
        }
    }
}

//! Pairs of names and what they are, and what holds of all.

use proptest::prelude::*;

use super::NameAgreement::{Different, Equal, Spelling};
use super::*;

fn assert_all(pairs: &[(&str, &str)], expected: NameAgreement) {
    let wrong: Vec<_> = (pairs.iter())
        .filter(|(a, b)| compare(a, b) != expected || compare(b, a) != expected)
        .collect();
    assert!(wrong.is_empty(), "not {expected:?}: {wrong:?}");
}

#[test]
fn names_agree_but_for_case_spaces_and_normal_form() {
    assert_all(
        &[
            ("Nguyễn Văn An", "NGUYỄN VĂN AN"),
            ("Nguyễn Văn An", " nguyễn  văn\tan "),
            ("Nguyễn Văn An", "Nguye\u{302}\u{303}n Va\u{306}n An"),
            ("ĐẶNG THỊ ÁNH", "đặng thị ánh"),
            ("", "  "),
        ],
        Equal,
    );
}

#[test]
fn misspelt_names_are_one_name() {
    assert_all(
        &[
            // Tones and marks that were dropped or are elsewhere.
            ("Nguyễn Văn Hòa", "Nguyễn Văn Hoà"),
            ("Nguyễn Thị Thúy", "Nguyễn Thị Thuý"),
            ("Nguyễn Văn Hòa", "Nguyen Van Hoa"),
            ("Trần Thị Ánh Nguyệt", "TRAN THI ANH NGUYET"),
            ("Hoàng Văn Thành", "Hoàng Văn Thanh"),
            ("Lê Thị Hương", "Lê Thị Hưong"),
            ("Phạm Thị Mỹ", "Phạm Thị Mỷ"),
            ("Trần Văn Hùng", "Trân Văn Hùng"),
            ("Đặng Văn Đức", "Dặng Văn Dức"),
            ("Đỗ Thị Đào", "Do Thi Dao"),
            ("Ðặng Văn Đức", "Đặng Văn Đức"),
            // `i` and `y`.
            ("Lý Thị Kỳ", "Lí Thị Kì"),
            ("Võ Thị Mỹ", "Võ Thị Mĩ"),
            ("Lê Văn Quý", "Lê Văn Quí"),
            ("Nguyễn Vy", "Nguyễn Vi"),
            ("Huỳnh Thị Tỷ", "Huỳnh Thị Tỉ"),
            ("Trần Thị Quỳnh", "Trần Thị Quình"),
            // Another order.
            ("Nguyễn Văn An", "An Nguyễn Văn"),
            ("Nguyễn Văn An", "Văn An Nguyễn"),
            ("Nguyễn Thị Lan", "Nguyễn Lan Thị"),
            ("Trần Hoàng Minh Anh", "Minh Anh Tran Hoang"),
            // Shortened.
            ("Nguyễn Văn An", "Ng. Văn An"),
            ("Nguyễn Văn An", "N.V.An"),
            ("Nguyễn Thị Lan", "Nguyễn T. Lan"),
            ("Nguyễn Thị Lan", "Nguyễn T Lan"),
            ("Nguyễn Thị Lan", "Nguyễn Lan"),
            ("Nguyễn Thị Thu Hà", "Nguyễn Hà"),
            ("Nguyễn Thị Thu Hà", "Nguyễn Thị Hà"),
            ("Trần Văn Bình", "Tr. V. Bình"),
            ("Đặng Thị Hoa", "Đ. T. Hoa"),
            ("Nguyễn Thị Thanh Hương", "Ng. Thanh Hương"),
            // Telex and VNI.
            ("Nguyễn Văn An", "Nguyeenx Vawn An"),
            ("Đăng Thị Đào", "Ddawng Thij Ddaof"),
            ("Nguyễn Văn An", "Nguye6n4 Va8n An"),
            ("Trần Đức Hương", "Tra62n D9u71c Hu7o7ng"),
            ("Nguyễn Văn Dũng", "Nguyễn Văn Dungx"),
            ("Lê Thị Hồng", "Lê Thị Hoongf"),
            // Slips of the keyboard.
            ("Nguyễn Văn Minh", "Nguyễn Văn Mimh"),
            ("Nguyễn Văn Minh", "Nguyễn Văn Mihn"),
            ("Nguyễn Văn Minh", "Nguyễnn Văn Minh"),
            ("Nguyễn Văn Minh", "Nguyêxn Vnă Minh"),
            ("Phạm Thị Phương", "Phạm Thị Phươg"),
            ("Hoàng Thị Ngọc", "Haòng Thị Ngọc"),
            ("Nguyễn Thị Minh Hằng", "Nguyễn Thị Ninh Hằng"),
            ("Nguyễn Văn Sỹ", "Nuyễn Văn Sỹ"),
            ("Trần Thị Du", "Trầ Thị Du"),
            ("Hoàng Thị Ân", "Hàng Thị Ân"),
            ("Lê Văn Nhân", "Lê Vă Nhân"),
            ("Lê Thị Mai Quyên", "Lê Thị Mi Quyên"),
            ("Lê Thị Linh", "Lê Thị Lynh"),
            ("Nông Việt Dương", "noong vieetj duwowng"),
            // Run together, torn apart.
            ("Nguyễn Văn An", "NguyễnVănAn"),
            ("Nguyễn Văn An", "Nguyễn VănAn"),
            ("Nguyễn Văn An", "Ngu yễn Văn An"),
            ("Nguyễn Văn An", "Nguyen VanAn"),
            ("Nguyễn-Văn-An", "Nguyễn Văn An"),
            ("Nguyễn Văn Minh", "NguyễnVăn Mimh"),
            // Several at once.
            ("Nguyễn Thị Thu Hà", "NGUYEN T. THU HA"),
            ("H'Hen Niê", "HHen Nie"),
            ("Y Moan Êban", "Y Moan Eban"),
        ],
        Spelling,
    );
}

#[test]
fn other_people_have_other_names() {
    assert_all(
        &[
            ("Nguyễn Văn An", "Nguyễn Văn Bình"),
            ("Nguyễn Văn Minh", "Nguyễn Văn Linh"),
            ("Nguyễn Văn Minh", "Nguyễn Văn Ninh"),
            ("Nguyễn Thị Hoa", "Nguyễn Thị Lan"),
            ("Nguyễn Thị Lan", "Nguyễn Thị Loan"),
            ("Nguyễn Thị Hà", "Nguyễn Thị Hạ"),
            ("Nguyễn Văn Hùng", "Nguyễn Văn Hưng"),
            ("Nguyễn Văn Trung", "Nguyễn Văn Chung"),
            ("Nguyễn Thị Hằng", "Nguyễn Thị Hạnh"),
            ("Nguyễn Thị Mai", "Nguyễn Thị May"),
            ("Nguyễn Văn An", "Trần Văn An"),
            ("Nguyễn Văn An", "Lê Thị Bích"),
            ("Phan Văn An", "Phạm Văn An"),
            ("Lê Văn An", "Lý Văn An"),
            ("Vũ Văn An", "Võ Văn An"),
            ("Nguyễn Văn Nam", "Nguyễn Hữu Nam"),
            ("Nguyễn Thị Lan", "Nguyễn Thu Lan"),
            ("Nguyễn Thị Lan", "Nguyễn Thị Lan Anh"),
            ("Nguyễn Văn An", "Nguyễn Văn"),
            ("Nguyễn Văn An", "An"),
            ("Nguyễn Văn An", ""),
            ("N. V. A.", "Nguyễn Văn An"),
            ("Trần Thị Ngọc Ánh", "Trần Thị Ngọc Anh Thư"),
            ("Đinh Văn Tú", "Đinh Văn Tài"),
            ("Hồ Thị Xuân", "Hồ Thị Thu"),
        ],
        Different,
    );
}

#[test]
fn no_text_takes_long() {
    let words = "an ".repeat(11);
    let long = "an".repeat(500_000);
    let started = std::time::Instant::now();
    assert_eq!(
        compare(&format!("{words} bình"), &format!("{words} chi")),
        Different
    );
    assert_eq!(compare(&format!("{long}b"), &format!("{long}c")), Different);
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn a_key_finds_most_misspellings() {
    let key = NameKey::of("Nguyễn Thị Thúy");
    for name in ["NGUYEN THI THUY", "Thuý Nguyễn Thị", "NguyễnThị Thúy"] {
        assert_eq!(NameKey::of(name), key, "{name}");
    }
    assert_ne!(NameKey::of("Nguyễn Thị Thu"), key);
    assert_eq!(format!("{key:?}"), "•••");
}

/// Texts that look like names, and some that do not.
fn name() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => prop::sample::select(vec![
            "Nguyễn", "Trần", "Thị", "Văn", "An", "Hòa", "Hoà", "Minh", "Linh", "Lý", "Lí", "Ng.",
            "T.", "nguyeenx", "ddawng", "nguye6n4", "Đặng", "Dang", "H'Hen", "Quỳnh", "",
        ]).prop_map(str::to_owned),
        2 => "[a-zA-Zđăâêôơư0-9.' \u{300}\u{301}\u{302}\u{31b}-]{0,8}",
        1 => ".{0,6}",
    ];
    prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn a_comparison_is_the_same_the_other_way_round(a in name(), b in name()) {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a));
    }

    #[test]
    fn a_name_agrees_with_itself_however_it_is_written(a in name()) {
        prop_assert_eq!(compare(&a, &a), Equal);
        let decomposed: String = a.nfd().collect();
        prop_assert_eq!(compare(&a, &decomposed), Equal);
        prop_assert_eq!(canonical(&canonical(&a)), canonical(&a));
        prop_assert_eq!(compare(&a, &a.replace(' ', "  ")), Equal);
    }

    #[test]
    fn no_text_makes_a_comparison_panic(a in ".{0,40}", b in ".{0,40}") {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a));
        let _ = NameKey::of(&a);
    }
}

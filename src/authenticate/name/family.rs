//! The family names that nearly everybody has.
//!
//! Vietnam has some hundreds of family names, and fourteen of them are those of nine people in ten. So
//! a word that is a letter away from one of these, and none itself, is a slip; `Phan` and `Phạm` are
//! two names.

/// Family names without marks, `i` for `y`.
const FAMILIES: [&str; 66] = [
    "an", "au", "bach", "banh", "bui", "cao", "chau", "chu", "cu", "dam", "dang", "danh", "dao",
    "dau", "dinh", "do", "doan", "dong", "duong", "gian", "giang", "giap", "ha", "han", "ho",
    "hoang", "hua", "huynh", "khuat", "khuong", "kieu", "kim", "la", "lai", "lam", "le", "li",
    "luong", "luu", "ma", "mac", "mach", "mai", "nghiem", "ngo", "nguyen", "nong", "ong", "pham",
    "phan", "phung", "quach", "quan", "ta", "thach", "thai", "than", "to", "tong", "tran", "trieu",
    "trinh", "truong", "van", "vo", "vu",
];

/// Whether letters without marks are such a family name.
pub(super) fn is_family(bases: impl Iterator<Item = char>) -> bool {
    let letters: String = bases.collect();
    FAMILIES.binary_search(&letters.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_in_order() {
        assert!(FAMILIES.is_sorted_by(|a, b| a < b));
        assert!(is_family("tran".chars()) && !is_family("trna".chars()));
    }
}

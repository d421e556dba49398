//! The words of the pages of rules, in both languages.

use crate::language::Language;

/// The words; places in braces are filled.
pub(super) struct Words {
    pub rules: &'static str,
    /// `{version}`.
    pub version: &'static str,
    /// How thresholds are changed, in one paragraph.
    pub how_to_change: &'static str,
    pub reason: &'static str,
    pub title: &'static str,
    pub class: &'static str,
    pub severity: &'static str,
    pub condition: &'static str,
    pub thresholds: &'static str,
    pub threshold: &'static str,
    pub value: &'static str,
    pub range: &'static str,
    pub meaning: &'static str,
    /// `{least}`, `{most}`.
    pub from_to: &'static str,
    /// `{value}`.
    pub default: &'static str,
    /// `{day}`.
    pub from_day: &'static str,
    /// `{level}`.
    pub level: &'static str,
    pub none: &'static str,
    pub adjustment: &'static str,
    pub legal_basis: &'static str,
    pub evidence: &'static str,
    /// `{severity}`, `{streams}`.
    pub severity_and_subjects: &'static str,
    pub is_scored: &'static str,
    pub changes: &'static str,
    /// `{at}`.
    pub change_at: &'static str,
}

static ENGLISH: Words = Words {
    rules: "Rules",
    version: "Version {version} of the catalogue.",
    how_to_change: "A threshold is a setting: `fundwatch replay --rules FILE` takes other values from a file, \
                    and values that take force in the epoch that holds a time; `fundwatch rules --rules FILE` \
                    prints them. What a file does not name stays as it is.",
    reason: "Reason",
    title: "Title",
    class: "Class",
    severity: "Severity",
    condition: "Condition",
    thresholds: "Thresholds",
    threshold: "Threshold",
    value: "Value",
    range: "Range",
    meaning: "Meaning",
    from_to: "{least} to {most}",
    default: "default {value}",
    from_day: "from {day}",
    level: "level {level}",
    none: "none",
    adjustment: "Recommended",
    legal_basis: "Legal basis",
    evidence: "Evidence",
    severity_and_subjects: "severity {severity} · about {streams}",
    is_scored: "Its alerts about claims carry an outlier score.",
    changes: "Changes of thresholds",
    change_at: "From {at} on",
};

static VIETNAMESE: Words = Words {
    rules: "Quy tắc cảnh báo",
    version: "Phiên bản {version} của danh mục quy tắc.",
    how_to_change: "Ngưỡng là tham số: `fundwatch replay --rules FILE` lấy giá trị khác từ tệp, kể cả giá trị \
                    có hiệu lực từ kỳ dữ liệu chứa một thời điểm; `fundwatch rules --rules FILE` in các giá trị \
                    đó. Ngưỡng không nêu trong tệp giữ nguyên giá trị.",
    reason: "Lý do",
    title: "Tên",
    class: "Nhóm",
    severity: "Mức nghiêm trọng",
    condition: "Điều kiện",
    thresholds: "Ngưỡng",
    threshold: "Ngưỡng",
    value: "Giá trị",
    range: "Khoảng cho phép",
    meaning: "Ý nghĩa",
    from_to: "{least} đến {most}",
    default: "mặc định {value}",
    from_day: "từ {day}",
    level: "mức {level}",
    none: "không có",
    adjustment: "Khuyến nghị xử lý",
    legal_basis: "Căn cứ pháp lý",
    evidence: "Dữ liệu căn cứ",
    severity_and_subjects: "mức nghiêm trọng: {severity} · đối tượng: {streams}",
    is_scored: "Cảnh báo về hồ sơ đề nghị thanh toán kèm điểm bất thường.",
    changes: "Thay đổi ngưỡng",
    change_at: "Từ {at}",
};

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Vietnamese => &VIETNAMESE,
        }
    }
}

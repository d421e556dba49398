//! Vietnamese, in NFC, in the terms of the field: Law on Health Insurance, Decisions 130, 4750 and
//! 3176/QD-BYT, Decision 1804/QD-BYT of 2026 (kinds of visits).

use super::Messages;
use super::word::Words;
use crate::record::{CardStatus, DeathSource, EnterpriseStatus, LifeStatus, Sex, Stream};

pub(super) static MESSAGES: Messages = Messages {
    making: "tạo dữ liệu",
    checking: "kiểm tra",
    replaying: "chạy lại",
    counting: "thống kê",
    choosing: "chọn người",
    writing: "ghi kết quả",
    time_left: "còn lại",
    waiting_for_processes: "đang chờ các tiến trình tham gia: {processes}",
    rows_done: "{rows} dòng",
    rows_at_day: "{rows} dòng, đến {day}",
    alerts_done: "{alerts} cảnh báo",
    headline: "Một quốc gia giả lập có {citizens} công dân trong {days} ngày: đã chạy lại {rows} \
               dòng dữ liệu, {alerts} cảnh báo đang có hiệu lực, trong {seconds} giây.",
    proposal: "Cảnh báo là dấu hiệu cần xác minh, không phải kết luận: quyết định thuộc về con người.",
    heading_streams: "Số dòng theo nguồn dữ liệu",
    rejected: "bị từ chối",
    heading_reasons: "Cảnh báo theo lý do",
    column_class: "nhóm",
    column_alerts: "cảnh báo",
    column_amount: "số tiền",
    total: "tất cả",
    counted_once: "Ở số tiền cuối, hồ sơ hoặc khoản hưởng có nhiều cảnh báo chỉ được tính một lần.",
    withdrawn: "Số cảnh báo đã phát sinh: {raised}; hệ thống đã rút khi dữ liệu được sửa: {withdrawn}.",
    heading_worst: "Các cảnh báo nghiêm trọng nhất: {shown} trên {alerts}, theo mức ưu tiên",
    no_alert: "Không có cảnh báo nào.",
    class_and_severity: "{class} · mức nghiêm trọng: {severity}",
    grade: "số nguồn xác nhận:\u{a0}{grade}",
    score: "điểm bất thường\u{a0}{score}",
    score_because: "điểm bất thường\u{a0}{score} ({features})",
    priority: "ưu tiên\u{a0}{priority}",
    raised: "phát sinh\u{a0}{at}",
    alert_id: "mã\u{a0}{id}",
    adjustment: "Khuyến nghị xử lý",
    legal_basis: "Căn cứ pháp lý",
    evidence: "Dữ liệu căn cứ",
    evidence_more: "Dữ liệu căn cứ ({shown} trên {count} dòng)",
    known: "ghi nhận {at}",
    explain_rule: "Quy tắc",
    explain_rows: "Cảnh báo suy ra chỉ từ {count} dòng sau",
    explain_not_needed: "căn cứ; không có dòng này cảnh báo vẫn như cũ",
    explain_without_effect: "Các dòng khác đang có hiệu lực về cùng những người này và không làm thay đổi cảnh báo: {count}",
    explain_history: "Lịch sử",
    explain_event: "{at}  {kind}, do {cause}",
    explain_raised: "phát sinh",
    explain_changed: "thay đổi",
    explain_withdrawn: "được rút",
    explain_archived: "lưu trữ",
    explain_by_rules: "ngưỡng thay đổi",
    explain_by_model: "mô hình khác",
    explain_by_day: "sang ngày {day}",
    truth: "Đáp án: {label} - {why}",
    heading_next: "Xem tiếp",
    next_run: "{run} có các cảnh báo đang có hiệu lực (alerts.ndjson), mọi lần phát sinh, thay đổi \
               và rút cảnh báo kèm nguyên nhân (history.ndjson), các dòng bị từ chối, bản tổng hợp \
               và bản kê mã băm.",
    next_truth: "{truth} là đáp án: những gì đã được cố ý làm sai, do trục lợi hay do lỗi dữ liệu, \
                 và vì sao; hãy so với các cảnh báo.",
    next_replay: "Để tự chạy lại, tại một thời điểm giữa chừng hoặc với các lý do khác:",
    live_pages: "Mở các trang xem xét trong trình duyệt trên máy này:",
    live_accounts: "Tài khoản của bản trình diễn, theo tên và vai trò:",
    live_password: "Mật khẩu chung của lần chạy này: {password}",
    live_until: "Các trang được phục vụ đến khi bị ngắt (Ctrl-C).",
    live_begun: "Quốc gia giả lập đang ở ngày {day}; cảnh báo của các ngày trước đã có trong danh sách.",
    live_passed: "Ngày mới: {day}",
    live_ended: "Đã đến ngày cuối; các trang vẫn mở.",
    facility: "cơ sở KCB\u{a0}{code}",
    visit: "đợt\u{a0}{id}",
    personal_id: "số định danh\u{a0}{id}",
    blood_group: "nhóm máu\u{a0}{group}",
    si_number: "mã số BHXH\u{a0}{id}",
    card: "thẻ\u{a0}{id}",
    born: "sinh {date}",
    died: "tử vong {date}",
    superseded_by: "được thay bằng số {id}",
    old_id: "số CMND cũ\u{a0}{id}",
    diagnosis: "chẩn đoán\u{a0}{code}",
    outcome_death: "kết quả điều trị: tử vong",
    outcome_alive: "kết quả điều trị: còn sống",
    paid_by_fund: "đề nghị quỹ thanh toán {amount}",
    cost_total: "tổng chi phí {amount}",
    cost_covered: "trong phạm vi BHYT {amount}",
    copay: "cùng chi trả {amount}",
    other_sources: "nguồn khác {amount}",
    monthly_amount: "{amount} mỗi tháng",
    span: "từ {from} đến {to}",
    open_span: "từ {from}",
    status_since: "{status} từ {day}",
    referred_from: "chuyển từ\u{a0}{code}",
    referred_to: "chuyển đến\u{a0}{code}",
    population: "CSDL quốc gia về dân cư",
    hours: "{hours}\u{a0}giờ",
};

/// The words for coded values.
pub(super) struct Vietnamese;

impl Words for Vietnamese {
    fn stream(&self, stream: Stream) -> &'static str {
        match stream {
            Stream::Citizens => "công dân (CSDL dân cư)",
            Stream::DeathReports => "thông tin tử vong",
            Stream::Participants => "người tham gia BHYT",
            Stream::Cards => "thẻ BHYT",
            Stream::Claims => "hồ sơ đề nghị thanh toán",
            Stream::CheckIns => "trạng thái KCB (check-in)",
            Stream::Enterprises => "doanh nghiệp",
            Stream::Employments => "quá trình làm việc",
            Stream::Beneficiaries => "người hưởng trợ cấp",
            Stream::HealthProfiles => "hồ sơ sức khỏe",
        }
    }

    fn record(&self, stream: Stream) -> &'static str {
        match stream {
            Stream::Citizens => "công dân",
            Stream::DeathReports => "thông tin tử vong",
            Stream::Participants => "người tham gia",
            Stream::Cards => "thẻ BHYT",
            Stream::Claims => "hồ sơ KCB",
            Stream::CheckIns => "trạng thái KCB",
            Stream::Enterprises => "doanh nghiệp",
            Stream::Employments => "quá trình làm việc",
            Stream::Beneficiaries => "trợ cấp",
            Stream::HealthProfiles => "hồ sơ sức khỏe",
        }
    }

    fn life_status(&self, status: LifeStatus) -> &'static str {
        match status {
            LifeStatus::Alive => "còn sống",
            LifeStatus::Dead => "đã chết",
            LifeStatus::DeclaredDead => "bị tuyên bố là đã chết",
            LifeStatus::Missing => "mất tích",
            LifeStatus::Cancelled => "số định danh đã hủy",
        }
    }

    fn death_source(&self, source: DeathSource) -> &'static str {
        match source {
            DeathSource::CivilRegistry => "đăng ký khai tử",
            DeathSource::ContributionForm => "báo giảm của đơn vị đóng",
            DeathSource::Hospital => "bệnh viện",
            DeathSource::Court => "tòa án",
        }
    }

    fn card_status(&self, status: CardStatus) -> &'static str {
        match status {
            CardStatus::Valid => "còn hiệu lực",
            CardStatus::Replaced => "đã được thay thẻ",
            CardStatus::Expired => "hết hạn",
            CardStatus::Reduced => "đã báo giảm",
            CardStatus::Revoked => "bị thu hồi",
            CardStatus::Locked => "tạm khóa",
        }
    }

    fn enterprise_status(&self, status: EnterpriseStatus) -> &'static str {
        match status {
            EnterpriseStatus::Active => "đang hoạt động",
            EnterpriseStatus::Suspended => "tạm ngừng kinh doanh",
            EnterpriseStatus::NotAtAddress => "không hoạt động tại địa chỉ đã đăng ký",
            EnterpriseStatus::Dissolving => "đang làm thủ tục giải thể",
            EnterpriseStatus::Merged => "bị sáp nhập",
            EnterpriseStatus::Dissolved => "đã giải thể",
            EnterpriseStatus::Bankrupt => "phá sản",
        }
    }

    fn visit_type(&self, number: u8) -> &'static str {
        match number {
            1 => "khám bệnh",
            2 => "điều trị ngoại trú",
            3 => "điều trị nội trú",
            4 => "điều trị nội trú ban ngày",
            5 => "điều trị ngoại trú bệnh mạn tính",
            6 => "điều trị lưu tại trạm y tế",
            7 => "nhận thuốc theo hẹn",
            8 => "điều trị ngoại trú bệnh mạn tính có dịch vụ",
            9 => "điều trị nội trú dưới 4 giờ",
            11 => "khám bệnh lưu động",
            12 => "khám bệnh tại nhà",
            13 => "y học gia đình",
            14 => "khám bệnh từ xa",
            15 => "khám sức khỏe định kỳ",
            16 => "khám sàng lọc",
            _ => "hình thức khám khác",
        }
    }

    fn sex(&self, sex: Sex) -> &'static str {
        match sex.number() {
            1 => "nam",
            2 => "nữ",
            _ => "chưa xác định giới tính",
        }
    }
}

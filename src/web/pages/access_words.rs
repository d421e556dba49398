//! What was done, and what roles may do, in words.

use crate::access::Action;
use crate::language::Language;
use crate::web::AccessAction;

/// What the log itself writes.
const OWN: [(&str, &str, &str); 3] = [
    ("log_begun", "began the log", "bắt đầu nhật ký"),
    (
        "log_added",
        "took over an older log",
        "tiếp nhận nhật ký cũ",
    ),
    ("checkpoint", "signed the log", "ký nhật ký"),
];

/// Names of everything that can be in the log.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let all = AccessAction::ALL.iter().map(|action| action.name());
    all.chain(OWN.iter().map(|(name, _, _)| *name))
}

/// An action of the log in words, by its name; nothing for one that this version does not know.
pub(crate) fn done(name: &str, language: Language) -> Option<&'static str> {
    let known = AccessAction::ALL
        .iter()
        .find(|action| action.name() == name);
    let words = match known {
        Some(action) => words(*action),
        None => {
            let (_, english, vietnamese) = OWN.iter().find(|(own, _, _)| *own == name)?;
            (*english, *vietnamese)
        }
    };
    Some(of(words, language))
}

/// What roles may do, in words.
pub(super) fn may(action: Action, language: Language) -> &'static str {
    of(permission(action), language)
}

fn of((english, vietnamese): (&'static str, &'static str), language: Language) -> &'static str {
    match language {
        Language::English => english,
        Language::Vietnamese => vietnamese,
    }
}

fn words(action: AccessAction) -> (&'static str, &'static str) {
    use AccessAction::*;
    match action {
        Authenticate => ("checked an identity", "kiểm tra nhân thân"),
        ReadAlerts => ("read alerts", "đọc cảnh báo"),
        ExportAlerts => ("exported alerts", "xuất cảnh báo"),
        ExportHistory => ("exported the history", "xuất lịch sử cảnh báo"),
        ReadRejects => ("read rejected rows", "đọc bản ghi bị từ chối"),
        RepairReject => ("repaired a rejected row", "sửa bản ghi bị từ chối"),
        DismissReject => ("dismissed a rejected row", "bỏ bản ghi bị từ chối"),
        ResumeSource => ("let a source go on", "cho nguồn dữ liệu chạy tiếp"),
        RestoreClaims => (
            "had retired claims decided on again",
            "đưa hồ sơ cũ vào xét lại",
        ),
        UndoLoads => ("took loads back", "thu hồi dữ liệu đã nạp"),
        SignIn => ("signed in", "đăng nhập"),
        SignInRefused => ("was refused at sign-in", "bị từ chối đăng nhập"),
        ProveAgain => ("proved again who they are", "xác nhận lại danh tính"),
        SignOut => ("signed out", "đăng xuất"),
        OpenQueue => ("opened the queue", "mở danh sách chờ"),
        OpenAlert => ("opened an alert", "mở cảnh báo"),
        OpenGroup => ("opened a group of alerts", "mở nhóm cảnh báo"),
        SearchPerson => ("searched for a person", "tìm một người"),
        Reveal => ("revealed masked fields", "xem trường bị che"),
        Take => ("took an alert", "nhận xử lý cảnh báo"),
        Assign => ("assigned an alert", "giao cảnh báo"),
        Release => ("gave an alert back", "trả lại cảnh báo về danh sách"),
        Start => ("began the review", "bắt đầu xem xét"),
        Wait => ("put an alert off for an answer", "chờ bổ sung"),
        Snooze => ("snoozed an alert", "tạm hoãn cảnh báo"),
        Resume => ("went on with an alert", "tiếp tục xử lý"),
        Escalate => ("escalated an alert", "chuyển lên cấp trên"),
        Propose => ("proposed a verdict", "đề nghị kết luận"),
        Close => ("closed an alert", "đóng cảnh báo"),
        Approve => ("approved a proposal", "phê duyệt đề nghị"),
        ReturnProposal => ("returned a proposal", "trả lại đề nghị"),
        Retract => ("took a proposal back", "rút đề nghị"),
        Reopen => ("reopened an alert", "mở lại cảnh báo"),
        Uphold => ("upheld a verdict", "giữ nguyên kết luận"),
        Note => ("wrote a note", "ghi chú"),
        Bulk => ("acted on several alerts", "xử lý nhiều cảnh báo"),
        ProposeBatch => ("proposed a batch", "đề nghị xử lý hàng loạt"),
        OpenBatch => ("opened a batch", "mở lô cảnh báo"),
        ApproveBatch => ("approved a batch", "phê duyệt lô cảnh báo"),
        ReturnBatch => ("returned a batch", "trả lại lô cảnh báo"),
        UndoBatch => ("undid a batch", "hoàn tác lô cảnh báo"),
        EraseMonth => ("erased a month", "xóa dữ liệu của một tháng"),
        SealJournal => (
            "noted the journal's chain",
            "ghi nhận chuỗi băm của nhật ký dữ liệu",
        ),
        ExportCsv => ("took a table away", "tải bảng dữ liệu"),
        ReadAccessLog => ("read the access log", "đọc nhật ký truy cập"),
        ManageUser => ("made or changed a user", "tạo hoặc đổi người dùng"),
        ChangePassword => ("changed a password", "đổi mật khẩu"),
        SelfCheck => (
            "showed a citizen their own records",
            "cho công dân xem dữ liệu của chính mình",
        ),
        OpenCorrections => (
            "opened the requests for corrections",
            "mở danh sách yêu cầu đính chính",
        ),
        OpenCorrection => ("opened a request for a correction", "mở yêu cầu đính chính"),
        StartCorrection => (
            "looks into a request for a correction",
            "bắt đầu xem xét yêu cầu đính chính",
        ),
        ReleaseCorrection => (
            "gave a request for a correction back",
            "trả lại yêu cầu đính chính",
        ),
        AnswerCorrection => (
            "answered a request for a correction",
            "trả lời yêu cầu đính chính",
        ),
        CorrectionStatus => (
            "asked how a correction stands",
            "hỏi tình trạng yêu cầu đính chính",
        ),
        RequestCorrection => ("asked for a correction", "yêu cầu đính chính"),
    }
}

fn permission(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::PushStream => ("send rows of a stream", "gửi bản ghi của một luồng"),
        Action::Authenticate => ("check an identity", "kiểm tra nhân thân"),
        Action::ReadAlerts => ("read alerts, masked", "đọc cảnh báo đã che"),
        Action::ReadHistory => ("read the history of alerts", "đọc lịch sử cảnh báo"),
        Action::Export => ("take alerts away as files", "xuất cảnh báo thành tệp"),
        Action::ReadRejects => ("read rejected rows", "đọc bản ghi bị từ chối"),
        Action::RepairRejects => ("repair rejected rows", "sửa bản ghi bị từ chối"),
        Action::RestoreClaims => ("have retired claims decided on", "đưa hồ sơ cũ vào xét lại"),
        Action::UndoLoads => ("take loads back", "thu hồi dữ liệu đã nạp"),
        Action::ResumeSource => ("let a source go on", "cho nguồn dữ liệu chạy tiếp"),
        Action::ReadStatus => ("read how far the service is", "xem tình trạng hệ thống"),
        Action::ReadAccessLog => ("read the access log", "đọc nhật ký truy cập"),
        Action::ManageTokens => ("give tokens to systems", "cấp mã truy cập cho hệ thống"),
        Action::ReviewAlerts => ("review alerts", "xem xét cảnh báo"),
        Action::AssignAlerts => ("assign alerts", "giao cảnh báo"),
        Action::ApproveVerdicts => ("approve verdicts", "phê duyệt kết luận"),
        Action::Reveal => ("see what is masked", "xem trường bị che"),
        Action::SearchPeople => ("find a person", "tìm một người"),
        Action::WhatIf => ("try other thresholds", "thử ngưỡng khác"),
        Action::ManageUsers => ("make and change users", "tạo và đổi người dùng"),
        Action::SelfCheck => (
            "show citizens their own records",
            "cho công dân xem dữ liệu của chính mình",
        ),
        Action::AnswerCorrections => (
            "answer requests for corrections",
            "trả lời yêu cầu đính chính",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::language::is_composed;

    #[test]
    fn everything_has_words_of_its_own_in_both_languages() {
        let both = |language: Language| {
            let done = names().map(|name| done(name, language).expect("a name of the log"));
            let words: Vec<&str> = done.collect();
            let different: BTreeSet<&&str> = words.iter().collect();
            assert_eq!(different.len(), words.len());
            let may = Action::ALL.iter().map(|action| may(*action, language));
            words.into_iter().chain(may).collect::<Vec<_>>()
        };
        let (english, vietnamese) = (both(Language::English), both(Language::Vietnamese));
        for (en, vi) in english.iter().zip(&vietnamese) {
            assert!(
                en.is_ascii() && !vi.is_ascii() && is_composed(vi),
                "{en}: {vi}"
            );
        }
        assert_eq!(done("no_such", Language::English), None);
    }
}

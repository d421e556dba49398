//! What a list is of: saved views, filters, and where a page begins.

use super::band::Band;
use super::work::WorkState;
use crate::language::worded;
use crate::rule::{Class, Reason};

worded! {
    /// A list that people come back to.
    View {
        Open = "open", "To be taken", "Chờ nhận xử lý";
        Urgent = "urgent", "Urgent (P1)", "Khẩn (P1)";
        Deceased = "deceased", "Deceased", "Người đã mất";
        Duplicates = "duplicates", "Duplicate identities", "Trùng danh tính";
        Outliers = "outliers", "Outliers", "Bất thường chi phí";
        PastDue = "past_due", "Past due", "Quá hạn";
        UnderWay = "under_way", "Under way", "Đang xử lý";
        Escalated = "escalated", "Escalated", "Đã chuyển cấp trên";
        Proposed = "proposed", "Proposed", "Chờ duyệt";
        Recheck = "recheck", "To be checked again", "Cần xem lại";
        WithdrawnSample = "withdrawn_sample", "Sample of withdrawn", "Mẫu cảnh báo đã rút";
        Closed = "closed", "Closed", "Đã kết thúc";
    }
}

/// Filters of a list, beside its view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Only this reason.
    pub reason: Option<Reason>,
    /// Only this class.
    pub class: Option<Class>,
    /// Only this band.
    pub band: Option<Band>,
    /// Only of facilities of this province.
    pub province: Option<String>,
    /// Only of this facility.
    pub facility: Option<String>,
    /// Only where people are this far.
    pub state: Option<WorkState>,
    /// Only of whom this is assigned to.
    pub assignee: Option<String>,
}

/// Where a page begins: after this item, of alerts that were raised up to an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The priority of the last item of the page before.
    pub priority: u32,
    /// Its id.
    pub alert_id: String,
}

/// A list that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueQuery {
    /// Of what.
    pub view: View,
    /// Filters.
    pub filters: Filters,
    /// Only alerts that were raised up to this epoch: pages that belong together say the same.
    pub as_of: Option<u64>,
    /// After which item.
    pub after: Option<Cursor>,
    /// How many, at most.
    pub limit: u32,
}

//! Claims of NDJSON rows as the national XML envelope.

use std::fmt::Write;

use serde_json::Value;

/// One envelope that holds claims.
pub fn envelope(claims: &[Value]) -> String {
    let known = claims
        .iter()
        .map(|claim| digits(&claim["recorded_at"])[..8].to_owned());
    let made = known.max().unwrap();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<GIAMDINHHS><THONGTINDONVI><MACSKCB>{}</MACSKCB>\
        </THONGTINDONVI><THONGTINHOSO><NGAYLAP>{made}</NGAYLAP><SOLUONGHOSO>{}</SOLUONGHOSO><DANHSACHHOSO>\n",
        text(&claims[0]["facility"]),
        claims.len()
    );
    for claim in claims {
        out.push_str("<HOSO><FILEHOSO><LOAIHOSO>XML1</LOAIHOSO><NOIDUNGFILE><TONG_HOP>\n");
        for (field, value) in fields(claim) {
            let value = value.replace('&', "&amp;").replace('<', "&lt;");
            writeln!(out, "<{field}>{value}</{field}>").unwrap();
        }
        out.push_str("</TONG_HOP></NOIDUNGFILE></FILEHOSO></HOSO>\n");
    }
    out + "</DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>\n"
}

/// XML1 of a claim.
fn fields(claim: &Value) -> Vec<(&'static str, String)> {
    let plain = [
        ("MA_LK", "visit_id"),
        ("HO_TEN", "full_name"),
        ("SO_CCCD", "personal_id"),
        ("GIOI_TINH", "sex"),
        ("NHOM_MAU", "blood_group"),
        ("MA_THE_BHYT", "cards"),
        ("MA_BENH_CHINH", "main_diagnosis"),
        ("MA_BENH_KT", "other_diagnoses"),
        ("MA_DOITUONG_KCB", "object_code"),
        ("MA_NOI_DI", "referred_from"),
        ("MA_NOI_DEN", "referred_to"),
        ("KET_QUA_DTRI", "outcome"),
        ("MA_LOAI_RV", "discharge_type"),
        ("T_THUOC", "cost_drugs"),
        ("T_VTYT", "cost_supplies"),
        ("T_TONGCHI_BV", "cost_total"),
        ("T_TONGCHI_BH", "cost_covered"),
        ("T_BNTT", "self_paid"),
        ("T_BNCCT", "copay"),
        ("T_BHTT", "paid_by_fund"),
        ("T_NGUONKHAC", "other_sources"),
        ("MA_LOAI_KCB", "visit_type"),
        ("MA_KHOA", "department"),
        ("MA_CSKCB", "facility"),
    ];
    let times = [
        ("NGAY_MIEN_CCT", "copay_exempt_from"),
        ("NGAY_VAO", "admitted_at"),
        ("NGAY_VAO_NOI_TRU", "inpatient_at"),
        ("NGAY_RA", "discharged_at"),
    ];
    let plain = plain
        .iter()
        .map(|(field, name)| (*field, text(&claim[*name])));
    let times = times
        .iter()
        .map(|(field, name)| (*field, digits(&claim[*name])));
    let born = (
        "NGAY_SINH",
        format!("{:0<12}", digits(&claim["birth_date"])),
    );
    plain.chain(times).chain([born]).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

fn digits(value: &Value) -> String {
    text(value).chars().filter(char::is_ascii_digit).collect()
}

//! Claims as the national XML envelope, for tests that replay the same claims from CSV and from XML.
//!
//! In: claims. Out: one envelope with a HOSO a claim. Must hold: what is read back equals
//! [`carried`] of the claim. Text that begins or ends with white space is not carried: fields are
//! trimmed.

#![allow(dead_code, reason = "a test may need one part of this only")]

use std::fmt::{Display, Write};

use base64::Engine;
use fundwatch::record::{Claim, Count, Day, LineTotals, Money, PartialDate};

/// How `NOIDUNGFILE` holds the inner document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Base64 in lines of 76 characters.
    Base64,
    /// Elements.
    Plain,
}

/// One envelope made on a day.
pub fn envelope(claims: &[Claim], created_on: Day, encoding: Encoding) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<GIAMDINHHS>\n");
    let sender = claims
        .first()
        .map_or("00000".into(), |c| c.facility.to_string());
    let made: String = digits(created_on);
    let count = claims.len();
    write!(
        out,
        "<THONGTINDONVI><MACSKCB>{}</MACSKCB></THONGTINDONVI>\n<THONGTINHOSO>\n\
         <NGAYLAP>{made}</NGAYLAP>\n<SOLUONGHOSO>{count}</SOLUONGHOSO>\n<DANHSACHHOSO>\n",
        escape(&sender)
    )
    .expect("a string takes all");
    for claim in claims {
        out.push_str("<HOSO>\n");
        section(&mut out, "XML1", &summary(claim), encoding);
        if let Some(lines) = Lines::of(claim) {
            section(&mut out, "XML2", &lines.drugs(), encoding);
            section(&mut out, "XML3", &lines.services(), encoding);
        }
        out.push_str("</HOSO>\n");
    }
    out.push_str("</DANHSACHHOSO>\n</THONGTINHOSO>\n<CHUKYDONVI/>\n</GIAMDINHHS>\n");
    out
}

/// The claim as it is read back: with what its lines add up to, or without a count of lines where
/// so few lines cannot add up to its amounts.
pub fn carried(claim: &Claim) -> Claim {
    let totals = Lines::of(claim).map(|lines| lines.totals());
    Claim {
        lines: totals.map(|t| Count(t.lines)),
        line_totals: totals,
        ..claim.clone()
    }
}

/// The lines of a claim: amounts in the hospital's price; the first carries what is covered.
struct Lines {
    drugs: Vec<Money>,
    supplies: Vec<Money>,
    services: Vec<Money>,
    covered: Money,
}

impl Lines {
    /// As many lines as the claim counts, which add up to its amounts.
    fn of(claim: &Claim) -> Option<Self> {
        let count = usize::try_from(claim.lines?.0).ok()?;
        let some = |amount: Money| {
            if amount == Money::ZERO {
                vec![]
            } else {
                vec![amount]
            }
        };
        let mut lines = Self {
            drugs: some(claim.cost_drugs),
            supplies: some(claim.cost_supplies),
            services: some(claim.cost_total - claim.cost_drugs - claim.cost_supplies),
            covered: claim.cost_covered,
        };
        let spare = count.checked_sub(lines.count())?;
        lines.drugs.extend(vec![Money::ZERO; spare]);
        let placed = lines.count() > 0 || lines.covered == Money::ZERO;
        placed.then_some(lines)
    }

    fn count(&self) -> usize {
        self.drugs.len() + self.supplies.len() + self.services.len()
    }

    fn totals(&self) -> LineTotals {
        let sum = |amounts: &[Money]| amounts.iter().copied().sum::<Money>();
        LineTotals {
            drugs: sum(&self.drugs),
            supplies: sum(&self.supplies),
            total: sum(&self.drugs) + sum(&self.supplies) + sum(&self.services),
            covered: self.covered,
            lines: u32::try_from(self.count()).expect("the count came from a u32"),
            has_drugs: true,
            has_services: true,
        }
    }

    fn drugs(&self) -> String {
        let mut out = String::from("<CHITIEU_CHITIET_THUOC><DSACH_CHI_TIET_THUOC>\n");
        for (place, amount) in self.drugs.iter().enumerate() {
            line(
                &mut out,
                "CHI_TIET_THUOC",
                *amount,
                self.covered_at(place),
                "",
            );
        }
        out + "</DSACH_CHI_TIET_THUOC></CHITIEU_CHITIET_THUOC>\n"
    }

    fn services(&self) -> String {
        let mut out = String::from("<CHITIEU_CHITIET_DVKT_VTYT><DSACH_CHI_TIET_DVKT>\n");
        let supplies = self.supplies.iter().map(|amount| (amount, "N01.01.010"));
        let services = self.services.iter().map(|amount| (amount, ""));
        for (place, (amount, supply)) in supplies.chain(services).enumerate() {
            let covered = self.covered_at(self.drugs.len() + place);
            line(&mut out, "CHI_TIET_DVKT", *amount, covered, supply);
        }
        out + "</DSACH_CHI_TIET_DVKT></CHITIEU_CHITIET_DVKT_VTYT>\n"
    }

    fn covered_at(&self, place: usize) -> Money {
        if place == 0 {
            self.covered
        } else {
            Money::ZERO
        }
    }
}

fn line(out: &mut String, row: &str, amount: Money, covered: Money, supply: &str) {
    writeln!(
        out,
        "<{row}><MA_VAT_TU>{supply}</MA_VAT_TU><THANH_TIEN_BV>{amount}</THANH_TIEN_BV>\
         <THANH_TIEN_BH>{covered}</THANH_TIEN_BH></{row}>"
    )
    .expect("a string takes all");
}

fn section(out: &mut String, kind: &str, document: &str, encoding: Encoding) {
    let content = match encoding {
        Encoding::Plain => document.to_owned(),
        Encoding::Base64 => {
            let packed = base64::engine::general_purpose::STANDARD.encode(document);
            let lines: Vec<&str> = (0..packed.len())
                .step_by(76)
                .map(|from| &packed[from..packed.len().min(from + 76)])
                .collect();
            lines.join("\n")
        }
    };
    writeln!(
        out,
        "<FILEHOSO><LOAIHOSO>{kind}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>"
    )
    .expect("a string takes all");
}

/// XML1 of a claim.
fn summary(claim: &Claim) -> String {
    let c = claim;
    let none = || String::new();
    let list = |items: Vec<String>| items.join(";");
    let fields: [(&str, String); 29] = [
        ("MA_LK", c.visit_id.to_string()),
        ("HO_TEN", c.full_name.as_str().to_owned()),
        ("SO_CCCD", c.personal_id.as_ref().map_or_else(none, text)),
        ("NGAY_SINH", birth_date(c.birth_date)),
        ("GIOI_TINH", c.sex.number().to_string()),
        (
            "NHOM_MAU",
            c.blood_group.map_or_else(none, |g| g.as_str().to_owned()),
        ),
        ("MA_THE_BHYT", list(c.cards.iter().map(text).collect())),
        (
            "NGAY_MIEN_CCT",
            c.copay_exempt_from.map_or_else(none, digits),
        ),
        ("MA_BENH_CHINH", c.main_diagnosis.to_string()),
        (
            "MA_BENH_KT",
            list(c.other_diagnoses.iter().map(text).collect()),
        ),
        ("MA_DOITUONG_KCB", c.object_code.to_string()),
        (
            "MA_NOI_DI",
            c.referred_from.as_ref().map_or_else(none, text),
        ),
        ("MA_NOI_DEN", c.referred_to.as_ref().map_or_else(none, text)),
        ("NGAY_VAO", digits(c.admitted_at)),
        ("NGAY_VAO_NOI_TRU", c.inpatient_at.map_or_else(none, digits)),
        ("NGAY_RA", digits(c.discharged_at)),
        ("KET_QUA_DTRI", c.outcome.number().to_string()),
        ("MA_LOAI_RV", c.discharge_type.number().to_string()),
        ("T_THUOC", c.cost_drugs.to_string()),
        ("T_VTYT", c.cost_supplies.to_string()),
        ("T_TONGCHI_BV", c.cost_total.to_string()),
        ("T_TONGCHI_BH", c.cost_covered.to_string()),
        ("T_BNTT", c.self_paid.to_string()),
        ("T_BNCCT", c.copay.to_string()),
        ("T_BHTT", c.paid_by_fund.to_string()),
        ("T_NGUONKHAC", c.other_sources.to_string()),
        ("MA_LOAI_KCB", format!("{:02}", c.visit_type.number())),
        ("MA_KHOA", c.department.as_ref().map_or_else(none, text)),
        ("MA_CSKCB", c.facility.to_string()),
    ];
    let mut out = String::from("<TONG_HOP>\n");
    for (field, value) in fields {
        writeln!(out, "<{field}>{}</{field}>", escape(&value)).expect("a string takes all");
    }
    out + "</TONG_HOP>\n"
}

fn text(value: &impl Display) -> String {
    value.to_string()
}

/// The digits of a date or time.
fn digits(value: impl Display) -> String {
    value
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

/// `yyyymmddHHMM`, zeros for what is not known.
fn birth_date(date: PartialDate) -> String {
    format!("{:0<12}", digits(date))
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

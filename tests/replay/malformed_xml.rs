//! Envelopes with damaged HOSO among good ones.
//!
//! Must hold: a damaged HOSO harms only itself, and is kept with its place and a stable code.

use std::fs;

use base64::Engine;
use fundwatch::record::{
    Claim, Day, ErrorCode, ErrorCode::*, Operation, Record, Stream, Value as _,
};
use fundwatch::source::{ROW_LIMIT, discover};
use serde_json::json;

use crate::country::country;
use crate::envelope::{Encoding, envelope};
use crate::support::{assert_same, contents, replay, replay_command, text};
use crate::tables::{Directory, Written, entries, gzip};

/// A damage to a HOSO, whose content is plain XML.
pub struct XmlFault {
    edit: fn(&str) -> Vec<u8>,
    pub code: ErrorCode,
}

const fn fault(edit: fn(&str) -> Vec<u8>, code: ErrorCode) -> XmlFault {
    XmlFault { edit, code }
}

/// Damages that leave the rest of the file readable.
pub const XML_FAULTS: &[XmlFault] = &[
    fault(|_| section("XML1", "!!! not base64 !!!"), BadBase64),
    fault(|_| packed("plain text"), BadBase64),
    fault(|h| packed(&inner(h)[..inner(h).len() / 2]), BadXml),
    fault(
        |h| packed(&inner(h).replace("</MA_LK>", "</MA_BN>")),
        BadXml,
    ),
    fault(
        |h| packed(&inner(h).replace("</MA_LK>", "&b;</MA_LK>")),
        BadXml,
    ),
    fault(
        |h| packed(&format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{}", inner(h))),
        XmlEntity,
    ),
    fault(
        |_| packed("<!DOCTYPE a SYSTEM 'file:///etc/hostname'><TONG_HOP/>"),
        XmlEntity,
    ),
    fault(|_| b"<HOSO/>".into(), BadXml1),
    fault(|h| h.replace(">XML1<", ">XML4<").into(), BadXml1),
    fault(
        |h| h.replace("</HOSO>", &h["<HOSO>".len()..]).into(),
        BadXml1,
    ),
    fault(
        |_| section("XML4", &"QUJD".repeat(ROW_LIMIT / 4)),
        RowTooLarge,
    ),
    fault(invalid, BadUtf8),
    fault(|h| set(h, "MA_LK", ""), MissingColumn),
    fault(|h| set(h, "MA_CSKCB", "0100"), BadFacility),
    fault(|h| set(h, "MA_THE_BHYT", "DN401"), BadCardNumber),
    fault(
        |h| beside(h, "<MA_DKBD>01001;01002</MA_DKBD>"),
        CardListMismatch,
    ),
    fault(|h| set(h, "NGAY_SINH", "198013010000"), BadPartialDate),
    fault(|h| set(h, "GIOI_TINH", "9"), BadSex),
    fault(|h| set(h, "MA_LOAI_KCB", "99"), BadVisitType),
    fault(|h| set(h, "NGAY_VAO", "202513010800"), BadTime),
    fault(
        |h| set(h, "NGAY_RA", "200001010800"),
        DischargedBeforeAdmitted,
    ),
    fault(|h| set(h, "KET_QUA_DTRI", "9"), BadOutcome),
    fault(|h| set(h, "MA_LOAI_RV", "9"), BadDischargeType),
    fault(|h| set(h, "T_BHTT", "1.2345"), BadMoney),
];

/// The document of the first section.
fn inner(hoso: &str) -> &str {
    let from = hoso.find("<TONG_HOP>").unwrap();
    let to = hoso.find("</TONG_HOP>").unwrap() + "</TONG_HOP>".len();
    &hoso[from..to]
}

fn section(kind: &str, content: &str) -> Vec<u8> {
    format!(
        "<HOSO><FILEHOSO><LOAIHOSO>{kind}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE>\
         </FILEHOSO></HOSO>"
    )
    .into()
}

fn packed(document: &str) -> Vec<u8> {
    let document = base64::engine::general_purpose::STANDARD.encode(document);
    section("XML1", &document)
}

fn set(hoso: &str, field: &str, value: &str) -> Vec<u8> {
    let (open, close) = (format!("<{field}>"), format!("</{field}>"));
    let from = hoso.find(&open).unwrap() + open.len();
    let to = from + hoso[from..].find(&close).unwrap();
    format!("{}{value}{}", &hoso[..from], &hoso[to..]).into()
}

fn beside(hoso: &str, fields: &str) -> Vec<u8> {
    hoso.replace("</TONG_HOP>", &format!("{fields}</TONG_HOP>"))
        .into()
}

fn invalid(hoso: &str) -> Vec<u8> {
    let mut bytes = hoso.as_bytes().to_vec();
    let place = bytes.iter().position(|byte| *byte > 0x7f).unwrap();
    bytes[place] = 0xff;
    bytes
}

/// The claims of a directory.
fn claims(directory: &Directory) -> Vec<Claim> {
    let written = directory.write(Written::Plain);
    let files = discover(written.path()).unwrap().files;
    let rows = files.iter().flat_map(entries);
    rows.filter_map(|entry| match entry.outcome.unwrap().operation {
        Operation::Upsert(Record::Claims(claim)) => Some(*claim),
        _ => None,
    })
    .collect()
}

#[test]
fn damaged_hoso_harm_only_themselves() {
    let mut directory = country(200, 900);
    let claims = claims(&directory);
    directory
        .tables
        .retain(|table| table.stream != Stream::Claims);
    let day = Day::from_text("2025-08-01").unwrap();
    let good = envelope(&claims, day, Encoding::Plain);
    let clean = directory.write(Written::Plain);
    fs::create_dir(clean.path().join("claims-xml")).unwrap();
    fs::write(clean.path().join("claims-xml/a.xml"), &good).unwrap();

    let mut pieces = good.split("<HOSO>");
    let mut spoiled = pieces.next().unwrap().as_bytes().to_vec();
    let mut bad = Vec::new();
    let mut moved = Vec::new();
    let mut row = 0u64;
    for (place, piece) in pieces.enumerate() {
        let whole = format!("<HOSO>{piece}");
        let hoso = &whole[..whole.find("</HOSO>").unwrap() + "</HOSO>".len()];
        if place % 7 == 3 {
            // Those beyond the limit are many megabytes: all kinds once, then no large one.
            let met = bad.len();
            let fault = &XML_FAULTS[met % XML_FAULTS.len()];
            let is_spent = fault.code == RowTooLarge && met >= XML_FAULTS.len();
            let fault = if is_spent { &XML_FAULTS[0] } else { fault };
            row += 1;
            bad.push((row, fault.code));
            spoiled.extend_from_slice(&(fault.edit)(hoso));
        }
        row += 1;
        moved.push(row);
        spoiled.extend_from_slice(whole.as_bytes());
    }
    assert!(bad.len() >= 2 * XML_FAULTS.len());
    let input = directory.write(Written::Plain);
    fs::create_dir(input.path().join("claims-xml")).unwrap();
    fs::write(input.path().join("claims-xml/a.xml"), spoiled).unwrap();

    let expected = replay(clean.path(), &[]);
    assert_eq!(expected.bytes("rejects.ndjson"), b"");
    let found = replay(input.path(), &[]);
    let mut alerts = expected.alerts();
    assert!(alerts.len() > 50);
    for alert in &mut alerts {
        for line in alert["evidence"].as_array_mut().unwrap() {
            if line["stream"] == "claims" {
                line["row"] = json!(moved[line["row"].as_u64().unwrap() as usize - 1]);
            }
        }
    }
    assert_same(&found.alerts(), &alerts, "alerts beside damaged HOSO");
    assert_same(&found.history(), &expected.history(), "history");
    let mut told: Vec<_> = (found.rejects().iter())
        .map(|r| {
            (
                r["row"].as_u64().unwrap(),
                r["code"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    told.sort();
    let bad: Vec<_> = bad
        .iter()
        .map(|(row, code)| (*row, code.to_string()))
        .collect();
    assert_eq!(told, bad);

    // A damaged envelope stops a strict run at its place.
    let output = tempfile::tempdir().unwrap();
    let strict = replay_command(input.path(), output.path(), &["--strict"]);
    let told = { strict }.output().unwrap();
    assert_eq!(told.status.code(), Some(1));
    let (row, code) = &bad[0];
    let named = format!("claims-xml/a.xml, row {row}: {code}: ");
    assert!(
        text(&told.stderr).contains(&named),
        "{}",
        text(&told.stderr)
    );
    assert!(contents(output.path()).is_empty());
}

#[test]
fn files_that_are_no_envelope_are_one_reject_each() {
    let mut directory = country(60, 200);
    let claims = claims(&directory);
    directory
        .tables
        .retain(|table| table.stream != Stream::Claims);
    let input = directory.write(Written::Plain);
    let folder = input.path().join("claims-xml");
    fs::create_dir(&folder).unwrap();
    let day = Day::from_text("2025-08-01").unwrap();
    let good = envelope(&claims, day, Encoding::Base64);
    fs::write(folder.join("good.xml.gz"), gzip(good.as_bytes())).unwrap();
    let expected = replay(input.path(), &[]);
    assert_eq!(expected.bytes("rejects.ndjson"), b"");
    assert!(!expected.alerts().is_empty());

    fs::write(folder.join("empty.xml"), "").unwrap();
    fs::write(folder.join("html.xml"), "<html><body/></html>").unwrap();
    fs::write(
        folder.join("bomb.xml"),
        format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{good}"),
    )
    .unwrap();
    fs::write(folder.join("text.xml"), "facility,visit_id\n01001,V1\n").unwrap();
    let undated = envelope(&claims[..1], day, Encoding::Base64).replace("20250801", "someday");
    fs::write(folder.join("undated.xml"), undated).unwrap();
    let found = replay(input.path(), &[]);
    expected_places(&found.rejects());
    assert_same(
        &found.alerts(),
        &expected.alerts(),
        "alerts beside other files",
    );
    assert_same(
        &found.history(),
        &expected.history(),
        "history beside other files",
    );
}

fn expected_places(rejects: &[serde_json::Value]) {
    let mut told: Vec<_> = rejects
        .iter()
        .map(|r| format!("{} {} {}", r["file"], r["row"], r["code"]).replace('"', ""))
        .collect();
    told.sort();
    let expected = [
        "claims-xml/bomb.xml 1 xml_entity",
        "claims-xml/empty.xml 1 bad_xml",
        "claims-xml/html.xml 1 bad_xml",
        "claims-xml/text.xml 1 bad_xml",
        "claims-xml/undated.xml 1 bad_recorded_at",
    ];
    assert_eq!(told, expected);
}

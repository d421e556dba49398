//! Claim envelopes: GIAMDINHHS, with the sheets in base64.

use std::io::Cursor;
use std::path::Path;

use fundwatch::source::open_xml;

use super::{Target, repository, rows, with};

pub const TARGET: Target = Target {
    name: "xml",
    seeds,
    tokens: &[
        "<GIAMDINHHS>",
        "</GIAMDINHHS>",
        "<HOSO>",
        "</HOSO>",
        "<FILEHOSO>",
        "<LOAIHOSO>XML1</LOAIHOSO>",
        "<NOIDUNGFILE>",
        "</NOIDUNGFILE>",
        "<TONG_HOP>",
        "<CHITIEU_CHITIET_THUOC>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?xml version=\"1.0\"?>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "&amp;",
        "&#0;",
        "&#x110000;",
        "&b;",
        "xmlns=\"u\"",
        "PD94bWw=",
        "====",
        "<MA_THE_BHYT>",
        "<MA_LK>",
        "</",
        "/>",
        "202502301260",
        "999999999999999999999",
    ],
    run,
};

fn seeds() -> Vec<Vec<u8>> {
    const GOLDEN: [&str; 9] = [
        "card-lists",
        "check-in",
        "damaged",
        "late-date",
        "plain",
        "qd130",
        "qd3176",
        "qd4750",
        "totals",
    ];
    let golden = GOLDEN
        .iter()
        .map(|name| repository(&format!("tests/golden/xml/{name}.xml")));
    golden.map(|text| with(&[0], &text)).collect()
}

fn run(input: &[u8]) -> u64 {
    let Some((choice, body)) = input.split_first() else {
        return 0;
    };
    let opened = || {
        let arrival = (choice & 1 != 0).then(rows::arrival);
        Ok(open_xml(
            Box::new(Cursor::new(body.to_vec())),
            Path::new("envelope"),
            arrival,
        ))
    };
    rows::check(opened, opened)
}

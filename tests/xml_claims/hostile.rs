//! Input that is damaged, oversized or meant to harm.

use std::fmt::Write;
use std::io::{BufReader, Cursor};
use std::path::Path;

use base64::Engine;
use fundwatch::record::ErrorCode;
use fundwatch::source::{ROW_LIMIT, open_xml};

use crate::{around, entries, good, hoso, outline};

#[test]
fn an_oversized_hoso_harms_only_itself() {
    let long = hoso("XML4", &"QUJD".repeat(ROW_LIMIT / 4));
    let text = around(&format!("{}{long}{}", good("a"), good("b")));
    let read = entries(text.as_bytes());
    assert_eq!(outline(&read), ["a", "row_too_large", "b"]);
    // One that is large, yet within the limit, is read.
    let large = good("c").replace(
        "</HOSO>",
        &format!(
            "<FILEHOSO><LOAIHOSO>XML5</LOAIHOSO><NOIDUNGFILE>{}</NOIDUNGFILE></FILEHOSO></HOSO>",
            "QUJD".repeat(ROW_LIMIT / 5)
        ),
    );
    assert_eq!(outline(&entries(around(&large).as_bytes())), ["c"]);
}

#[test]
fn a_comment_or_tag_without_end_fills_no_memory_and_loses_nothing_before_it() {
    for opened in ["<!--", "<a b='", "<![CDATA[", "<?x "] {
        let text = around(&format!(
            "{}<HOSO>{opened}{}",
            good("a"),
            "x".repeat(2 * ROW_LIMIT)
        ));
        assert_eq!(
            outline(&entries(text.as_bytes())),
            ["a", "bad_xml"],
            "{opened}"
        );
        let outside = around(&format!(
            "{}{opened}{}",
            good("a"),
            "x".repeat(2 * ROW_LIMIT)
        ));
        assert_eq!(
            outline(&entries(outside.as_bytes())),
            ["a", "bad_xml"],
            "{opened}"
        );
    }
}

#[test]
fn deep_nesting_and_entities_are_refused_wherever_they_stand() {
    let deep = "<a>".repeat(200_000) + &"</a>".repeat(200_000);
    let mut bomb = String::from("<!DOCTYPE a [<!ENTITY e0 \"lol\">");
    for n in 1..30 {
        write!(bomb, "<!ENTITY e{n} \"&e{};&e{};\">", n - 1, n - 1).unwrap();
    }
    bomb.push_str("]><TONG_HOP><HO_TEN>&e29;</HO_TEN></TONG_HOP>");
    let packed = base64::engine::general_purpose::STANDARD.encode(&bomb);
    let external = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><TONG_HOP/>";
    let cases = [
        (hoso("XML1", &deep), "bad_xml"),
        (hoso("XML1", &packed), "xml_entity"),
        (hoso("XML1", &format!("<![CDATA[{bomb}]]>")), "xml_entity"),
        (hoso("XML1", &bomb), "xml_entity"),
        (
            hoso("XML1", &format!("<![CDATA[{external}]]>")),
            "xml_entity",
        ),
        (
            hoso("XML1", "<TONG_HOP><HO_TEN>&undefined;</HO_TEN></TONG_HOP>"),
            "bad_xml",
        ),
    ];
    for (bad, code) in cases {
        let text = around(&format!("{}{bad}{}", good("a"), good("b")));
        assert_eq!(outline(&entries(text.as_bytes())), ["a", code, "b"]);
    }
    let outer = format!("{}{}", "<!DOCTYPE a [<!ENTITY e 'x'>]>", around(&good("a")));
    assert_eq!(outline(&entries(outer.as_bytes())), ["xml_entity"]);
    let outer = around(&format!("{}<!ENTITY e 'x'>{}", good("a"), good("b")));
    assert_eq!(outline(&entries(outer.as_bytes())), ["a", "xml_entity"]);
}

#[test]
fn bytes_that_are_not_utf8_harm_only_their_hoso() {
    let text = around(&format!("{}{}{}", good("a"), good("b?"), good("c")));
    let mut bytes = text.into_bytes();
    let place = bytes.iter().position(|b| *b == b'?').unwrap();
    bytes[place] = 0xC3;
    assert_eq!(outline(&entries(&bytes)), ["a", "bad_utf8", "c"]);
}

#[test]
fn a_file_that_is_no_envelope_gives_one_reject() {
    let gzip: &[u8] = &[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
    let utf16: Vec<u8> = around("")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(&[u8], ErrorCode); 6] = [
        (b"", ErrorCode::BadXml),
        (b"facility,visit_id\n01001,1\n", ErrorCode::BadXml),
        (b"{\"facility\":\"01001\"}\n", ErrorCode::BadXml),
        (gzip, ErrorCode::BadXml),
        (b"<html><body><HOSO/></body></html>", ErrorCode::BadXml),
        (&utf16, ErrorCode::BadUtf8),
    ];
    for (bytes, code) in cases {
        let read = entries(bytes);
        assert_eq!(outline(&read), [code.as_str()], "{bytes:?}");
    }
}

#[test]
fn a_read_error_is_told_with_the_file() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let head = around(&good("a"));
    let cut = head.find("</DANHSACHHOSO>").unwrap();
    let input = std::io::Read::chain(Cursor::new(head.as_bytes()[..cut].to_vec()), Broken);
    let mut reader = open_xml(
        Box::new(BufReader::new(input)),
        Path::new("claims-xml/x.xml"),
        None,
    );
    assert!(reader.next_entry().unwrap().unwrap().outcome.is_ok());
    let error = reader.next_entry().unwrap_err();
    assert_eq!(error.to_string(), "claims-xml/x.xml: the disk is gone");
    assert_eq!(reader.next_entry().unwrap(), None);
}

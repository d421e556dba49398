//! The text of a bearer token, of its id, and of where a page of alerts goes on.

use fundwatch::access::{BearerToken, TokenId};
use fundwatch::journal::Month;
use fundwatch::store::PageToken;

use super::{Target, behaviour};

pub const TARGET: Target = Target {
    name: "token",
    seeds,
    tokens: &[
        "fw_",
        "_",
        "-",
        "=",
        "455d59ff",
        "00010203ffab",
        "4294967296",
        "+1",
    ],
    run,
};

const TOKEN: &str = "fw_00010203ffab_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA455d59ff";

fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        TOKEN,
        "00010203ffab",
        "17-a0b1c2d3e4f5a6b7",
        "0-0000000000000000000000000000000a",
        "2026-03",
    ];
    let mut seeds: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    // The last character of a secret has bits to spare: only one form of it may be a token.
    let body = TOKEN.len() - 8;
    for last in ['B', 'D', 'z', '_'] {
        let mut text = TOKEN[..body - 1].to_owned();
        text.push(last);
        let checksum = crc32fast::hash(text.as_bytes());
        seeds.push(format!("{text}{checksum:08x}").into_bytes());
    }
    seeds
}

fn run(input: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(input) else {
        return 0;
    };
    let token = BearerToken::from_text(text);
    if let Some(token) = &token {
        assert_eq!(*token.reveal(), text, "a token has one text");
        assert!(!format!("{token:?}").contains(&text[16..30]));
    }
    let id = TokenId::from_text(text);
    if let Some(id) = &id {
        assert_eq!(id.as_str(), text);
    }
    let page = text.parse::<PageToken>();
    if let Ok(page) = &page {
        let again = page.to_string().parse::<PageToken>();
        assert_eq!(again.as_ref(), Ok(page));
    }
    let month = text.parse::<Month>();
    if let Ok(month) = &month {
        assert_eq!(month.to_string(), text);
    }
    behaviour((token.is_some(), id.is_some(), page.is_ok(), month.is_ok()))
}

//! The texts of the pages of a PDF that Chromium made: enough of the format to read them, and no more.

use std::collections::BTreeMap;
use std::io::Read;

/// What stands on each page, in the order in which it was drawn, without spaces between.
pub fn pages(bytes: &[u8]) -> Vec<String> {
    let objects = objects(bytes);
    let mut pages = Vec::new();
    for (head, _) in objects.values() {
        if !is_a(head, "/Page") {
            continue;
        }
        let fonts = fonts(head, &objects);
        let content = reference(head, "/Contents").expect("a page has content");
        let (_, stream) = &objects[&content];
        pages.push(text(stream, &fonts));
    }
    pages
}

type Objects = BTreeMap<u32, (String, Vec<u8>)>;
/// Unicode by glyph, of a font by its name on the page.
type Fonts = BTreeMap<String, BTreeMap<u16, String>>;

fn is_a(head: &str, kind: &str) -> bool {
    let kinds = head.split("/Type").skip(1);
    let mut kinds = kinds.map(|rest| rest.trim_start());
    kinds.any(|rest| {
        rest.strip_prefix(kind)
            .is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
    })
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(&bytes[from..], what).map(|at| from + at)
}

/// Every object: its dictionary, and its stream unpacked.
fn objects(bytes: &[u8]) -> Objects {
    let mut objects = Objects::new();
    let mut at = 0;
    while let Some(begin) = find(bytes, b" 0 obj", at) {
        let digits = bytes[..begin]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let number = std::str::from_utf8(&bytes[begin - digits..begin])
            .unwrap()
            .parse()
            .unwrap();
        let end = find(bytes, b"endobj", begin).unwrap_or(bytes.len());
        let stream = find(bytes, b"stream", begin).filter(|stream| *stream < end);
        let head = String::from_utf8_lossy(&bytes[begin + 6..stream.unwrap_or(end)]).into_owned();
        let mut unpacked = Vec::new();
        at = end;
        if let Some(stream) = stream {
            let data = &bytes[stream + 6..];
            let data = data
                .strip_prefix(b"\r\n")
                .or(data.strip_prefix(b"\n"))
                .unwrap_or(data);
            if head.contains("/FlateDecode") {
                // What follows the packed bytes is none of theirs.
                let _ = flate2::read::ZlibDecoder::new(data).read_to_end(&mut unpacked);
            } else {
                let length = find(data, b"endstream", 0).unwrap_or(0);
                unpacked = data[..length].to_vec();
            }
            at = find(bytes, b"endstream", stream).unwrap_or(end);
        }
        objects.insert(number, (head, unpacked));
    }
    objects
}

fn reference(head: &str, name: &str) -> Option<u32> {
    let rest = head
        .split(name)
        .nth(1)?
        .trim_start()
        .trim_start_matches('[')
        .trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn fonts(head: &str, objects: &Objects) -> Fonts {
    let own = head.split("/Font").nth(1).unwrap_or_default();
    let own = own.split(">>").next().unwrap_or_default();
    let names = own.split('/').skip(1).filter_map(|part| {
        let name = part.split_whitespace().next()?;
        let number = part.split_whitespace().nth(1)?.parse().ok()?;
        let (font, _) = objects.get(&number)?;
        let (_, map) = objects.get(&reference(font, "/ToUnicode")?)?;
        Some((name.to_owned(), unicode(&String::from_utf8_lossy(map))))
    });
    names.collect()
}

/// A map of glyphs to texts, as a CMap tells it.
fn unicode(map: &str) -> BTreeMap<u16, String> {
    let mut all = BTreeMap::new();
    let hexes = |line: &str| -> Vec<String> {
        let parts = line.split('<').skip(1);
        parts
            .filter_map(|part| Some(part.split('>').next()?.to_owned()))
            .collect()
    };
    let text = |hex: &str, more: u16| {
        let mut units: Vec<u16> = (0..hex.len() / 4)
            .filter_map(|at| u16::from_str_radix(&hex[4 * at..4 * at + 4], 16).ok())
            .collect();
        if let Some(last) = units.last_mut() {
            *last += more;
        }
        String::from_utf16_lossy(&units)
    };
    let number = |hex: &str| u16::from_str_radix(hex, 16).unwrap_or(0);
    let mut is_range = false;
    for line in map.lines() {
        match line.trim() {
            line if line.ends_with("beginbfrange") => is_range = true,
            line if line.ends_with("beginbfchar") => is_range = false,
            line => match (&hexes(line)[..], is_range) {
                ([glyph, to], false) => drop(all.insert(number(glyph), text(to, 0))),
                ([from, to, first], true) => {
                    for glyph in number(from)..=number(to) {
                        all.insert(glyph, text(first, glyph - number(from)));
                    }
                }
                _ => {}
            },
        }
    }
    all
}

/// What a page's content draws.
fn text(content: &[u8], fonts: &Fonts) -> String {
    let content = String::from_utf8_lossy(content);
    let mut told = String::new();
    let mut font = None;
    for word in content.split_ascii_whitespace() {
        // `/F4 6.5 Tf` chooses a font; `<0057> Tj` draws glyphs of it.
        if let Some(name) = word
            .strip_prefix('/')
            .filter(|name| fonts.contains_key(*name))
        {
            font = fonts.get(name);
        }
        let mut rest = word;
        while let (Some(begin), Some(font)) = (rest.find('<'), font) {
            let Some(end) = rest[begin..].find('>') else {
                break;
            };
            let glyphs = &rest[begin + 1..begin + end];
            for at in 0..glyphs.len() / 4 {
                let glyph = u16::from_str_radix(&glyphs[4 * at..4 * at + 4], 16);
                let letter = glyph.ok().and_then(|glyph| font.get(&glyph));
                told.push_str(letter.map_or("", String::as_str));
            }
            rest = &rest[begin + end..];
        }
    }
    told
}

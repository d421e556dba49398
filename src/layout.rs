//! Text on a page of a given width, counted in columns of a terminal.
//!
//! Must hold: no line is wider than the page, unless the page is narrower than an indent and a word's
//! first character; a no-break space is printed as a space, and lines are not broken there.

use console::{Style, measure_text_width};

/// No page is wider: longer lines are hard to read.
const WIDEST: usize = 110;
/// No page is narrower: shorter lines are hard to read too.
const NARROWEST: usize = 40;

/// A page that is being written.
pub(crate) struct Page {
    width: usize,
    text: String,
}

impl Page {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            width: width.clamp(NARROWEST, WIDEST),
            text: String::new(),
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn into_text(self) -> String {
        self.text.replace('\u{a0}', " ")
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line as it is, already styled and of a width that fits.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A paragraph; every line is indented and styled.
    pub(crate) fn paragraph(&mut self, indent: usize, text: &str, style: &Style) {
        self.hanging(indent, indent, text, style);
    }

    /// A paragraph whose first line has another indent.
    pub(crate) fn hanging(&mut self, first: usize, indent: usize, text: &str, style: &Style) {
        let lines = wrap(
            text,
            self.width - first.min(self.width - 1),
            self.width - indent.min(self.width - 1),
        );
        for (number, line) in lines.iter().enumerate() {
            let indent = if number == 0 { first } else { indent };
            let line = style.apply_to(line);
            self.line(&format!("{:indent$}{line}", ""));
        }
    }
}

/// Breaks a text at spaces, and in words that no line holds.
fn wrap(text: &str, first: usize, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let room = |lines: &[String]| if lines.len() == 1 { first } else { width };
        let line = lines.last().map_or(0, |line| measure_text_width(line));
        let space = usize::from(line > 0);
        if line > 0 && line + space + measure_text_width(word) > room(&lines) {
            lines.push(String::new());
        } else if line > 0
            && let Some(line) = lines.last_mut()
        {
            line.push(' ');
        }
        for character in word.chars() {
            let mut buffer = [0; 4];
            let character: &str = character.encode_utf8(&mut buffer);
            let filled = lines.last().map_or(0, |line| measure_text_width(line));
            if filled > 0 && filled + measure_text_width(character) > room(&lines) {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(character);
            }
        }
    }
    lines
}

/// A text and spaces behind it, to a width.
pub(crate) fn left(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(measure_text_width(text));
    format!("{text}{:missing$}", "")
}

/// A text and spaces before it, to a width.
pub(crate) fn right(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(measure_text_width(text));
    format!("{:missing$}{text}", "")
}

/// The width of the widest.
pub(crate) fn widest<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> usize {
    let widths = texts
        .into_iter()
        .map(|text| measure_text_width(text.as_ref()));
    widths.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vietnamese_is_measured_by_columns() {
        assert_eq!(
            wrap("Khám bệnh, chữa bệnh sau tử vong", 10, 10),
            ["Khám bệnh,", "chữa bệnh", "sau tử", "vong"]
        );
        assert_eq!(wrap("1.234\u{a0}đ và", 5, 7), ["1.234", "\u{a0}đ và"]);
        assert_eq!(right("đồng", 6), "  đồng");
        assert_eq!(left("đồng", 6), "đồng  ");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide(
            text in "[a-zệđ国 \u{a0}]{0,80}", first in 4usize..20, width in 4usize..20
        ) {
            let lines = wrap(&text, first, width);
            for (number, line) in lines.iter().enumerate() {
                let room = if number == 0 { first } else { width };
                prop_assert!(measure_text_width(line) <= room, "{line:?}");
            }
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}

//! QR codes, as pictures of a page.

use qrcode::QrCode;
use qrcode::render::svg::Color;
use qrcode::types::QrError;
use zeroize::Zeroizing;

/// Pixels of a side, at least.
const SIDE: u32 = 220;

/// The QR code of a text as an SVG element, without the XML declaration, so that a page can have it in line. It says
/// what the text says: of [`TotpSecret::uri`](super::TotpSecret::uri) it is as secret.
///
/// # Errors
/// When the text is longer than such a code can be.
pub fn qr_svg(text: &str) -> Result<Zeroizing<String>, QrError> {
    let code = QrCode::new(text)?;
    let picture = code
        .render::<Color<'_>>()
        .min_dimensions(SIDE, SIDE)
        .build();
    let picture = Zeroizing::new(picture);
    let start = picture.find("<svg").unwrap_or_default();
    Ok(Zeroizing::new(picture[start..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_element_without_anything_that_runs() {
        let picture = qr_svg("otpauth://totp/fundwatch:an?secret=GEZDGNBV").expect("a code");
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>"));
        assert!(!picture.contains("script") && !picture.contains("style"));
        assert_ne!(*picture, *qr_svg("another").expect("a code"));
    }

    #[test]
    fn a_text_that_is_too_long_is_an_error() {
        assert!(qr_svg(&"x".repeat(5_000)).is_err());
    }
}

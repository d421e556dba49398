//! Values as the bytes that a table holds of them.
//!
//! A nation pays for each byte of a fact 10^8 times, and a union of facts is as wide as its widest:
//! packed, a card does not take the room of a claim. Must hold: unpacking gives what was packed, and
//! equal values have equal bytes, so that a value is found by its bytes.

/// A value that can be told apart, and told from what follows it, by its bytes.
pub trait Packed: Sized {
    /// Adds its bytes.
    fn pack(&self, out: &mut Vec<u8>);

    /// Takes it off the front.
    ///
    /// # Panics
    /// Where the bytes are not those of packed values.
    fn unpack(bytes: &mut &[u8]) -> Self;
}

/// The values packed one behind the other.
pub struct Unpacked<'a, V> {
    bytes: &'a [u8],
    values: std::marker::PhantomData<V>,
}

impl<'a, V> Unpacked<'a, V> {
    /// The values in these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            values: std::marker::PhantomData,
        }
    }

    /// The bytes of the values that are left.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<V: Packed> Iterator for Unpacked<'_, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        (!self.bytes.is_empty()).then(|| V::unpack(&mut self.bytes))
    }
}

/// Takes bytes off the front.
///
/// # Panics
/// Where there are fewer.
pub fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (taken, rest) = bytes
        .split_first_chunk()
        .expect("the bytes are those of packed values");
    *bytes = rest;
    *taken
}

/// Takes a number off the front.
pub fn take_u32(bytes: &mut &[u8]) -> u32 {
    u32::from_le_bytes(take(bytes))
}

//! Batches of records as brokers keep them, of any content: with holes, marks, or damage.

use std::io::{Read, Write};
use std::net::TcpStream;

/// A record batch (format 2).
pub struct Batch<'a> {
    /// Offsets within the batch, with their values.
    pub records: &'a [(i64, &'a [u8])],
    /// How many offsets it spans; the mock cluster takes it for the number of records.
    pub span: i32,
    /// Whether it is a mark of a transaction.
    pub is_mark: bool,
    /// Whether its checksum is wrong.
    pub is_damaged: bool,
}

impl Batch<'_> {
    /// Writes it to partition `partition` of `claims`, at the end.
    pub fn write(&self, brokers: &str, partition: i32) {
        write(brokers, partition, self.bytes(0, self.span));
    }
}

/// Writes batches to an empty partition of `claims` so that the broker answers with all of them at
/// once.
pub fn write_at_once(batches: &[Batch<'_>], brokers: &str, partition: i32) {
    let total = batches.iter().map(|batch| batch.span).sum();
    let mut first = 0;
    let mut bytes = Vec::new();
    for batch in batches {
        // The mock cluster believes the count of the first.
        let count = if first == 0 { total } else { batch.span };
        bytes.extend(batch.bytes(first.into(), count));
        first += batch.span;
    }
    write(brokers, partition, bytes);
}

/// Sends a request that produces. The mock cluster must have one broker.
fn write(brokers: &str, partition: i32, batches: Vec<u8>) {
    let mut request = Vec::new();
    // Produce, version 7, correlation 1; then the client's name.
    request.extend([0, 0, 0, 7, 0, 0, 0, 1]);
    put_text(&mut request, "batch");
    request.extend((-1i16).to_be_bytes());
    request.extend(1i16.to_be_bytes());
    request.extend(5000i32.to_be_bytes());
    request.extend(1i32.to_be_bytes());
    put_text(&mut request, "claims");
    request.extend(1i32.to_be_bytes());
    request.extend(partition.to_be_bytes());
    let length = i32::try_from(batches.len()).expect("small");
    request.extend(length.to_be_bytes());
    request.extend(batches);
    let mut broker = TcpStream::connect(brokers).expect("a broker");
    let length = u32::try_from(request.len()).expect("small");
    broker.write_all(&length.to_be_bytes()).expect("sent");
    broker.write_all(&request).expect("sent");
    let mut answer = [0; 4];
    broker.read_exact(&mut answer).expect("an answer");
    let mut answer = vec![0; u32::from_be_bytes(answer) as usize];
    broker.read_exact(&mut answer).expect("an answer");
    // Correlation, one topic, its name, one partition, its number, then the error.
    let at = 4 + 4 + 2 + "claims".len() + 4 + 4;
    assert_eq!(answer[at..at + 2], [0, 0], "the broker refused the batch");
}

impl Batch<'_> {
    fn bytes(&self, first: i64, count: i32) -> Vec<u8> {
        let mut checked = Vec::new();
        let attributes: i16 = if self.is_mark { 0x30 } else { 0 };
        checked.extend(attributes.to_be_bytes());
        checked.extend((self.span - 1).to_be_bytes());
        checked.extend(1_700_000_000_000i64.to_be_bytes());
        checked.extend(1_700_000_000_000i64.to_be_bytes());
        checked.extend((-1i64).to_be_bytes());
        checked.extend((-1i16).to_be_bytes());
        checked.extend((-1i32).to_be_bytes());
        checked.extend(count.to_be_bytes());
        for (offset, value) in self.records {
            let mut record = vec![0];
            put_varint(&mut record, 0);
            put_varint(&mut record, *offset);
            // A mark's key says its version and that it is a commit.
            let key: &[u8] = if self.is_mark { &[0, 0, 0, 1] } else { b"key" };
            put_varint(&mut record, key.len() as i64);
            record.extend(key);
            put_varint(&mut record, value.len() as i64);
            record.extend(*value);
            put_varint(&mut record, 0);
            put_varint(&mut checked, record.len() as i64);
            checked.extend(record);
        }
        let checksum = crc32c(&checked) ^ u32::from(self.is_damaged);
        let mut batch = first.to_be_bytes().to_vec();
        let length = 4 + 1 + 4 + checked.len();
        batch.extend(u32::try_from(length).expect("small").to_be_bytes());
        batch.extend([0; 4]);
        batch.push(2);
        batch.extend(checksum.to_be_bytes());
        batch.extend(checked);
        batch
    }
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    to.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
    to.extend(text.as_bytes());
}

fn put_varint(to: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        to.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    to.push(rest as u8);
}

fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0x82f6_3b78
        } else {
            crc >> 1
        }
    };
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    })
}

#[test]
fn the_checksum_is_the_published_one() {
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
}

//! Requests that were answered, so that the same again is answered the same and done once.
//!
//! In: requests with a key of their own, and the answers to them. Out: the answer to one that was done before.
//! Must hold: one that is in the journal is never done again, in the memory of the process or, once what it
//! came to is stored, in the store; memory is bounded by what is not stored yet, and some more.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::submission::{Receipt, Refused};
use crate::journal::{Delivery, Epoch, Request};
use crate::record::ErrorCode;

/// Answers that are remembered though the store knows them: clients repeat what they sent last.
const REMEMBERED: usize = 50_000;

/// Looks up a request in the store: the digest of its body, and the answer.
pub(super) type Stored =
    Box<dyn FnMut(&Request) -> Result<Option<([u8; 32], Receipt)>, String> + Send>;

/// What is known of answered requests.
pub(super) struct Requests {
    known: HashMap<(String, [u8; 32]), Known>,
    /// The keys by the epochs that hold them.
    order: VecDeque<(u64, (String, [u8; 32]))>,
    stored: Stored,
}

struct Known {
    body: [u8; 32],
    receipt: Receipt,
}

impl Requests {
    pub(super) fn new(stored: Stored) -> Self {
        Self {
            known: HashMap::new(),
            order: VecDeque::new(),
            stored,
        }
    }

    /// The answer to a request that was done before.
    pub(super) fn answer(&mut self, request: &Request) -> Option<Result<Receipt, Refused>> {
        let key = (request.principal.clone(), request.key);
        let (body, receipt) = match self.known.get(&key) {
            Some(known) => (known.body, known.receipt.clone()),
            None => match (self.stored)(request) {
                Ok(Some(stored)) => stored,
                Ok(None) => return None,
                // Whether it was done is not known, so that it must not be done.
                Err(why) => return Some(Err(Refused::Unwritable(why))),
            },
        };
        Some(match body == request.body {
            true => Ok(receipt),
            false => Err(Refused::KeyReused),
        })
    }

    /// Remembers the requests of an epoch of the journal, of whose deliveries so many rows were accepted.
    pub(super) fn recover(&mut self, epoch: &Epoch, accepted: &[u64]) {
        for (delivery, accepted) in epoch.deliveries.iter().flatten().zip(accepted) {
            if let Some(request) = &delivery.request {
                self.done(request, &receipt((epoch.number, *accepted), delivery), 0);
            }
        }
    }

    /// Remembers what a request came to, and forgets some that are stored.
    pub(super) fn done(&mut self, request: &Request, receipt: &Receipt, committed: u64) {
        let key = (request.principal.clone(), request.key);
        self.order.push_back((receipt.epoch, key.clone()));
        let known = Known {
            body: request.body,
            receipt: receipt.clone(),
        };
        self.known.insert(key, known);
        let is_stored =
            |first: Option<&(u64, _)>| first.is_some_and(|(epoch, _)| *epoch <= committed);
        while self.order.len() > REMEMBERED && is_stored(self.order.front()) {
            if let Some((_, key)) = self.order.pop_front() {
                self.known.remove(&key);
            }
        }
    }
}

/// What a delivery came to, of which so many rows are in an epoch.
pub(super) fn receipt((epoch, accepted): (u64, u64), delivery: &Delivery) -> Receipt {
    let rejects = delivery.rejects.iter();
    Receipt {
        accepted,
        rejected: rejects
            .map(|reject| (reject.row, reject.code.as_str()))
            .collect(),
        epoch,
    }
}

/// What deliveries came to that are in an epoch together.
pub(super) fn receipt_of_all(epoch: u64, deliveries: &[Delivery]) -> Receipt {
    let mut all = Receipt {
        accepted: 0,
        rejected: Vec::new(),
        epoch,
    };
    for delivery in deliveries {
        let one = receipt((epoch, delivery.rows.len() as u64), delivery);
        all.accepted += one.accepted;
        all.rejected.extend(one.rejected);
    }
    all
}

/// An answer as it is stored and sent.
#[derive(Serialize, Deserialize)]
struct Written {
    accepted: u64,
    rejected: Vec<WrittenReject>,
    epoch: u64,
}

#[derive(Serialize, Deserialize)]
struct WrittenReject {
    row: u64,
    code: String,
}

/// The JSON of an answer (contract 4).
pub(super) fn write(receipt: &Receipt) -> String {
    let rejected = receipt.rejected.iter().map(|(row, code)| WrittenReject {
        row: *row,
        code: (*code).to_owned(),
    });
    let written = Written {
        accepted: receipt.accepted,
        rejected: rejected.collect(),
        epoch: receipt.epoch,
    };
    serde_json::to_string(&written).expect("an answer is written into memory")
}

/// The answer that [`write`] wrote.
pub(super) fn read(text: &str) -> Option<Receipt> {
    let written: Written = serde_json::from_str(text).ok()?;
    let rejected = written.rejected.into_iter().map(|reject| {
        let code = ErrorCode::ALL
            .iter()
            .find(|code| code.as_str() == reject.code)?;
        Some((reject.row, code.as_str()))
    });
    Some(Receipt {
        accepted: written.accepted,
        rejected: rejected.collect::<Option<_>>()?,
        epoch: written.epoch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(key: u8, body: u8) -> Request {
        Request {
            principal: "hub".to_owned(),
            key: [key; 32],
            body: [body; 32],
        }
    }

    fn receipt(epoch: u64) -> Receipt {
        Receipt {
            accepted: 3,
            rejected: vec![(2, "bad_json")],
            epoch,
        }
    }

    #[test]
    fn the_same_again_is_answered_the_same_and_another_body_is_refused() {
        let mut requests = Requests::new(Box::new(|asked| {
            Ok((asked.key == [9; 32]).then(|| ([1; 32], receipt(4))))
        }));
        assert_eq!(requests.answer(&request(1, 1)), None);
        requests.done(&request(1, 1), &receipt(7), 0);
        assert_eq!(requests.answer(&request(1, 1)), Some(Ok(receipt(7))));
        assert_eq!(
            requests.answer(&request(1, 2)),
            Some(Err(Refused::KeyReused))
        );
        assert_eq!(
            requests.answer(&request(9, 1)),
            Some(Ok(receipt(4))),
            "stored"
        );
        let another = Request {
            principal: "other".to_owned(),
            ..request(1, 1)
        };
        assert_eq!(
            requests.answer(&another),
            None,
            "keys are of those who push"
        );
    }

    #[test]
    fn what_is_not_stored_is_never_forgotten() {
        let mut requests = Requests::new(Box::new(|_| Ok(None)));
        requests.done(&request(1, 1), &receipt(1), 0);
        for epoch in 2..=REMEMBERED as u64 + 10 {
            let one = Request {
                principal: epoch.to_string(),
                ..request(2, 2)
            };
            requests.done(&one, &receipt(epoch), 0);
        }
        assert!(requests.answer(&request(1, 1)).is_some());
        requests.done(&request(3, 3), &receipt(60_000), 5);
        assert_eq!(
            requests.answer(&request(1, 1)),
            None,
            "stored, and forgotten here"
        );
        assert!(
            requests.order.len() > REMEMBERED,
            "what is not stored stays"
        );
    }

    #[test]
    fn answers_read_back() {
        let receipt = receipt(12);
        let text = write(&receipt);
        assert_eq!(
            text,
            r#"{"accepted":3,"rejected":[{"row":2,"code":"bad_json"}],"epoch":12}"#
        );
        assert_eq!(read(&text), Some(receipt));
        assert_eq!(read("{}"), None);
    }
}

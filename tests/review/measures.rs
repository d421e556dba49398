//! The page of the data measures: by stream and facility, the worst first.

use std::sync::Arc;

use fundwatch::measure::{
    FacilityReport, Failing, Measured, Measures, Named, Parts, Percentile, Rejected, Report, Share,
};
use fundwatch::record::Instant;
use fundwatch::rule::ReasonSet;
use fundwatch::web::pages::DataMeasures;

use super::house::House;
use super::made::{DAY, Made, now};
use super::visitor::Visitor;

fn facility(code: &str, claims: u64, (in_time, complete): (u64, u64)) -> FacilityReport {
    let deadline = |name: &str, count| Named {
        name: name.to_owned(),
        share: Share::new(count, claims),
    };
    FacilityReport {
        facility: Some(code.to_owned()),
        claims,
        amount_vnd: 1_250_000 * i64::try_from(claims).unwrap(),
        deadlines: vec![
            deadline("seven_working_days", in_time),
            deadline("fifth_of_next_month", claims),
        ],
        percentiles: vec![Percentile {
            percent: 90,
            at_most_seconds: Some(5 * 86_400),
        }],
        complete: Share::new(complete, claims * 4),
        indicators: Vec::new(),
        rejected: Share::new(claims / 10, claims + claims / 10),
        correct: Some(Share::new(claims - 1, claims)),
    }
}

impl DataMeasures for Made {
    fn measured(&self) -> Option<Arc<Measured>> {
        let at = Instant::from_millis(now()).unwrap();
        let mut report = Report::new(&Parts {
            measures: &Measures::default(),
            rejected: &Rejected::default(),
            failing: &Failing::default(),
            reasons: ReasonSet::ALL,
            known_until: Some(at),
        });
        let claims = report
            .streams
            .iter_mut()
            .find(|one| one.stream == "claims")
            .unwrap();
        claims.rows = 3_000;
        claims.complete = Share::new(11_000, 12_000);
        claims.clean.rejected = Share::new(40, 3_040);
        claims.live.age_seconds = Some(7_200);
        for check in &mut claims.correct {
            check.share = Some(Share::new(2_999, 3_000));
        }
        report.facilities = vec![
            facility("01001", 800, (790, 3_000)),
            facility("79001", 1_200, (700, 4_700)),
            facility("79002", 1_000, (1_000, 4_000)),
        ];
        Some(Arc::new(Measured {
            report,
            counted_from: Instant::from_millis(now() - 3 * DAY),
            at,
        }))
    }
}

/// The facilities of a page, in order.
fn codes(page: &str) -> Vec<String> {
    let codes = page.split("<code>").skip(1);
    codes
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

#[test]
fn facilities_stand_by_what_is_asked_for_the_worst_first() {
    let house = House::full();
    let mut dung = Visitor::signed_in(&house.address, "dung");
    let page = dung.get("/measures").body;
    assert_eq!(codes(&page), ["79001", "01001", "79002"]);
    assert!(page.contains("58,33\u{a0}%"), "700 of 1,200: {page}");
    assert!(page.contains("100,00\u{a0}%") && page.contains("1.500.000.000\u{a0}đ"));
    assert!(page.contains("<svg class=\"steps\""));
    // An operator reads no alerts, and so goes to none.
    assert!(!page.contains("/groups/provider/"));
    let page = dung.get("/measures?by=complete").body;
    assert_eq!(codes(&page), ["01001", "79001", "79002"]);
    let page = dung.get("/measures?by=whatever").body;
    assert_eq!(codes(&page), ["79001", "01001", "79002"]);
    // A check that one of 3,000 claims fails is not whole.
    assert!(page.contains("99,96\u{a0}%"));
    let page = Visitor::signed_in(&house.address, "an")
        .get("/measures")
        .body;
    assert!(page.contains("<a href=\"/groups/provider/79001\">"));
    // Who works on one province is told of its facilities.
    let page = Visitor::signed_in(&house.address, "tam")
        .get("/measures")
        .body;
    assert_eq!(codes(&page), ["01001"]);
}

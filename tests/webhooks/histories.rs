//! Random histories, against a naive model: every receiver gets the changes of its reasons that came since it is there, in
//! their order and at least once, whatever is answered and whenever the process dies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use fundwatch::notice::delivery::{Answer, Outgoing, Transport};
use fundwatch::review::Desk;
use fundwatch::rule::{Reason, ReasonSet};
use fundwatch::store::AlertState;
use fundwatch::webhook::{Lane, POLICY, Turn};
use proptest::prelude::*;
use serde_json::Value;

use crate::made::id;
use crate::support::{Place, alert, only, project, reason};

/// What happens to a message on its way.
#[derive(Clone, Copy, Debug)]
enum Way {
    Taken,
    /// It arrives, and the answer does not.
    AnswerLost,
    Lost,
    Refused,
    Busy,
}

#[derive(Clone, Debug)]
enum Step {
    /// Alerts as they are after another epoch.
    Project(BTreeMap<u32, (AlertState, u8)>),
    /// The store knows these no more.
    Unknown(BTreeSet<u32>),
    /// A receiver has turns.
    Turns(usize, Vec<Way>),
    /// The process dies, and another begins.
    Die,
    /// The configuration names these receivers from now on.
    Configure([bool; 3]),
    Tidy,
}

const NAMES: [&str; 3] = ["all", "deaths", "cards"];

fn wants(receiver: usize) -> ReasonSet {
    match receiver {
        0 => ReasonSet::ALL,
        1 => only(&[Reason::ServiceAfterDeath]),
        _ => only(&[Reason::UnknownCard, Reason::StaleCard]),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop_oneof![
        4 => Just(AlertState::Active),
        2 => Just(AlertState::Withdrawn),
        1 => Just(AlertState::Archived)
    ];
    let alerts = proptest::collection::btree_map(0_u32..9, (state, 0_u8..3), 0..6);
    let unknown = proptest::collection::btree_set(0_u32..9, 1..4);
    let way = prop_oneof![
        4 => Just(Way::Taken),
        1 => Just(Way::AnswerLost),
        1 => Just(Way::Lost),
        1 => Just(Way::Refused),
        1 => Just(Way::Busy)
    ];
    let turns = (0_usize..3, proptest::collection::vec(way, 1..8));
    prop_oneof![
        6 => alerts.prop_map(Step::Project),
        1 => unknown.prop_map(Step::Unknown),
        6 => turns.prop_map(|(receiver, ways)| Step::Turns(receiver, ways)),
        2 => Just(Step::Die),
        1 => any::<[bool; 3]>().prop_map(Step::Configure),
        1 => Just(Step::Tidy),
    ]
}

/// A receiver, which has whatever arrived, in the order in which it did.
#[derive(Clone, Default)]
struct Wire {
    ways: Arc<Mutex<VecDeque<Way>>>,
    arrived: Arc<Mutex<Vec<(String, String)>>>,
}

impl Transport for Wire {
    fn send(&self, outgoing: Outgoing<'_>) -> Answer {
        let way = self.ways.lock().unwrap().pop_front();
        let way = way.unwrap_or(Way::Taken);
        if !matches!(way, Way::Lost) {
            let arrived = (outgoing.key.to_owned(), outgoing.body.to_owned());
            // Whoever refuses a message has not taken it.
            if matches!(way, Way::Taken | Way::AnswerLost) {
                self.arrived.lock().unwrap().push(arrived);
            }
        }
        let unavailable = |seconds: Option<u64>| Answer::Unavailable {
            error: "no answer".to_owned(),
            retry_after: seconds.map(std::time::Duration::from_secs),
        };
        match way {
            Way::Taken => Answer::Taken,
            Way::AnswerLost | Way::Lost => unavailable(None),
            Way::Busy => unavailable(Some(90)),
            Way::Refused => Answer::Refused {
                error: "no".to_owned(),
                is_of_sink: false,
            },
        }
    }
}

/// What a message says, as far as the model knows it.
type Told = (String, String, String, u64);

impl Wire {
    /// Everything that arrived, once, in the order in which it first did.
    fn had(&self) -> Vec<Told> {
        let mut ids = BTreeMap::new();
        let mut had = Vec::new();
        for (id, body) in self.arrived.lock().unwrap().iter() {
            match ids.insert(id.clone(), body.clone()) {
                // A repeat says what it said.
                Some(before) => assert_eq!(&before, body),
                None => had.push(told(body)),
            }
        }
        had
    }
}

fn told(body: &str) -> Told {
    let body: Value = serde_json::from_str(body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let data = &body["data"];
    (
        text(&body["type"]),
        text(&data["alert_id"]),
        text(&data["state"]),
        data["epoch"].as_u64().unwrap(),
    )
}

/// What the desk should have told, by brute force.
#[derive(Default)]
struct Model {
    /// What each alert says: nothing of one that never was.
    alerts: BTreeMap<u32, (AlertState, u8)>,
    is_filled: bool,
    epoch: u64,
    /// What each receiver that is configured should have been told.
    expected: [Option<Vec<Told>>; 3],
}

/// What an alert says that the store does not know.
const UNKNOWN: u8 = 255;

impl Model {
    fn change(&mut self, number: u32, now: (AlertState, u8), epoch: u64) {
        let before = self.alerts.insert(number, now);
        let holds = |state: AlertState| state != AlertState::Withdrawn;
        let held = before.is_some_and(|(state, _)| holds(state));
        let word = match (held, holds(now.0)) {
            (false, false) => return,
            (true, false) => "withdrawn",
            _ if before == Some(now) => return,
            _ if now.0 == AlertState::Archived
                && before.map(|(state, _)| state) != Some(AlertState::Archived) =>
            {
                "archived"
            }
            (true, true) if before.map(|(state, _)| state) == Some(now.0) => "changed",
            _ => "raised",
        };
        if !self.is_filled {
            return;
        }
        let state = now.0.as_str().to_owned();
        let told = (format!("alert.{word}"), id(number), state, epoch);
        for (receiver, expected) in self.expected.iter_mut().enumerate() {
            if let Some(expected) = expected
                && wants(receiver).contains(reason(number))
            {
                expected.push(told.clone());
            }
        }
    }
}

struct World {
    place: Place,
    desk: Option<Arc<Desk>>,
    wires: [Wire; 3],
    lanes: Vec<(usize, Lane)>,
    model: Model,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            place: Place::new(),
            desk: None,
            wires: Default::default(),
            lanes: Vec::new(),
            model: Model::default(),
        };
        world.configure([true, true, false]);
        world
    }

    fn desk(&self) -> &Arc<Desk> {
        self.desk.as_ref().unwrap()
    }

    fn die(&mut self) {
        self.lanes.clear();
        self.desk = None;
        let configured = (0..3).filter(|one| self.model.expected[*one].is_some());
        let configured: Vec<usize> = configured.collect();
        let receivers: Vec<(&str, ReasonSet)> = configured
            .iter()
            .map(|one| (NAMES[*one], wants(*one)))
            .collect();
        self.desk = Some(self.place.desk(&receivers));
        let lane = |one: usize| {
            let wire = Box::new(self.wires[one].clone());
            (one, Lane::new(NAMES[one].to_owned(), wire, POLICY, None))
        };
        self.lanes = configured.into_iter().map(lane).collect();
    }

    fn configure(&mut self, named: [bool; 3]) {
        for (one, is_named) in named.into_iter().enumerate() {
            match (is_named, &self.model.expected[one]) {
                (true, None) => {
                    self.model.expected[one] = Some(Vec::new());
                    self.wires[one] = Wire::default();
                }
                (false, Some(_)) => self.model.expected[one] = None,
                _ => {}
            }
        }
        self.die();
    }

    fn turn(&mut self, receiver: usize) -> Option<Turn> {
        let (desk, clock) = (self.desk.clone().unwrap(), self.place.clock.clone());
        let lane = self.lanes.iter_mut().find(|(one, _)| *one == receiver)?;
        let turn = lane.1.turn(&desk, &*clock).unwrap();
        if let Turn::Later(at) = turn {
            clock.to(at.0);
        }
        Some(turn)
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Project(alerts) => {
                self.model.epoch += 1;
                let epoch = self.model.epoch;
                let findings = alerts
                    .iter()
                    .map(|(number, (state, content))| alert(*number, *state, *content, epoch));
                let findings: Vec<_> = findings.collect();
                for (number, now) in alerts {
                    self.model.change(number, now, epoch);
                }
                // Some first, without saying how far it is, as what has to be caught up with is brought in.
                let (first, rest) = findings.split_at(findings.len() / 2);
                self.desk().project(first, None).unwrap();
                project(self.desk(), rest, epoch);
                self.model.is_filled = true;
            }
            Step::Unknown(numbers) => {
                let ids: Vec<String> = numbers.iter().map(|number| id(*number)).collect();
                self.desk().withdraw_unknown(&ids).unwrap();
                for number in numbers {
                    let known = self.model.alerts.get(&number).copied();
                    if let Some((AlertState::Active, _)) = known {
                        let epoch = self.model.epoch;
                        let now = (AlertState::Withdrawn, UNKNOWN);
                        self.model.change(number, now, epoch);
                    }
                }
            }
            Step::Turns(receiver, ways) => {
                let count = ways.len();
                *self.wires[receiver].ways.lock().unwrap() = ways.into();
                for _ in 0..count {
                    self.turn(receiver);
                }
                self.wires[receiver].ways.lock().unwrap().clear();
            }
            Step::Die => self.die(),
            Step::Configure(named) => self.configure(named),
            Step::Tidy => assert_eq!(self.desk().trim_messages().unwrap(), []),
        }
    }

    /// What arrived so far is the beginning of what was to be told.
    fn check(&self) {
        for (one, expected) in self.model.expected.iter().enumerate() {
            let Some(expected) = expected else { continue };
            let had = self.wires[one].had();
            assert!(expected.starts_with(&had), "{one}: {had:?} {expected:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_receiver_gets_what_changed_in_its_order(steps in proptest::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
            world.check();
        }
        // All are there again.
        for receiver in 0..3 {
            let is_over = |turn| matches!(turn, None | Some(Turn::Idle));
            while !is_over(world.turn(receiver)) {}
        }
        for (one, expected) in world.model.expected.iter().enumerate() {
            if let Some(expected) = expected {
                prop_assert_eq!(&world.wires[one].had(), expected);
            }
        }
        world.desk().trim_messages().unwrap();
        let waits = world.desk().receivers().unwrap();
        prop_assert!(waits.iter().all(|one| one.oldest.is_none()));
    }
}

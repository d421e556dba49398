//! Who calls: tokens of roles and of users, and what they are answered.

use std::path::Path;
use std::time::Duration;

use fundwatch::access::{NewUser, NewUserToken, ProvinceSet, Register, Role};
use fundwatch::language::Language;
use fundwatch::notice::{Clock, SystemClock};
use serde_json::Value;

use crate::running::{Country, Data, Running, until};
use crate::said;

/// A service with a country in it whose alerts are on the desk.
pub struct Served {
    pub data: Data,
    pub service: Running,
}

impl Served {
    pub fn start() -> Self {
        let served = Self::start_empty();
        served.service.push_all(&Country::new(1000));
        let auditor = served.role("auditor");
        until("alerts on the desk", Duration::from_secs(60), || {
            let (status, page) = served.get("/v1/queue?view=open&limit=1000", &auditor);
            let items = page["items"].as_array().map_or(0, Vec::len);
            let (_, alerts) = served.get("/v1/alerts?state=active&limit=1000", &auditor);
            let alerts = alerts["alerts"].as_array().map_or(0, Vec::len);
            (status == 200 && items > 0 && items == alerts).then_some(())
        });
        served
    }

    /// A service that nothing was sent to.
    pub fn start_empty() -> Self {
        let data = Data::new();
        let service = Running::start(&data, "").ready();
        Self { data, service }
    }

    pub fn post(&self, path: &str, token: &str, body: &str) -> (u16, Value) {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let request = config
            .build()
            .new_agent()
            .post(format!("http://{}{path}", self.service.api))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let mut answer = request.send(body).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a text");
        said::answered(path, answer.status().as_u16(), None, &text);
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        (answer.status().as_u16(), json)
    }

    pub fn get(&self, path: &str, token: &str) -> (u16, Value) {
        let (status, text) = self.text(path, token);
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub fn text(&self, path: &str, token: &str) -> (u16, String) {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.build().new_agent();
        let request = agent
            .get(format!("http://{}{path}", self.service.api))
            .header("authorization", format!("Bearer {token}"));
        let mut answer = request.call().expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a text");
        said::answered(path, answer.status().as_u16(), None, &text);
        (answer.status().as_u16(), text)
    }

    /// A token of a role, once it is known.
    pub fn role(&self, role: &str) -> String {
        self.known(self.data.token(role))
    }

    /// A token that acts as a user who is made for it, once it is known.
    pub fn user(&self, name: &str, role: Role, provinces: &[&str]) -> String {
        self.known(user(&self.data.path(), name, role, provinces))
    }

    fn known(&self, token: String) -> String {
        until("the token is known", Duration::from_secs(10), || {
            (self.get("/v1/status", &token).0 != 401).then_some(())
        });
        token
    }
}

fn user(data: &Path, name: &str, role: Role, provinces: &[&str]) -> String {
    let mut register = Register::open_or_create(data).expect("a register");
    let new = NewUser {
        name: name.to_owned(),
        display_name: "Trần Thị Mẫu".to_owned(),
        role,
        provinces: ProvinceSet::from_codes(provinces.iter().copied()).expect("provinces"),
        language: Language::Vietnamese,
    };
    let now = SystemClock.now();
    register.add_user(&new, now).expect("added");
    let new = NewUserToken {
        user: name.to_owned(),
        name: None,
        expires_at: None,
    };
    let token = register.create_for_user(&new, now).expect("made");
    token.reveal().to_string()
}

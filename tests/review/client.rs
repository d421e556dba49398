//! Programs that call the API of the house.

use fundwatch::access::Role;
use http::HeaderMap;
use serde_json::Value;

use super::house::House;
use super::made::id;

/// Somebody who calls with a token.
pub struct Client<'a> {
    pub house: &'a House,
    pub token: String,
}

impl<'a> Client<'a> {
    pub fn person(house: &'a House, name: &str) -> Self {
        let token = format!("person-{name}");
        Self { house, token }
    }

    pub fn system(house: &'a House, role: Role) -> Self {
        let token = format!("role-{role}");
        Self { house, token }
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let (status, _, json) = self.answer(method, path, body);
        (status, json)
    }

    /// The answer with its headers.
    pub fn answer(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, HeaderMap, Value) {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.build().new_agent();
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.house.address))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = agent.run(request.body(body).unwrap()).unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.into_body().read_to_string().unwrap();
        let json = serde_json::from_str(&text);
        (status, headers, json.unwrap_or(Value::Null))
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask("POST", path, Some(&body))
    }

    pub fn one(&self, number: u32) -> Value {
        let (status, whole) = self.get(&format!("/v1/queue/{}", id(number)));
        assert_eq!(status, 200, "{whole}");
        whole
    }

    /// Acts on an alert as it is.
    pub fn act(&self, number: u32, mut what: Value) -> (u16, Value) {
        let whole = self.one(number);
        what["version"] = whole["item"]["version"].clone();
        what["digest"] = whole["item"]["digest"].clone();
        self.post(&format!("/v1/queue/{}/act", id(number)), what)
    }
}

/// The status of an answer, and the code of its problem.
pub fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

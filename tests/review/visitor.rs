//! A browser without a script, as far as tests need one: cookies and forms.

use std::collections::BTreeMap;

use super::people::{CODE, PASSWORD};
use crate::said;
use ureq::Agent;

pub struct Visitor {
    agent: Agent,
    address: String,
    pub cookies: BTreeMap<String, String>,
    /// Where it says that forms are from.
    pub origin: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self
            .body
            .split_once(&mark)
            .unwrap_or_else(|| panic!("no field {name}"));
        rest.split_once('"').unwrap().0.to_owned()
    }
}

impl Visitor {
    pub fn new(address: &str) -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.into(),
            address: address.to_owned(),
            cookies: BTreeMap::new(),
            origin: None,
        }
    }

    /// Somebody who has signed in.
    pub fn signed_in(address: &str, name: &str) -> Self {
        let mut visitor = Self::new(address);
        let answer = visitor.sign_in(name, PASSWORD, CODE);
        assert_eq!(answer.status, 303, "{}", answer.body);
        visitor
    }

    pub fn sign_in(&mut self, name: &str, password: &str, code: &str) -> Answer {
        let csrf = self.get("/sign-in").field("csrf");
        let fields = [
            ("csrf", &*csrf),
            ("name", name),
            ("password", password),
            ("code", code),
        ];
        self.post("/sign-in", &fields)
    }

    pub fn get(&mut self, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.address));
        let answer = request.header("cookie", self.cookie()).call();
        self.took(path, answer.unwrap())
    }

    /// The body of an answer that goes on.
    pub fn stream(&mut self, path: &str) -> impl std::io::BufRead + use<> {
        let request = self.agent.get(format!("{}{path}", self.address));
        let answer = request.header("cookie", self.cookie()).call().unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        std::io::BufReader::new(answer.into_body().into_reader())
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from(path, fields, Some("same-origin"))
    }

    pub fn post_from(&mut self, path: &str, fields: &[(&str, &str)], site: Option<&str>) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let mut request = self.agent.post(format!("{}{path}", self.address));
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        let request = request
            .header("cookie", self.cookie())
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send(form);
        self.took(path, answer.unwrap())
    }

    fn cookie(&self) -> String {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn took(&mut self, path: &str, answer: http::Response<ureq::Body>) -> Answer {
        let (head, mut body) = answer.into_parts();
        for line in head.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value);
            }
        }
        let answer = Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.read_to_string().unwrap(),
        };
        let location = answer.headers.get("location");
        let location = location.map(|value| value.to_str().unwrap());
        said::answered(path, answer.status, location, &answer.body);
        answer
    }
}

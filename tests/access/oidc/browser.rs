//! A browser without a script: cookies, forms, and redirects that are followed by hand.

use std::collections::BTreeMap;

use ureq::Agent;

use super::service::Service;

#[derive(Clone)]
pub struct Browser {
    agent: Agent,
    origin: String,
    pub cookies: BTreeMap<String, String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> String {
        self.header("location").expect("a redirect")
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(value.to_str().expect("ASCII").to_owned())
    }

    /// What the page says of a refusal.
    pub fn refused(&self) -> &str {
        let (_, rest) = self.body.split_once("role=\"alert\">").unwrap_or_default();
        let (_, rest) = rest.split_once("</span> ").unwrap_or_default();
        rest.split("</p>").next().unwrap_or_default()
    }

    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&mark).expect("a field");
        rest.split('"').next().expect("a value").to_owned()
    }
}

impl Browser {
    pub fn new(service: &Service) -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.into(),
            origin: service.origin.clone(),
            cookies: BTreeMap::from([("fundwatch-language".to_owned(), "en".to_owned())]),
        }
    }

    /// A page of the service by its path, or of anybody by its address.
    pub fn get(&mut self, address: &str) -> Answer {
        let is_own = address.starts_with('/') || address.starts_with(&self.origin);
        let address = match address.starts_with('/') {
            true => format!("{}{address}", self.origin),
            false => address.to_owned(),
        };
        let mut request = self.agent.get(address);
        if is_own {
            request = request.header("cookie", self.cookie());
        }
        let answer = request.call().expect("an answer");
        self.took(answer)
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let request = self
            .agent
            .post(format!("{}{path}", self.origin))
            .header("sec-fetch-site", "same-origin")
            .header("cookie", self.cookie())
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send(form).expect("an answer");
        self.took(answer)
    }

    /// To the provider, and as far back as the address of the callback.
    pub fn go_to_provider(&mut self, path: &str) -> String {
        let departure = self.get(path);
        assert_eq!(departure.status, 303, "{}", departure.body);
        self.get(&departure.location()).location()
    }

    /// To the provider and back.
    pub fn sign_in(&mut self) -> Answer {
        let callback = self.go_to_provider("/sign-in/oidc");
        self.get(&callback)
    }

    /// The cookie of the session.
    pub fn session(&self) -> Option<&String> {
        self.cookies.get("fundwatch")
    }

    fn cookie(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn took(&mut self, answer: http::Response<ureq::Body>) -> Answer {
        let (head, mut body) = answer.into_parts();
        for line in head.headers.get_all("set-cookie") {
            let line = line.to_str().expect("ASCII");
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().expect("a value").to_owned();
            match rest.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value),
            };
        }
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.read_to_string().expect("UTF-8"),
        }
    }
}

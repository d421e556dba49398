//! The driver of a browser, spoken to by WebDriver (W3C, <https://www.w3.org/TR/webdriver2/>): what these tests ask of it.
//!
//! In go selectors of CSS and scripts, out comes what the browser found. Over the client of HTTP that the program itself has.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use ureq::Agent;

/// How long something that is waited for may take to be on the page.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a reference to an element is named in every answer, by section 12.1 of the standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What a driver says it could not do: one of the standard's error codes, and why.
#[derive(Debug, thiserror::Error)]
#[error("{error}: {message}")]
pub struct Failure {
    error: String,
    message: String,
}

impl Failure {
    fn is(&self, error: &str) -> bool {
        self.error == error
    }

    /// Whether the element went from the page before it was asked.
    pub fn is_stale_element_reference(&self) -> bool {
        self.is("stale element reference")
    }
}

/// A browser that a driver has opened.
#[derive(Clone)]
pub struct WebDriver {
    agent: Agent,
    session: String,
}

/// A place on the page of a browser.
pub struct Element<'a> {
    driver: &'a WebDriver,
    id: String,
}

impl WebDriver {
    /// A browser with these options of Chromium, of the driver that listens at a port of this machine.
    pub async fn start(port: u16, options: Value) -> Result<Self, Failure> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .into();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut driver = Self { agent, session };
        let capabilities = json!({"alwaysMatch": {"goog:chromeOptions": options}});
        let made = driver
            .post("", json!({ "capabilities": capabilities }))
            .await?;
        let id = made["sessionId"].as_str().unwrap();
        driver.session = format!("{}/{id}", driver.session);
        Ok(driver)
    }

    pub async fn end(&self) -> Result<(), Failure> {
        self.ask("DELETE", "", None).await.map(drop)
    }

    pub async fn go(&self, address: &str) -> Result<(), Failure> {
        self.post("/url", json!({ "url": address })).await.map(drop)
    }

    pub async fn refresh(&self) -> Result<(), Failure> {
        self.post("/refresh", json!({})).await.map(drop)
    }

    pub async fn back(&self) -> Result<(), Failure> {
        self.post("/back", json!({})).await.map(drop)
    }

    pub async fn title(&self) -> Result<String, Failure> {
        self.get("/title").await.map(text)
    }

    /// The address of the page.
    pub async fn address(&self) -> Result<String, Failure> {
        self.get("/url").await.map(text)
    }

    /// The first that a selector finds.
    pub async fn find(&self, selector: &str) -> Result<Element<'_>, Failure> {
        let found = self.post("/element", by_css(selector)).await?;
        Ok(Element::of(self, &found))
    }

    pub async fn has(&self, selector: &str) -> Result<bool, Failure> {
        let found = self.post("/elements", by_css(selector)).await?;
        Ok(!found.as_array().unwrap().is_empty())
    }

    pub async fn wait_for(&self, selector: &str) -> Result<(), Failure> {
        let waiting = async {
            loop {
                match self.find(selector).await {
                    Err(failure) if failure.is("no such element") => {}
                    found => return found.map(drop),
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| {
            Err(Failure {
                error: "timeout".to_owned(),
                message: format!("no {selector} within {PATIENCE:?}"),
            })
        })
    }

    /// Where keys go.
    pub async fn active_element(&self) -> Result<Element<'_>, Failure> {
        let found = self.get("/element/active").await?;
        Ok(Element::of(self, &found))
    }

    pub async fn execute(&self, script: &str) -> Result<Value, Failure> {
        let script = json!({"script": script, "args": []});
        self.post("/execute/sync", script).await
    }

    /// Runs a script until it calls back: its last argument.
    pub async fn execute_async(&self, script: &str) -> Result<Value, Failure> {
        let script = json!({"script": script, "args": []});
        self.post("/execute/async", script).await
    }

    pub async fn set_window_size(&self, width: u32, height: u32) -> Result<(), Failure> {
        let size = json!({"width": width, "height": height});
        self.post("/window/rect", size).await.map(drop)
    }

    /// What the window shows, as PNG.
    pub async fn screenshot(&self) -> Result<Vec<u8>, Failure> {
        let picture = self.get("/screenshot").await?;
        Ok(STANDARD.decode(text(picture)).unwrap())
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask("GET", path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        self.ask("POST", path, Some(body)).await
    }

    /// One command, on a thread that may wait for its answer.
    async fn ask(
        &self,
        method: &'static str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        let agent = self.agent.clone();
        let address = format!("{}{path}", self.session);
        let asked = tokio::task::spawn_blocking(move || {
            let request = ureq::http::Request::builder().method(method).uri(address);
            let body = body.map(|body| body.to_string()).unwrap_or_default();
            let mut answer = agent.run(request.body(body).unwrap())?;
            let read = answer
                .body_mut()
                .with_config()
                .limit(1 << 28)
                .read_to_string()?;
            Ok::<_, ureq::Error>((answer.status().is_success(), read))
        });
        let no_answer = |message| Failure {
            error: "no answer".to_owned(),
            message,
        };
        let asked = asked.await.unwrap();
        let (is_success, read) = asked.map_err(|error| no_answer(error.to_string()))?;
        let mut read: Value =
            serde_json::from_str(&read).map_err(|error| no_answer(format!("{error}: {read}")))?;
        let value = read["value"].take();
        if is_success {
            return Ok(value);
        }
        Err(Failure {
            error: value["error"].as_str().unwrap_or_default().to_owned(),
            message: value["message"].as_str().unwrap_or_default().to_owned(),
        })
    }
}

impl<'a> Element<'a> {
    fn of(driver: &'a WebDriver, found: &Value) -> Self {
        let id = found[ELEMENT].as_str().unwrap().to_owned();
        Self { driver, id }
    }

    pub async fn click(&self) -> Result<(), Failure> {
        let path = self.path("click");
        self.driver.post(&path, json!({})).await.map(drop)
    }

    pub async fn send_keys(&self, keys: &str) -> Result<(), Failure> {
        let path = self.path("value");
        let keys = json!({ "text": keys });
        self.driver.post(&path, keys).await.map(drop)
    }

    /// What people read of it.
    pub async fn text(&self) -> Result<String, Failure> {
        self.driver.get(&self.path("text")).await.map(text)
    }

    pub async fn is_displayed(&self) -> Result<bool, Failure> {
        let shown = self.driver.get(&self.path("displayed")).await?;
        Ok(shown.as_bool().unwrap())
    }

    /// Chooses of a list what has this value.
    pub async fn select_by_value(&self, value: &str) -> Result<(), Failure> {
        let option = format!("option[value={}]", Value::from(value));
        let path = self.path("element");
        let found = self.driver.post(&path, by_css(&option)).await?;
        Element::of(self.driver, &found).click().await
    }

    fn path(&self, command: &str) -> String {
        format!("/element/{}/{command}", self.id)
    }
}

fn by_css(selector: &str) -> Value {
    json!({"using": "css selector", "value": selector})
}

fn text(value: Value) -> String {
    value.as_str().unwrap().to_owned()
}

//! Chromium without a window, driven through its driver.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::people::{CODE, PASSWORD};
use super::webdriver::WebDriver;

/// The version that `tests/run` fetches.
const AXE: &str = "axe-core-4.14.1";

pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const DOWN: &str = "\u{e015}";

pub struct Browser {
    process: Child,
    pub driver: WebDriver,
    address: String,
    /// The width of its window, in pixels.
    pub width: u32,
    height: u32,
}

fn skipped(what: &str, required: &str) -> bool {
    let is_required = std::env::var_os(required).is_some_and(|is| is == "1");
    assert!(!is_required, "{what} is missing");
    eprintln!("SKIPPED: {what} is missing; tests/run installs it on Debian as root");
    true
}

fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let places = std::env::split_paths(&path);
    let mut all = places.flat_map(|place| names.iter().map(move |name| place.join(name)));
    all.find(|file| file.is_file())
}

/// The text of axe-core, if it is there.
pub fn axe() -> Option<String> {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(AXE)
        .join("axe.min.js");
    let text = std::fs::read_to_string(file).ok();
    if text.is_none() {
        skipped("axe-core", "FUNDWATCH_REQUIRE_AXE");
    }
    text
}

impl Browser {
    /// A browser at a house, with a window of this width and height; none where there is no browser.
    pub async fn open(address: &str, width: u32, height: u32) -> Option<Self> {
        Self::open_with(address, width, height, &[]).await
    }

    /// The same with further flags.
    pub async fn open_with(address: &str, width: u32, height: u32, flags: &[&str]) -> Option<Self> {
        Self::start(address, (width, height), flags, json!({})).await
    }

    /// One that runs no script of any page, as an administrator of browsers sets it.
    pub async fn open_without_script(address: &str, width: u32, height: u32) -> Option<Self> {
        let none = json!({"profile.managed_default_content_settings.javascript": 2});
        Self::start(address, (width, height), &[], none).await
    }

    async fn start(
        address: &str,
        (width, height): (u32, u32),
        flags: &[&str],
        preferences: Value,
    ) -> Option<Self> {
        let binary = found(&["chromium", "chromium-browser", "google-chrome"]);
        let driver = found(&["chromedriver"]);
        let (Some(binary), Some(driver)) = (binary, driver) else {
            skipped("chromium or its driver", "FUNDWATCH_REQUIRE_BROWSER");
            return None;
        };
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.unwrap();
        let mut options = json!({
            "binary": binary,
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                     "--hide-scrollbars", "--lang=vi", "--force-prefers-reduced-motion", format!("--window-size={width},{height}")],
            "prefs": preferences,
        });
        let args = options["args"].as_array_mut().unwrap();
        args.extend(flags.iter().map(|flag| json!(flag)));
        // A window cannot be as narrow as a telephone.
        if width < 600 {
            let metrics =
                json!({"width": width, "height": height, "pixelRatio": 1, "touch": false});
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let driver = WebDriver::start(port, options).await.unwrap();
        Some(Self {
            process,
            driver,
            address: address.to_owned(),
            width,
            height,
        })
    }

    pub async fn go(&self, path: &str) {
        let address = format!("{}{path}", self.address);
        self.driver.go(&address).await.unwrap();
    }

    pub async fn sign_in(&self, name: &str) {
        self.go("/sign-in").await;
        self.fill("[name=name]", name).await;
        self.fill("[name=password]", PASSWORD).await;
        self.fill("[name=code]", CODE).await;
        self.click("main button.primary").await;
        self.wait("[data-signed-in]").await;
    }

    pub async fn fill(&self, selector: &str, text: &str) {
        let element = self.driver.find(selector).await;
        element.unwrap().send_keys(text).await.unwrap();
    }

    pub async fn click(&self, selector: &str) {
        let element = self.driver.find(selector).await;
        element
            .unwrap_or_else(|_| panic!("no {selector}"))
            .click()
            .await
            .unwrap();
    }

    pub async fn wait(&self, selector: &str) {
        let wait = self.driver.wait_for(selector).await;
        wait.unwrap_or_else(|_| panic!("no {selector}"));
    }

    /// Whether the browser runs the scripts of pages: what a page makes of its own title.
    pub async fn runs_scripts(&self) -> bool {
        let page = "data:text/html,<title>off</title><script>document.title='on'</script>";
        self.driver.go(page).await.unwrap();
        let title = self.driver.title().await.unwrap();
        assert!(["on", "off"].contains(&&*title), "{title}");
        title == "on"
    }

    /// What people read of the first that is found.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.text_if_there(selector).await;
        text.unwrap_or_else(|| panic!("no {selector}"))
    }

    /// Nothing where there is no such thing, or where it went while it was read: a page may make room for the next
    /// between the two.
    async fn text_if_there(&self, selector: &str) -> Option<String> {
        let element = self.driver.find(selector).await;
        match element.ok()?.text().await {
            Ok(text) => Some(text),
            Err(error) if error.is_stale_element_reference() => None,
            Err(error) => panic!("{selector}: {error}"),
        }
    }

    /// Waits until the first that is found says this. What was sent is answered by another page: until it is there,
    /// the page before it is, which may say what was done before.
    pub async fn wait_for_text(&self, selector: &str, expected: &str) {
        let mut last = None;
        for _ in 0..150 {
            last = self.text_if_there(selector).await;
            if last.as_ref().is_some_and(|text| text.contains(expected)) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        panic!("{selector} does not say {expected:?}: {last:?}");
    }

    /// Chooses of a list what has this value.
    pub async fn choose(&self, selector: &str, value: &str) {
        let element = self.driver.find(selector).await;
        let element = element.unwrap_or_else(|_| panic!("no {selector}"));
        element.select_by_value(value).await.unwrap();
    }

    /// Waits until a script says that something is so.
    pub async fn until(&self, what: &str, script: &str) {
        for _ in 0..150 {
            if self.run(script).await == true {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        panic!("not so: {what}");
    }

    /// Goes on from one thing to the next by the key for it, until the focus is at this one.
    pub async fn tab_to(&self, selector: &str) {
        let is_there = format!("return document.activeElement.matches({selector:?})");
        for _ in 0..250 {
            if self.run(&is_there).await == true {
                return;
            }
            self.press(TAB).await;
        }
        panic!("no key leads to {selector}");
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let element = self.driver.active_element().await.unwrap();
        element.send_keys(keys).await.unwrap();
    }

    pub async fn has(&self, selector: &str) -> bool {
        self.driver.has(selector).await.unwrap()
    }

    pub async fn run(&self, script: &str) -> Value {
        self.driver.execute(script).await.unwrap()
    }

    pub async fn path(&self) -> String {
        let address = self.driver.address().await.unwrap();
        let path = address.strip_prefix(&self.address).unwrap_or(&address);
        path.split(['?', '#']).next().unwrap().to_owned()
    }

    /// What axe-core finds wrong with the page, each as one line.
    pub async fn faults(&self, axe: &str) -> Vec<String> {
        self.driver.execute(axe).await.unwrap();
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
               .then(found => done(found.violations.flatMap(one => one.nodes.map(
                   node => one.id + ': ' + node.target.join(' ') + ' ' + (node.failureSummary || '')))))
               .catch(error => done(['axe: ' + error]));";
        let found = self.driver.execute_async(script).await.unwrap();
        serde_json::from_value(found).unwrap()
    }

    /// Keeps a picture of the page, as long as it is, where one is asked for.
    pub async fn picture(&self, name: &str) {
        let Some(directory) = std::env::var_os("FUNDWATCH_SCREENSHOTS") else {
            return;
        };
        if self.width >= 600 {
            let height = self
                .run("return document.documentElement.scrollHeight")
                .await;
            let height = u32::try_from(height.as_u64().unwrap().clamp(700, 4_000)).unwrap();
            self.driver
                .set_window_size(self.width, height + 90)
                .await
                .unwrap();
        }
        let picture = self.driver.screenshot().await.unwrap();
        // As it was: the next page may be shorter.
        if self.width >= 600 {
            let size = (self.width, self.height);
            self.driver.set_window_size(size.0, size.1).await.unwrap();
        }
        std::fs::create_dir_all(&directory).unwrap();
        let file = PathBuf::from(directory).join(format!("{name}-{}.png", self.width));
        std::fs::write(file, picture).unwrap();
    }

    pub async fn close(mut self) {
        let _ = self.driver.end().await;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs what waits for a browser.
pub fn in_time(what: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.enable_all().worker_threads(1).build().unwrap();
    runtime.block_on(what);
}

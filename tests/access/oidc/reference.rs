//! The same against a provider that others made and that is certified: `oidc-provider` of npm, which asks for PKCE, keeps
//! sessions and sends logout tokens by itself.
//!
//! It takes Node.js and the packages of `reference/package-lock.json`, which `tests/run` installs; where they are absent, the
//! test says so loudly and passes, unless `FUNDWATCH_REQUIRE_OIDC_PROVIDER` is set.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::browser::{Answer, Browser};
use super::provider::SECRET;
use super::service::Service;

/// Where `tests/run` puts the packages.
const PLACE: &str = "oidc-provider-8.8.1";

/// The provider, in a process of its own that ends with its standard input.
struct Reference {
    process: Child,
    issuer: String,
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Reference {
    /// None where it is not installed.
    fn start(origin: &str) -> Option<Self> {
        let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(PLACE);
        if !place.join("installed").is_file() {
            assert!(
                std::env::var_os("FUNDWATCH_REQUIRE_OIDC_PROVIDER").is_none(),
                "{} is absent; run tests/run",
                place.display()
            );
            eprintln!("SKIPPED: oidc-provider is not installed; run tests/run");
            return None;
        }
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/access/oidc/reference/server.mjs"
        );
        // Packages are looked for beside the script.
        std::fs::copy(script, place.join("server.mjs")).expect("copied");
        let mut process = Command::new("node")
            .args([
                place.join("server.mjs").as_os_str(),
                origin.as_ref(),
                SECRET.as_ref(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs");
        let lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let mut lines = lines.map_while(Result::ok);
        let issuer = lines.find(|line| line.starts_with("http://"));
        let issuer = issuer.expect("it listens");
        // What it says later is read, so that it can say it.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { process, issuer })
    }
}

/// Somebody at the provider: their cookies there.
#[derive(Clone)]
struct Person {
    agent: ureq::Agent,
    name: &'static str,
    cookies: BTreeMap<String, String>,
}

impl Person {
    fn new(name: &'static str) -> Self {
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.into(),
            name,
            cookies: BTreeMap::new(),
        }
    }

    fn ask(&mut self, address: &str, form: Option<&[(String, String)]>) -> Answer {
        let cookies: Vec<_> = (self.cookies.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let answer = match form {
            None => self.agent.get(address).header("cookie", cookies).call(),
            Some(form) => {
                let form = form.iter().map(|(name, value)| (&**name, &**value));
                let request = self.agent.post(address).header("cookie", cookies);
                request.send_form(form)
            }
        };
        let (head, mut body) = answer.expect("an answer").into_parts();
        for line in head.headers.get_all("set-cookie") {
            let line = line.to_str().expect("ASCII");
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().expect("a value");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.read_to_string().expect("UTF-8"),
        }
    }

    /// Goes through the pages of the provider, from an address on, until it leads elsewhere. Tells where, and how often
    /// it asked who this is.
    fn go(&mut self, issuer: &str, from: &str) -> (String, u32) {
        let (mut address, mut asked) = (from.to_owned(), 0);
        for _ in 0..20 {
            if !address.starts_with(issuer) {
                return (address, asked);
            }
            let page = self.ask(&address, None);
            if page.header("location").is_some() {
                address = absolute(issuer, &page.location());
                continue;
            }
            assert_eq!(page.status, 200, "{}", page.body);
            let mut form = hidden(&page.body);
            if page.body.contains("name=\"password\"") {
                asked += 1;
                form.push(("login".to_owned(), self.name.to_owned()));
                form.push(("password".to_owned(), "any".to_owned()));
            }
            let (_, action) = page.body.split_once("action=\"").expect("a form");
            let action = action.split('"').next().expect("its address");
            let sent = self.ask(&absolute(issuer, action), Some(&form));
            address = absolute(issuer, &sent.location());
        }
        panic!("the provider leads nowhere");
    }
}

fn absolute(issuer: &str, address: &str) -> String {
    match address.starts_with('/') {
        true => format!("{issuer}{address}"),
        false => address.to_owned(),
    }
}

/// The hidden fields of the first form of a page.
fn hidden(page: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\"")).expect("an attribute");
        rest.split('"').next().expect("a value").to_owned()
    };
    page.split("<input type=\"hidden\"")
        .skip(1)
        .map(|tag| (value(tag, "name"), value(tag, "value")))
        .collect()
}

/// From the service to the provider, and back.
fn through(browser: &mut Browser, person: &mut Person, issuer: &str, path: &str) -> (Answer, u32) {
    let departure = browser.get(path);
    assert_eq!(departure.status, 303, "{}", departure.body);
    let (callback, asked) = person.go(issuer, &departure.location());
    (browser.get(&callback), asked)
}

#[test]
fn people_of_a_certified_provider_sign_in_prove_again_and_are_signed_out() {
    let origin = Service::free_origin();
    let Some(reference) = Reference::start(&origin) else {
        return;
    };
    let issuer = &*reference.issuer;
    let service = Service::start_at(origin, issuer, "");
    let (mut lan, mut lan_there) = (Browser::new(&service), Person::new("lan"));
    let (back, asked) = through(&mut lan, &mut lan_there, issuer, "/sign-in/oidc?to=%2Fmine");
    assert_eq!((back.status, asked), (200, 1), "{}", back.body);
    assert_eq!(back.header("refresh").as_deref(), Some("0;url=/mine"));
    let account = lan.get("/account");
    for shown in ["lan.tran", "Trần Giám Lan", "01, 79"] {
        assert!(account.body.contains(shown), "{shown}: {}", account.body);
    }
    // In another browser of hers, where the provider knows her already.
    let mut elsewhere = Browser::new(&service);
    let (back, asked) = through(&mut elsewhere, &mut lan_there, issuer, "/sign-in/oidc");
    assert_eq!((back.status, asked), (200, 0), "{}", back.body);
    // Somebody whose groups have no role here.
    let (mut binh, mut binh_there) = (Browser::new(&service), Person::new("binh"));
    let (back, _) = through(&mut binh, &mut binh_there, issuer, "/sign-in/oidc");
    assert_eq!(back.status, 403, "{}", back.body);
    assert!(binh.session().is_none() && service.user("binh.le").is_none());

    // Something grave: the provider asks anew, and says when it did.
    let (mut khanh, mut khanh_there) = (Browser::new(&service), Person::new("khanh"));
    let (back, _) = through(&mut khanh, &mut khanh_there, issuer, "/sign-in/oidc");
    assert_eq!(back.status, 200, "{}", back.body);
    let (proved, asked) = through(
        &mut khanh,
        &mut khanh_there,
        issuer,
        "/sign-in/oidc?again=1",
    );
    assert_eq!((proved.status, asked), (200, 1), "{}", proved.body);
    assert_eq!(khanh.get("/admin").status, 200);

    // She signs out here, and on the way there: the provider tells the service itself to end her other session.
    let csrf = account.field("csrf");
    let out = lan.post("/sign-out", &[("csrf", &csrf)]);
    let there = out.header("refresh").expect("on to the provider");
    let there = there.trim_start_matches("0;url=").replace("&amp;", "&");
    assert!(lan.session().is_none());
    assert_eq!(elsewhere.get("/queue").status, 200);
    let page = lan_there.ask(&there, None);
    let mut form = hidden(&page.body);
    form.push(("logout".to_owned(), "yes".to_owned()));
    let (_, action) = page.body.split_once("action=\"").expect("a form");
    let action = action.split('"').next().expect("its address");
    let left = lan_there.ask(&absolute(issuer, action), Some(&form));
    assert_eq!(left.location(), format!("{}/sign-in", service.origin));
    assert_eq!(elsewhere.get("/queue").status, 303, "it is over there too");
    assert_eq!(khanh.get("/admin").status, 200, "and nobody else's");
    let ended = service.entries();
    let ended = ended
        .iter()
        .filter(|entry| *entry == "lan.tran reviewer sign_out");
    assert_eq!(ended.count(), 2);
}

//! An identity provider that is made up, at another site; and what a real browser makes of the way there and back.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use fundwatch::language::Language;
use fundwatch::web::pages::{Arrival, Departure, VouchError, Vouched, Voucher};

use super::browser::{Browser, axe, in_time};
use super::house::House;
use super::people::People;
use super::visitor::Visitor;

/// A provider that signs everybody in as this person.
pub struct MadeProvider {
    people: Arc<People>,
    name: &'static str,
    /// Where it is, at another site than the pages.
    site: Mutex<String>,
}

impl MadeProvider {
    /// A house with such a provider.
    pub fn house(name: &'static str) -> House {
        let mut made = None;
        let house = House::with_provider(|people| {
            let provider = Arc::new(Self {
                people,
                name,
                site: Mutex::default(),
            });
            made = Some(provider.clone());
            provider
        });
        *made.unwrap().site.lock().unwrap() = redirecting(&house.address);
        house
    }
}

/// A site whose only page leads back to the callback of another.
fn redirecting(back: &str) -> String {
    // An address, where the pages have a name: browsers take them for two sites.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let back = format!("{back}/sign-in/oidc/callback?code=made&state=made");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            for line in lines.map_while(Result::ok) {
                if line.is_empty() {
                    break;
                }
            }
            let answer = format!(
                "HTTP/1.1 302 Found\r\nlocation: {back}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

impl Voucher for MadeProvider {
    fn name(&self) -> &str {
        "VSS ID"
    }

    fn depart(&self, _: &str, again: Option<&str>) -> Result<Departure, VouchError> {
        let kept = again.map_or("kept".to_owned(), |_| "kept-again".to_owned());
        let address = format!("{}/authorize", self.site.lock().unwrap());
        Ok(Departure { address, kept })
    }

    fn arrive(&self, arrival: &Arrival) -> Result<Vouched, VouchError> {
        if arrival.state.as_deref() != Some("made") {
            return Err(VouchError::NotBegun);
        }
        Ok(Vouched {
            cookie: self.people.bring(self.name).into(),
            language: Language::Vietnamese,
            to: "/account".to_owned(),
            is_again: arrival.kept == "kept-again",
        })
    }

    fn sign_out_address(&self) -> Option<String> {
        Some(format!("{}/end", self.site.lock().unwrap()))
    }

    fn end_sessions(&self, token: &str) -> Result<(), VouchError> {
        match token {
            "signed" => Ok(()),
            "later" => Err(VouchError::Unavailable),
            _ => Err(VouchError::Unsound),
        }
    }
}

#[test]
fn cookies_of_the_way_there_come_back_from_another_site_and_those_of_a_session_do_not() {
    let house = MadeProvider::house("an");
    let mut visitor = Visitor::new(&house.address);
    let line = |answer: &super::visitor::Answer, name: &str| {
        let lines = answer.headers.get_all("set-cookie").iter();
        let lines = lines.map(|line| line.to_str().unwrap().to_owned());
        let mut lines = lines.filter(|line| line.starts_with(&format!("{name}=")));
        lines.next_back().unwrap()
    };
    let there = visitor.get("/sign-in/oidc");
    assert_eq!(there.status, 303);
    let kept = line(&there, "fundwatch-departure");
    assert!(
        kept.contains("HttpOnly; SameSite=Lax; Max-Age=600"),
        "{kept}"
    );
    let back = visitor.get("/sign-in/oidc/callback?code=made&state=made");
    assert_eq!(back.status, 200, "{}", back.body);
    let session = line(&back, "fundwatch");
    assert!(session.contains("HttpOnly; SameSite=Strict"), "{session}");
    // No script and no form: a page of this site that goes on.
    assert_eq!(back.headers["refresh"], "0;url=/account");
    assert!(back.body.contains("href=\"/account\""));
    let csrf = visitor.get("/account").field("csrf");
    let out = visitor.post("/sign-out", &[("csrf", &csrf)]);
    assert_eq!(out.status, 200);
    assert!(out.headers["refresh"].to_str().unwrap().ends_with("/end"));
    assert!(!visitor.cookies.contains_key("fundwatch"));
}

#[test]
fn the_providers_own_word_takes_no_form_of_this_service() {
    let house = MadeProvider::house("an");
    let tell = |token: &str| {
        let mut provider = Visitor::new(&house.address);
        let fields = [("logout_token", token)];
        provider
            .post_from("/sign-in/oidc/logout", &fields, None)
            .status
    };
    assert_eq!(
        (tell("signed"), tell("x"), tell(""), tell("later")),
        (200, 400, 400, 503)
    );
    // Without a provider there is nothing of it.
    let house = House::empty();
    let mut visitor = Visitor::new(&house.address);
    assert_eq!(visitor.get("/sign-in/oidc").status, 404);
    assert_eq!(visitor.get("/sign-in/oidc/callback").status, 404);
    assert_eq!(
        visitor.post_from("/sign-in/oidc/logout", &[], None).status,
        404
    );
    assert!(!visitor.get("/sign-in").body.contains("/sign-in/oidc"));
}

/// There and back in a real browser, with every page of it looked at.
#[test]
fn a_browser_comes_back_from_another_site_signed_in() {
    in_time(async {
        let axe = axe();
        let mut wrong = Vec::new();
        for (width, height) in [(1440, 900), (390, 1400)] {
            let house = MadeProvider::house("khanh");
            let Some(browser) = Browser::open(&house.address, width, height).await else {
                return;
            };
            for language in ["vi", "en"] {
                let look = async |name: &str, wrong: &mut Vec<String>| {
                    let name = format!("{name}-{language}");
                    super::screens::look(&browser, axe.as_deref(), &name, wrong).await;
                };
                browser.go("/sign-in").await;
                if browser.run("return document.documentElement.lang").await != language {
                    browser.click("form[action='/language'] button").await;
                    browser.wait(&format!("html[lang={language}]")).await;
                }
                look("sign-in-provider", &mut wrong).await;
                browser.click("main a.primary").await;
                browser.wait("main .figures").await;
                assert_eq!(browser.path().await, "/account");
                if browser.run("return document.documentElement.lang").await != language {
                    browser.click("form[action='/language'] button").await;
                    browser.wait(&format!("html[lang={language}]")).await;
                }
                look("account-provider", &mut wrong).await;
                browser.go("/admin/users/2").await;
                look("admin-user-provider", &mut wrong).await;
                browser.go("/admin/users/1").await;
                browser.click("button[value=sessions]").await;
                browser.wait("[name=own_proof]").await;
                look("prove-provider", &mut wrong).await;
                browser.click("main form button").await;
                browser.wait(".notice.bad").await;
                look("prove-provider-not-yet", &mut wrong).await;
                browser.go("/sign-in/oidc?again=1").await;
                look("proved-provider", &mut wrong).await;
                browser.go("/account").await;
                browser.click("form[action='/sign-out'] button").await;
            }
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

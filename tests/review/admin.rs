//! Users changed by forms alone: nobody changes themselves, a setup code is shown once, and whoever changes somebody has
//! just proved who they are.

use fundwatch::access::Role;

use super::house::House;
use super::people::{CODE, GIVEN, PASSWORD};
use super::visitor::{Answer, Visitor};

fn post(visitor: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = visitor.get("/admin").field("csrf");
    let mut form = vec![("csrf", csrf.as_str())];
    form.extend_from_slice(fields);
    visitor.post(path, &form)
}

const NEW: [(&str, &str); 5] = [
    ("name", "minh.le"),
    ("display_name", "Lê Giám Minh"),
    ("role", "reviewer"),
    ("provinces", "79, 01"),
    ("language", "vi"),
];

#[test]
fn a_new_user_gets_a_code_that_is_shown_once() {
    let house = House::full();
    let mut admin = Visitor::signed_in(&house.address, "khanh");
    let given = post(&mut admin, "/admin/users", &NEW);
    assert_eq!(given.status, 200, "{}", given.body);
    assert_eq!(given.headers["cache-control"], "no-store");
    assert_eq!(given.body.matches(GIVEN).count(), 1);
    assert!(
        given
            .headers
            .values()
            .all(|own| !own.to_str().unwrap().contains(GIVEN))
    );
    assert!(given.body.contains("24 giờ"));
    let member = house.people.member("minh.le");
    assert_eq!(
        (member.role, member.provinces),
        (Role::Reviewer, vec!["01".to_owned(), "79".to_owned()])
    );
    for path in ["/admin".to_owned(), format!("/admin/users/{}", member.id)] {
        let page = admin.get(&path);
        assert!(
            page.body.contains("minh.le") && !page.body.contains(GIVEN),
            "{path}"
        );
    }
    // The same form again gives no code.
    let again = post(&mut admin, "/admin/users", &NEW);
    assert_eq!(again.status, 422);
    assert!(again.body.contains("đã có người dùng") && !again.body.contains(GIVEN));
    assert_eq!(house.people.changes.lock().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_a_user_is_said_and_what_was_typed_stays() {
    let house = House::full();
    let mut admin = Visitor::signed_in(&house.address, "khanh");
    for (field, text, says) in [
        ("name", "Minh Lê", "Tên đăng nhập gồm"),
        ("display_name", " ", "Tên hiển thị có"),
        ("role", "feed", "Hãy chọn vai trò"),
        ("provinces", "79, 00", "không phải là mã tỉnh"),
    ] {
        let form = NEW.map(|(name, own)| (name, if name == field { text } else { own }));
        let page = post(&mut admin, "/admin/users", &form);
        assert_eq!(page.status, 422, "{field}");
        assert!(page.body.contains(says), "{field}: {}", page.body);
        let kept = if field == "display_name" {
            "minh.le"
        } else {
            "Lê Giám Minh"
        };
        assert!(page.body.contains(kept), "{field}");
    }
    assert!(house.people.changes.lock().unwrap().is_empty());
}

#[test]
fn each_change_goes_through_forms_and_is_said() {
    let house = House::full();
    let mut admin = Visitor::signed_in(&house.address, "khanh");
    let path = format!("/admin/users/{}", house.people.id("binh"));
    for (fields, says) in [
        (
            vec![("change", "role"), ("role", "supervisor")],
            "Đã đổi vai trò",
        ),
        (
            vec![("change", "provinces"), ("provinces", "79")],
            "Đã đổi tỉnh",
        ),
        (vec![("change", "sessions")], "ở mọi nơi"),
        (vec![("change", "disable")], "khóa đăng nhập"),
        (vec![("change", "enable")], "lại được đăng nhập"),
    ] {
        let done = post(&mut admin, &path, &fields);
        assert_eq!(done.status, 303, "{fields:?}: {}", done.body);
        assert!(!done.location().contains("binh"), "no name in an address");
        let page = admin.get(done.location());
        assert!(page.body.contains(says), "{fields:?}: {}", page.body);
    }
    let reset = post(&mut admin, &path, &[("change", "reset")]);
    assert_eq!((reset.status, reset.body.matches(GIVEN).count()), (200, 1));
    let changes = house.people.changes.lock().unwrap();
    let changes: Vec<&str> = changes.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(
        changes,
        [
            "Role(Supervisor)",
            "Provinces([\"79\"])",
            "EndSessions",
            "Disable",
            "Enable",
            "Reset"
        ]
    );
    assert_eq!(
        post(&mut admin, &path, &[("change", "role"), ("role", "feed")]).status,
        422
    );
    assert_eq!(post(&mut admin, &path, &[("change", "dance")]).status, 400);
    assert_eq!(
        post(&mut admin, "/admin/users/99", &[("change", "reset")]).status,
        404
    );
}

#[test]
fn nobody_changes_themselves() {
    let house = House::full();
    let mut admin = Visitor::signed_in(&house.address, "khanh");
    let path = format!("/admin/users/{}", house.people.id("khanh"));
    let page = admin.get(&path);
    assert!(page.body.contains("Đây là tài khoản của bạn"));
    assert!(!page.body.contains("name=\"change\""));
    for change in [
        "role",
        "provinces",
        "disable",
        "enable",
        "reset",
        "sessions",
    ] {
        let fields = [
            ("change", change),
            ("role", "supervisor"),
            ("provinces", "79"),
        ];
        let answer = post(&mut admin, &path, &fields);
        assert_eq!(answer.status, 422, "{change}");
        assert!(answer.body.contains("Đây là tài khoản của bạn"), "{change}");
    }
    assert_eq!(house.people.member("khanh").role, Role::Admin);
    assert!(house.people.changes.lock().unwrap().is_empty());
}

#[test]
fn whoever_has_not_just_signed_in_proves_again_who_they_are() {
    let house = House::full();
    let mut admin = Visitor::signed_in(&house.address, "khanh");
    let path = format!("/admin/users/{}", house.people.id("binh"));
    let fields = [("change", "role"), ("role", "supervisor")];
    house.people.age_all(4 * 60_000);
    assert_eq!(post(&mut admin, &path, &fields).status, 303);
    house.people.age_all(60_001);
    let before = admin.cookies["fundwatch"].clone();
    let fields = [("change", "role"), ("role", "auditor")];
    let asks = post(&mut admin, &path, &fields);
    assert_eq!(asks.status, 200);
    assert!(asks.body.contains("name=\"own_password\""), "{}", asks.body);
    assert_eq!(
        (asks.field("change"), asks.field("role")),
        ("role".to_owned(), "auditor".to_owned())
    );
    assert_eq!(house.people.member("binh").role, Role::Supervisor);
    let prove = |admin: &mut Visitor, password: &str, code: &str| {
        let mut form = fields.to_vec();
        form.extend([("own_password", password), ("own_code", code)]);
        post(admin, &path, &form)
    };
    for (password, code) in [("wrong", CODE), (PASSWORD, "000000"), (PASSWORD, "")] {
        let answer = prove(&mut admin, password, code);
        assert_eq!(answer.status, 422);
        assert!(!answer.body.contains("value=\"wrong\"") && !answer.body.contains(PASSWORD));
    }
    assert_eq!(house.people.member("binh").role, Role::Supervisor);
    assert_eq!(prove(&mut admin, PASSWORD, CODE).status, 303);
    assert_eq!(house.people.member("binh").role, Role::Auditor);
    // The session has a new cookie, and the one before is nobody's.
    assert_ne!(admin.cookies["fundwatch"], before);
    assert_eq!(admin.get("/admin").status, 200);
    let mut old = Visitor::new(&house.address);
    old.cookies.insert("fundwatch".to_owned(), before);
    assert_eq!(old.get("/admin").status, 303);
    // A new user likewise, and a proof that is followed by a refusal still gives its cookie.
    house.people.age_all(400_000);
    let asks = post(&mut admin, "/admin/users", &NEW);
    assert_eq!(asks.field("display_name"), "Lê Giám Minh");
    let mut form = NEW.to_vec();
    form[0].1 = "binh";
    form.extend([("own_password", PASSWORD), ("own_code", CODE)]);
    assert_eq!(post(&mut admin, "/admin/users", &form).status, 422);
    assert_eq!(admin.get("/admin").status, 200);
}

#[test]
fn a_form_from_elsewhere_changes_nobody() {
    let house = House::full();
    let mut admin = Visitor::signed_in(&house.address, "khanh");
    let mut other = Visitor::signed_in(&house.address, "chi");
    let (own, others) = (
        admin.get("/admin").field("csrf"),
        other.get("/account").field("csrf"),
    );
    let path = format!("/admin/users/{}", house.people.id("binh"));
    for (csrf, site) in [
        (&own, Some("cross-site")),
        (&own, None),
        (&others, Some("same-origin")),
    ] {
        let form = [("csrf", csrf.as_str()), ("change", "reset")];
        let answer = admin.post_from(&path, &form, site);
        assert_eq!(answer.status, 403);
        assert!(!answer.body.contains(GIVEN));
    }
    assert!(house.people.changes.lock().unwrap().is_empty());
}

#[test]
fn the_matrix_and_the_settings_are_shown() {
    let house = House::full();
    let mut admin = Visitor::signed_in(&house.address, "khanh");
    let page = admin.get("/admin");
    for text in [
        "phê duyệt kết luận",
        "30 phút",
        "12 giờ",
        "400 ngày",
        "hủy khóa của tháng",
        "Ngày nghỉ lễ năm",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    let (_, matrix) = page.body.split_once("class=\"plain matrix\"").unwrap();
    let matrix = matrix.split_once("</table>").unwrap().0;
    let is_allowed = fundwatch::access::Action::ALL.iter().map(|action| {
        let may = |role: &&Role| fundwatch::access::is_allowed(**role, *action);
        Role::ALL.iter().filter(may).count()
    });
    assert_eq!(matrix.matches('✓').count(), is_allowed.sum::<usize>());
}

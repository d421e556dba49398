//! Configurations that are refused: each is told with its line, its key, what is wrong and what to do.

use std::fmt::Write as _;

use fundwatch::config::Call;

use crate::support::Place;

/// Wrong configurations and what is said of each, as they are read one after the other.
fn told(texts: &[&str]) -> String {
    let place = Place::new();
    let mut told = String::new();
    for text in texts {
        let refused = place.refused(text);
        let _ = writeln!(told, "{text}\n--> {}\n", refused.replace('\n', "\n    "));
    }
    told
}

#[test]
fn values_of_another_kind() {
    insta::assert_snapshot!(told(&[
        "[http]\nlisten = 8080",
        "[http]\nlisten = \"localhost\"",
        "[http]\nallow_http = \"yes\"",
        "[http]\nmax_body = \"16MB\"",
        "[http]\nmax_body = 16",
        "[http]\nmax_body = \"2GiB\"",
        "[epoch]\nmax_wait = \"100\"",
        "[epoch]\nmax_wait = \"0ms\"",
        "[epoch]\nmax_wait = \"2m\"",
        "[epoch]\nmax_rows = -1",
        "[epoch]\nmax_rows = 1.5",
        "[epoch]\nmax_rows = 99_999_999_999_999_999_999",
        "[epoch]\nmax_ahead = 0",
        "[accounts]\ntotp = \"sometimes\"",
        "[accounts]\nidle_timeout = \"10s\"",
        "[breaker]\nmax_rejected_share = 20",
        "[breaker]\nresume = \"later\"",
        "[log]\nlevel = \"verbose\"",
        "[retention]\nclaims = \"400\"",
        "[retention]\nclaims = \"48h\"",
        "[retention]\nclaims = \"30d\"",
        "[expected_interval]\nclaims = \"never\"",
        "[detector]\nreasons = []",
        "[detector]\nreasons = [\"stale_card\", \"stale_crad\"]",
    ]));
}

#[test]
fn unknown_keys_and_tables() {
    insta::assert_snapshot!(told(&[
        "[epoch]\n  max_wiat = \"1s\"",
        "[epoch]\nmax_body = \"1MiB\"",
        "[epoch]\nfrequency = 3",
        "[epochs]\nmax_rows = 3",
        "max_rows = 3",
        "completely = \"other\"",
        "epoch = 3",
        "[[epoch]]\nmax_rows = 3",
        "[source]\nname = \"x\"",
        "[expected_interval]\nclaim = \"1h\"",
        "[breaker]\nresume.after = \"1h\"",
        "[log]\n\"hunter2-correct-horse\" = 1",
    ]));
}

#[test]
fn what_is_no_toml() {
    insta::assert_snapshot!(told(&[
        "[store]\nurl_file = hunter2-correct-horse",
        "[http\nlisten = 1",
        "[log]\nlevel = \"info\"\nlevel = \"warn\"",
        "[log]\n\n[log]",
    ]));
}

#[test]
fn listeners_that_are_not_safe() {
    insta::assert_snapshot!(told(&[
        "[http]\nlisten = \"0.0.0.0:8080\"",
        "[http]\nlisten = \"[::]:8080\"",
        "[http]\ncertificate_file = \"tls/server.pem\"",
        "[http]\nkey_file = \"tls/server.key\"",
        "[http]\nclient_ca_file = \"tls/clients.pem\"",
        "[http]\ncertificate_file = \"tls/server.key\"\nkey_file = \"tls/server.pem\"",
        "[http]\ncertificate_file = \"tls/absent.pem\"\nkey_file = \"tls\"",
        "[http]\nlisten = \"127.0.0.1:9464\"",
        "[ops]\nlisten = \"0.0.0.0:8080\"",
    ]));
    let place = Place::new();
    for safe in [
        "[http]\nlisten = \"0.0.0.0:8080\"\nallow_http = true",
        "[http]\nlisten = \"0.0.0.0:8443\"\ncertificate_file = \"tls/server.pem\"\nkey_file = \"tls/server.key\"",
        "[http]\nlisten = \"[::1]:8080\"",
        "[http]\nlisten = \"127.0.0.1:0\"\n[ops]\nlisten = \"127.0.0.1:0\"",
    ] {
        place
            .load(safe)
            .unwrap_or_else(|error| panic!("{safe}: {error}"));
    }
}

#[test]
fn keys_that_do_not_fit_together() {
    insta::assert_snapshot!(told(&[
        "[http]\nmax_body = \"256MiB\"",
        "[queue]\nsource_max_bytes = \"1MiB\"",
        "[queue]\nmax_rows = 1_000",
        "[http]\nrequest_timeout = \"5s\"",
        "[queue]\nmax_bytes = \"64MiB\"",
        "[accounts]\nabsolute_timeout = \"10m\"",
    ]));
}

#[test]
fn identity_providers_that_cannot_be_used() {
    let group = "[[oidc_group]]\nname = \"a\"\nrole = \"reviewer\"";
    let http = "[http]\npublic_origin = \"https://fundwatch.example\"";
    let oidc = "[oidc]\nissuer = \"https://id.example\"\nclient_id = \"fundwatch\"";
    insta::assert_snapshot!(told(&[
        "[http]\npublic_origin = \"http://fundwatch.example\"",
        "[http]\npublic_origin = \"https://fundwatch.example/\"",
        "[oidc]\nissuer = \"http://id.example\"",
        "[oidc]\nissuer = \"https://id.example/?realm=fund\"",
        "[oidc]\nissuer = \"https://id.example\"",
        &format!("{oidc}\n{group}"),
        &format!("{http}\n{oidc}"),
        &format!("{http}\n{oidc}\nclient_secret_env = \"ABSENT\"\n{group}"),
        &format!("{http}\n{oidc}\nclient_secret_file = \"secrets/empty\"\n{group}"),
        &format!(
            "{http}\n{oidc}\nclient_secret_file = \"secrets/oidc.secret\"\n\
             client_secret_env = \"FUNDWATCH_OIDC_SECRET\"\n{group}"
        ),
        &format!("{http}\n{oidc}\nscopes = [\"a b\"]\n{group}"),
        group,
        "[oidc]\nlocal_accounts = false",
        &format!("{http}\n{oidc}\n{group}\n{group}"),
        &format!("{http}\n{oidc}\n{}", group.replace("reviewer", "feed")),
        &format!("{http}\n{oidc}\n{group}\nprovinces = [\"00\"]"),
        &format!("{http}\n{oidc}\n{group}\nprovinces = []"),
    ]));
    let place = Place::new();
    for right in [
        format!("{http}\n{oidc}\n{group}"),
        format!(
            "{http}\n{oidc}\nscopes = []\nlocal_accounts = false\n{group}\nprovinces = [\"79\"]"
        ),
        format!(
            "{http}\n{}\n{group}",
            oidc.replace("https://id.example", "http://127.0.0.1:9000")
        ),
    ] {
        place
            .load(&right)
            .unwrap_or_else(|error| panic!("{right}: {error}"));
    }
}

#[test]
fn secrets_that_cannot_be_used() {
    insta::assert_snapshot!(told(&[
        "[journal]\nmaster_key_file = \"secrets/absent\"",
        "[journal]\nmaster_key_file = \"secrets/empty\"",
        "[journal]\nmaster_key_file = \"secrets/kafka.password\"",
        "[journal]\nmaster_key_env = \"ABSENT\"",
        "[journal]\nmaster_key_env = \"EMPTY\"",
        "[journal]\nmaster_key_file = \"secrets/journal.key\"\nmaster_key_env = \"FUNDWATCH_JOURNAL_KEY\"",
        "[store]\nurl = \"postgres://u:hunter2@localhost/a\"",
        "[store]\nurl = \"postgres://localhost/a?password=hunter2\"",
        "[store]\nurl = \"postgres://db.example/a\"",
        "[store]\nurl = \"mysql://localhost/a\"",
        "[store]\nurl = \"alerts.db\"",
        "[store]\nurl = \"sqlite::memory:\"",
        "[store]\nurl = \"sqlite:a.db\"\nurl_file = \"secrets/store.url\"",
        "[store]\nurl_file = \"secrets/kafka.password\"",
    ]));
}

const DIRECTORY: &str =
    "[[source]]\nname = \"files\"\nkind = \"directory\"\npath = \"incoming\"\ndone = \"done\"\n";
const KAFKA: &str = "[[source]]\nname = \"registers\"\nkind = \"kafka\"\nbrokers = [\"localhost:9092\"]\n\
    group = \"g\"\ntopics = { \"vss.cards\" = \"cards\" }\n";

#[test]
fn sources_that_cannot_be_used() {
    let same_name = format!("{DIRECTORY}{}", DIRECTORY.replace("incoming", "other"));
    let same_directory = format!(
        "{DIRECTORY}{}",
        DIRECTORY
            .replace("files", "more")
            .replace("incoming", "./incoming")
    );
    let same_topic = format!("{KAFKA}{}", KAFKA.replace("registers", "more"));
    let kafka = |key: &str| format!("{KAFKA}{key}");
    let texts = [
        "[[source]]".to_owned(),
        "[[source]]\nkind = \"ftp\"\nhost = \"x\"".to_owned(),
        "[[source]]\nkind = \"directory\"".to_owned(),
        "[[source]]\nkind = \"kafka\"".to_owned(),
        format!("{DIRECTORY}group = \"x\""),
        format!("{DIRECTORY}streams = [\"claims\", \"claim\"]"),
        format!("{DIRECTORY}breaker = {{ max_rejected_share = 2.0, windows = \"1m\" }}"),
        DIRECTORY.replace("files", "http"),
        DIRECTORY.replace("files", "Files of Ms X"),
        DIRECTORY.replace("\"done\"", "\"incoming\""),
        DIRECTORY.replace("\"done\"", "\"/proc\""),
        DIRECTORY.replace("incoming", "absent"),
        DIRECTORY.replace("incoming", "rules.toml"),
        same_name,
        same_directory,
        same_topic,
        KAFKA.replace("localhost:9092", "kafka.example:9092"),
        KAFKA.replace("localhost:9092", "localhost"),
        KAFKA.replace("\"cards\"", "\"card\""),
        KAFKA.replace("vss.cards", "vss cards"),
        kafka("properties = { \"sasl.password\" = \"hunter2\" }"),
        kafka("properties = { \"ssl.key.password\" = { fiel = \"hunter2\" } }"),
        kafka("properties = { \"sasl.password\" = { file = \"secrets/absent\" } }"),
        kafka("properties = { \"sasl.password\" = { env = \"ABSENT\" } }"),
        kafka("properties = { \"group.id\" = \"x\" }"),
        kafka("properties = { \"x\" = [1] }"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    insta::assert_snapshot!(told(&texts));
}

#[test]
fn client_certificates_that_cannot_be_used() {
    let head = "[http]\ncertificate_file = \"tls/server.pem\"\nkey_file = \"tls/server.key\"\n\
        client_ca_file = \"tls/clients.pem\"\n";
    let client = "[[client_certificate]]\nname = \"a\"\nrole = \"feed\"\nsubject = \"CN=a\"\n";
    let texts = [
        client.to_owned(),
        format!(
            "{head}{client}{}",
            client.replace("name = \"a\"", "name = \"b\"")
        ),
        format!("{head}{}", client.replace("feed", "fed")),
        format!("{head}{}", client.replace("CN=a", "a")),
        format!("{head}{client}sha256 = \"00\""),
        format!("{head}{client}sha256 = \"{}\"", "0".repeat(64)),
        format!("{head}{}", client.replace("subject = \"CN=a\"\n", "")),
        format!(
            "{head}{}streams = [\"claims\"]",
            client.replace("feed", "auditor")
        ),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    insta::assert_snapshot!(told(&texts));
}

#[test]
fn portals_that_cannot_be_used() {
    let portal = "[[portals]]\nname = \"vssid\"\nissuer = \"https://vssid.example\"\naudience = \"us\"\n\
        key_file = \"secrets/vssid.pem\"\n";
    let texts = [
        format!("{portal}{portal}"),
        portal.replace("audience = \"us\"\n", ""),
        portal.replace("\"us\"", "\"\""),
        portal.replace("vssid.pem", "absent.pem"),
        portal.replace("secrets/vssid.pem", "tls/server.key"),
        portal.replace("vssid.pem", "empty"),
        format!("{portal}longest_life = \"1h\""),
        format!("{portal}requests_per_minute = 0"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    insta::assert_snapshot!(told(&texts));
}

#[test]
fn webhooks_that_cannot_be_used() {
    let webhook = "[[webhook]]\nname = \"case-system\"\nurl = \"https://cases.example/fundwatch\"\n\
        secret_file = \"secrets/case-system.secret\"\n";
    let url = "https://cases.example/fundwatch";
    let many: String = (0..9)
        .map(|number| webhook.replace("case-system\"\nurl", &format!("w{number}\"\nurl")))
        .collect();
    let texts = [
        format!("{webhook}{webhook}"),
        webhook.replace("\"case-system\"", "\"Case system\""),
        webhook.replace("\"case-system\"", "\"case-12345\""),
        webhook.replace(url, "cases"),
        webhook.replace(url, "http://cases.example/fundwatch"),
        webhook.replace(url, "https://me:hunter2@cases.example/"),
        webhook.replace(url, "https://cases.example/?token=hunter2"),
        webhook.replace(url, "ftp://cases.example/"),
        webhook.replace("secret_file = \"secrets/case-system.secret\"\n", ""),
        format!("{webhook}secret_env = \"HOOK\""),
        webhook.replace("secrets/case-system.secret", "secrets/absent"),
        webhook.replace("secrets/case-system.secret", "secrets/oidc.secret"),
        webhook.replace(
            "secret_file = \"secrets/case-system.secret\"",
            "secret_env = \"HOOK\"",
        ),
        format!("{webhook}reasons = [\"service_after_deth\"]"),
        format!("{webhook}reasons = []"),
        format!("{webhook}ca_file = \"tls/absent.pem\""),
        format!("{webhook}timeout = \"2m\""),
        format!("{webhook}retries = 3"),
        many,
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    insta::assert_snapshot!(told(&texts));
}

#[test]
fn all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
    insta::assert_snapshot!(told(&[
        "# Cấu hình\n[log]\nlevel = \"loud\"\n[epoch]\nmax_rows = 0\n  mx_wait = \"1s\"\n[[source]]\nkind = \"directory\"\n\
         name = \"x\"\n[http]\nlisten = \"0.0.0.0:80\"\n",
        "log = { format = \"text\", levle = \"đ\" }\r\n[http]\r\n# ệ\r\nkey = { a = \"ệ\", b = 1 }",
    ]));
}

#[test]
fn the_command_line_goes_before_the_file_and_is_held_to_the_same() {
    let place = Place::new();
    let call = |listen: &str, ops: &str| Call {
        listen: listen.parse().ok(),
        ops_listen: ops.parse().ok(),
    };
    let file = "[http]\nlisten = \"127.0.0.1:1\"\n[ops]\nlisten = \"127.0.0.1:2\"\n";
    let config = place.load_with(file, &call("127.0.0.1:3", "0.0.0.0:4"));
    let config = config.expect("right");
    assert_eq!(config.http().listen.port(), 3);
    assert_eq!(config.ops().listen.port(), 4);
    let open = call("0.0.0.0:80", "");
    let told = place.refused_with("", &open);
    assert!(
        told.starts_with("--listen: other machines would send rows and tokens without TLS"),
        "{told}"
    );
    place
        .load_with("[http]\nallow_http = true\n", &open)
        .expect("allowed");
    let told = place.refused_with(file, &call("", "127.0.0.1:1"));
    assert!(
        told.starts_with("--ops-listen: http.listen and ops.listen are one address"),
        "{told}"
    );
    // What the call says otherwise does not count in the file.
    place
        .load_with(
            "[http]\nlisten = \"0.0.0.0:80\"\n",
            &call("127.0.0.1:80", ""),
        )
        .expect("the call makes it safe");
}

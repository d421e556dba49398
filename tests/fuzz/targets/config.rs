//! The configuration: its TOML is written by people, and by whatever makes files for them.

use fundwatch::config::{Call, Config, ConfigError, default_file};

use super::{Target, behaviour};

pub const TARGET: Target = Target {
    name: "config",
    seeds,
    tokens: &[
        "[[source]]",
        "[http]",
        "[store]",
        "[journal]",
        "[[client_certificate]]",
        "kind = \"directory\"",
        "kind = \"kafka\"",
        "path = \"/tmp\"",
        "done = \"/tmp\"",
        "\"0s\"",
        "\"99999999999999999999d\"",
        "\"1 EiB\"",
        "1e308",
        "-1",
        "nan",
        "true",
        "2025-02-30",
        "\"\"\"",
        "= [",
        "= {",
        "0x7fffffffffffffff",
        "name = \"http\"",
    ],
    run,
};

fn seeds() -> Vec<Vec<u8>> {
    let whole = default_file();
    // What is commented out is read too.
    let uncommented: Vec<&str> = whole
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(line)
        })
        .collect();
    let mut seeds = vec![
        whole.clone().into_bytes(),
        uncommented.join("\n").into_bytes(),
    ];
    for part in whole.split("\n[") {
        seeds.push(format!("[{part}").into_bytes());
    }
    seeds.push(
        b"[[source]]\nname = \"a\"\nkind = \"directory\"\npath = \"/tmp\"\ndone = \"/var\"\n"
            .to_vec(),
    );
    seeds.push(b"[[source]]\nname = \"k\"\nkind = \"kafka\"\nbrokers = [\"a:9092\"]\ntopics = { t = \"cards\" }\n".to_vec());
    seeds.push(b"[store]\nurl_env = \"SECRET\"\n[journal]\nmaster_key_env = \"SECRET\"\n".to_vec());
    seeds
}

/// What the environment has: no message may show it.
const SECRET: &str = "hunter2-correct-horse";

thread_local! {
    static DIRECTORY: tempfile::TempDir = tempfile::tempdir().expect("a directory");
}

fn run(input: &[u8]) -> u64 {
    DIRECTORY.with(|directory| {
        let path = directory.path().join("fundwatch.toml");
        std::fs::write(&path, input).expect("room for a small file");
        let variable = |name: &str| (name == "SECRET").then(|| SECRET.to_owned());
        match Config::load(Some(&path), &Call::default(), &variable) {
            Ok(config) => {
                assert!(!format!("{config:?}").contains(SECRET));
                0
            }
            Err(error) => {
                let told = error.to_string();
                assert!(!told.is_empty() && !told.contains(SECRET), "{told}");
                match error {
                    ConfigError::Wrong(faults) => {
                        assert!(!faults.is_empty(), "what is wrong is told");
                        let keys: Vec<_> = faults.into_iter().map(|fault| fault.key).collect();
                        behaviour(keys)
                    }
                    _ => 1,
                }
            }
        }
    })
}

//! What a running service says of itself: its metrics and probes, which have no personal data.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::Found;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(5);
/// More of an answer is not read.
const MOST_BYTES: u64 = 8 << 20;

/// Where the ops listener is, as `http://HOST:PORT`.
pub(super) fn address(given: Option<&str>, config: Option<&Config>) -> Result<String, String> {
    if let Some(given) = given {
        return Ok(given.trim_end_matches('/').to_owned());
    }
    let config = config
        .ok_or("the configuration is wrong, so the ops listener is not known; name it by --ops")?;
    let listen = config.ops().listen;
    // What listens everywhere is asked here.
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    Ok(format!("http://{}", SocketAddr::new(ip, listen.port())))
}

pub(super) fn get(address: &Result<String, String>, path: &str) -> Found {
    let missing = |why: String| Found {
        text: String::new(),
        missing: vec![why],
    };
    let address = match address {
        Ok(address) => address,
        Err(why) => return missing(why.clone()),
    };
    let url = format!("{address}{path}");
    // A probe that says no is an answer too.
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .new_agent();
    let answer = agent.get(&url).call().and_then(|mut answer| {
        let status = answer.status();
        let text = answer
            .body_mut()
            .with_config()
            .limit(MOST_BYTES)
            .read_to_string()?;
        Ok((status.as_u16(), text))
    });
    match answer {
        Ok((200..=299 | 503, text)) => Found {
            text,
            missing: Vec::new(),
        },
        Ok((status, _)) => missing(format!(
            "{url}: status {status}, so this is not the ops listener of a service"
        )),
        Err(error) => missing(format!("{url}: {error}; does the service run?")),
    }
}

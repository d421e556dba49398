//! Sockets that notice that the other end is gone.

use std::io;
use std::net::{IpAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

use rustix::net::sockopt;

use super::LOST_AFTER;

/// How long one try to connect may take.
const CONNECTED_WITHIN: Duration = Duration::from_secs(3);

/// Whether some address that a name stands for is of the internet.
pub fn is_public(address: &str) -> io::Result<bool> {
    Ok(address
        .to_socket_addrs()?
        .any(|address| !is_private(address.ip())))
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            // RFC 6598: shared address space, of networks within a carrier or a data centre.
            let is_shared = first == 100 && (64..128).contains(&second);
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_private(IpAddr::V4(mapped)),
            None => {
                address.is_loopback()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
            }
        },
    }
}

pub fn listen(address: &str) -> io::Result<TcpListener> {
    let addresses: Vec<_> = address.to_socket_addrs()?.collect();
    let listener = TcpListener::bind(addresses.as_slice())?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Tries once to connect.
pub fn connect(address: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name stands for no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECTED_WITHIN) {
            // A port that nobody listens at can connect to itself.
            Ok(stream) if stream.local_addr()? == stream.peer_addr()? => {
                last = io::ErrorKind::ConnectionRefused.into();
            }
            Ok(stream) => {
                prepare(&stream)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Makes a connection fail where nothing was heard for [`LOST_AFTER`]: of what was sent, and where nothing is.
pub fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, LOST_AFTER / 3)?;
    sockopt::set_tcp_keepintvl(stream, LOST_AFTER / 5)?;
    sockopt::set_tcp_keepcnt(stream, 3)?;
    let after = u32::try_from(LOST_AFTER.as_millis()).unwrap_or(u32::MAX);
    sockopt::set_tcp_user_timeout(stream, after)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_internet_are_public() {
        for private in [
            "127.0.0.1:1",
            "10.1.2.3:1",
            "172.16.0.1:1",
            "192.168.9.9:1",
            "100.64.0.1:1",
            "[::1]:1",
            "[fd00::1]:1",
        ] {
            assert!(!is_public(private).expect("an address"), "{private}");
        }
        for public in [
            "8.8.8.8:1",
            "100.63.0.1:1",
            "172.32.0.1:1",
            "[2001:db8::1]:1",
            "[::ffff:8.8.8.8]:1",
        ] {
            assert!(is_public(public).expect("an address"), "{public}");
        }
    }
}

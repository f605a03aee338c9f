//! Hosts beside CloudFormation's own buckets that may be answered at: emulators and other drivers of the protocol.
//!
//! Comes from `RESPONSE_URL_EXTRA_HOSTS` in the function's environment, a comma list of `host` or `host:port`. Empty
//! in AWS; no template has a parameter for it.

use std::str::FromStr;

use url::{Host, Url};

/// The list. A `host` alone stands for the scheme's own port, `host:port` for that port; there are no wildcards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtraHosts(Vec<(Host<String>, Option<u16>)>);

/// An entry that is neither `host` nor `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is neither host nor host:port")]
pub struct ExtraHostsError {
    /// The entry as written.
    pub entry: String,
}

impl ExtraHosts {
    /// True where the URL's host and port are in the list.
    pub(super) fn hold(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        self.0.iter().any(|(extra, port)| match port {
            Some(port) => host == *extra && url.port_or_known_default() == Some(*port),
            None => host == *extra && url.port().is_none(),
        })
    }
}

/// True for `localhost` and the loopback addresses, whose traffic does not leave the machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Parts an entry at the colon of its port; an IPv6 address is in brackets, and has colons of its own.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    match entry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (entry, None),
    }
}

fn parse_entry(entry: &str) -> Option<(Host<String>, Option<u16>)> {
    let (host, port) = split_port(entry);
    let port = match port {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
        None => None,
    };
    let host = Host::parse(host).ok()?;
    (!host.to_string().contains('*')).then_some((host, port))
}

impl FromStr for ExtraHosts {
    type Err = ExtraHostsError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let hosts = entries.map(|e| parse_entry(e).ok_or_else(|| ExtraHostsError { entry: e.to_owned() }));
        hosts.collect::<Result<_, _>>().map(ExtraHosts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_exactly_its_hosts_and_ports() {
        let extra: ExtraHosts = " Emulator.Test , 127.0.0.1:4566, [::1]:4566,,tls.test:443".parse().unwrap();
        for (url, held) in [
            ("https://emulator.test/x", true),
            ("http://emulator.test/x", true),
            ("https://emulator.test:8443/x", false),
            ("http://127.0.0.1:4566/x", true),
            ("http://127.0.0.1:4567/x", false),
            ("http://127.0.0.1/x", false),
            ("http://[::1]:4566/x", true),
            ("http://[::1]/x", false),
            ("http://[::2]:4566/x", false),
            ("https://tls.test/x", true),
            ("http://tls.test/x", false),
            ("https://sub.emulator.test/x", false),
            ("https://emulator.test./x", false),
        ] {
            assert_eq!(extra.hold(&Url::parse(url).unwrap()), held, "{url}");
        }
    }

    #[test]
    fn an_empty_list_holds_nothing() {
        let extra: ExtraHosts = " , ".parse().unwrap();
        assert_eq!(extra, ExtraHosts::default());
        assert!(!extra.hold(&Url::parse("http://localhost/").unwrap()));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for entry in [
            "*",
            "*.test",
            "https://x",
            "a/b",
            "user@x",
            "host:",
            "host:+1",
            "host:70000",
            "host:1:2",
            "::1",
            "[::1",
            "a b",
            ":80",
            "x?y",
            "x#y",
        ] {
            let list = format!("ok.test,{entry}");
            assert_eq!(
                list.parse::<ExtraHosts>(),
                Err(ExtraHostsError { entry: entry.to_owned() }),
                "{entry}"
            );
        }
    }

    #[test]
    fn loopback_is_localhost_and_the_loopback_addresses_alone() {
        for (url, expected) in [
            ("http://localhost:1/", true),
            ("http://127.8.9.1/", true),
            ("http://[::1]/", true),
            ("http://localhost.evil.test/", false),
            ("http://evil.localhost/", false),
            ("http://localhost./", false),
            ("http://10.0.0.1/", false),
            ("http://169.254.169.254/", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("http://0.0.0.0/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}

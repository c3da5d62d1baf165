//! What addresses and connection strings name: hosts, a database, a file. Never the user or the password.

/// The parts of an address that say where it leads.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// Hosts, or paths of sockets.
    pub(super) hosts: Vec<String>,
    /// The database.
    pub(super) database: Option<String>,
    /// The path of a database that is a file.
    pub(super) path: Option<String>,
    /// It may lead elsewhere, too: it has parts that can't be read, or that name a service.
    pub(super) doubt: bool,
}

/// Reads an address (`postgres://u:p@host/db`), a connection string (`host=x dbname=y`), or the bare name of a database.
pub(super) fn read(text: &str) -> Address {
    let text = text.trim();
    // What is put together when it runs.
    let mut address = Address { doubt: text.contains(['$', '`', '<', '\\', '\n']), ..Address::default() };
    let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, rest)| is_scheme(scheme, rest)) else {
        if text.contains('=') {
            pairs(text.split(|c: char| c.is_whitespace() || c == ';'), &mut address);
        } else if !text.is_empty() {
            address.database = Some(text.to_owned());
        }
        return address;
    };
    let scheme = scheme.rsplit(':').next().unwrap_or(scheme).to_ascii_lowercase();
    if scheme == "jdbc" {
        return read(rest);
    }
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if scheme == "file" || scheme.starts_with("sqlite") {
        // `sqlite:///x.db` is a relative path for some, an absolute one for others: the worse one is elsewhere.
        address.doubt |= place.contains('%') || query.contains("vfs=");
        let path = place.strip_prefix("//").unwrap_or(place);
        address.path = Some(path.to_owned()).filter(|path| !path.is_empty());
        return address;
    }
    let place = place.trim_start_matches('/');
    // A password may hold what usually ends one.
    let (before, place) = place.rsplit_once('@').map_or(("", place), |(before, place)| (before, place));
    address.doubt |= before.contains(['/', '#']) || place.contains(['%', '#', '(']);
    let (hosts, database) =
        if rest.starts_with("///") { ("", place) } else { place.split_once('/').unwrap_or((place, "")) };
    if scheme == "unix" {
        address.hosts.push(format!("/{place}"));
        return address;
    }
    address.hosts.extend(hosts.split(',').filter(|host| !host.is_empty()).map(without_port));
    // `mongodb+srv://` looks its hosts up by name.
    address.doubt |= scheme.ends_with("+srv");
    address.database = Some(database.to_owned()).filter(|database| !database.is_empty());
    let mut asked = Address::default();
    pairs(query.split('&'), &mut asked);
    address.hosts.extend(asked.hosts);
    address.database = asked.database.or(address.database);
    address.doubt |= asked.doubt || query.contains('%');
    address
}

/// `name://`, `file:`, `sqlite:`, `jdbc:mysql://`.
fn is_scheme(scheme: &str, rest: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b'_');
    !scheme.is_empty()
        && scheme.bytes().all(letters)
        && (rest.starts_with("//")
            || ["file", "sqlite", "sqlite3", "jdbc"].contains(&scheme.to_ascii_lowercase().as_str()))
}

/// The parts of `host=x dbname=y`.
fn pairs<'t>(parts: impl Iterator<Item = &'t str>, address: &mut Address) {
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('\'');
        match name.trim().to_ascii_lowercase().as_str() {
            "host" | "hostaddr" | "server" | "data source" | "socket" | "unix_socket" | "addr" | "address" => {
                address.hosts.extend(value.split(',').filter(|host| !host.is_empty()).map(without_port));
            }
            "dbname" | "database" | "initial catalog" => address.database = Some(value.to_owned()),
            "service" | "servicefile" | "loadbalancehosts" | "proxy" | "proxy_host" => address.doubt = true,
            _ => {}
        }
    }
}

/// A host without its port; `[::1]:5432` is `::1`.
pub(super) fn without_port(host: &str) -> String {
    let host = host.trim();
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner).to_ascii_lowercase();
    }
    match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => name.to_ascii_lowercase(),
        _ => host.to_ascii_lowercase(),
    }
}

/// Whether a host is this machine by its name or its address.
pub(super) fn is_loopback(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().map_or_else(
        |_| host == "localhost" || host.strip_suffix(".localhost").is_some_and(|name| !name.is_empty()),
        |address| address.is_loopback(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Option<String>, bool) {
        let address = read(text);
        (address.hosts.join(","), address.database.or(address.path), address.doubt)
    }

    #[test]
    fn addresses() {
        let of = |hosts: &str, database: &str, doubt| {
            (hosts.to_owned(), Some(database.to_owned()).filter(|name| !name.is_empty()), doubt)
        };
        for (text, wanted) in [
            ("postgres://u:p@db.example.com:5432/shop?sslmode=require", of("db.example.com", "shop", false)),
            ("postgresql://localhost/app_test", of("localhost", "app_test", false)),
            ("postgres://u:p@[::1]:5432/x", of("::1", "x", false)),
            ("postgres:///shop", of("", "shop", false)),
            ("postgres://localhost/x?host=db.example.com", of("localhost,db.example.com", "x", false)),
            ("postgres://localhost,db.example.com/x", of("localhost,db.example.com", "x", false)),
            ("postgres://u:a/b@localhost@db.example.com/x", of("db.example.com", "x", true)),
            ("postgres://u:p#@localhost/x", of("localhost", "x", true)),
            ("postgres://u:${PW}@localhost/x", of("localhost", "x", true)),
            ("jdbc:postgresql://db.example.com/shop", of("db.example.com", "shop", false)),
            ("mongodb+srv://u:p@c.mongodb.net/shop", of("c.mongodb.net", "shop", true)),
            ("host=localhost dbname=x hostaddr=10.0.0.1", of("localhost,10.0.0.1", "x", false)),
            ("service=shop", of("", "", true)),
            ("shop", of("", "shop", false)),
            ("file:./dev.db", of("", "./dev.db", false)),
            ("unix:///var/run/docker.sock", of("/var/run/docker.sock", "", false)),
            ("ssh://root@build.example.com", of("build.example.com", "", false)),
        ] {
            assert_eq!(parts(text), wanted, "{text}");
        }
    }

    #[test]
    fn this_machine() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1", "app.localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["127.evil.com", "localhost.example.com", "0x7f.1", "", ".localhost", "10.0.0.1", "notlocalhost"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

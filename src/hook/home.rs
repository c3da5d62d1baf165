//! Where the person's home is.

use std::path::Path;

/// The path of `HOME` isn't text, so that nothing that lies there could be named.
#[derive(Debug, thiserror::Error)]
#[error("HOME holds bytes that are not UTF-8, and the person's own policy lies there")]
pub struct Nameless;

/// The person's home: `HOME`, or what the system has written down of its user, where that isn't set or is no absolute path.
/// Otherwise a policy of theirs would be as if it weren't there, or one in the working directory be taken for it.
///
/// # Errors
/// It can't be told.
pub fn home() -> Result<Option<String>, Nameless> {
    match std::env::var_os("HOME").map(std::ffi::OsString::into_string) {
        Some(Ok(home)) if Path::new(&home).is_absolute() || cfg!(windows) && !home.is_empty() => Ok(Some(home)),
        Some(Err(_)) => Err(Nameless),
        _ => Ok(registered()),
    }
}

#[cfg(unix)]
fn registered() -> Option<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open("/etc/passwd").ok()?.take(1 << 20).read_to_end(&mut bytes).ok()?;
    of(&String::from_utf8_lossy(&bytes), rustix::process::geteuid().as_raw())
}

/// The home of a user by the lines of `passwd`.
#[cfg(unix)]
fn of(passwd: &str, user: u32) -> Option<String> {
    let fields = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let mut own = fields.filter(|fields| fields.get(2).is_some_and(|id| id.parse() == Ok(user)));
    let home = own.next()?.get(5).copied()?;
    (Path::new(home).is_absolute() && !home.contains('\u{fffd}')).then(|| home.to_owned())
}

/// Windows says it by a variable of its own.
#[cfg(not(unix))]
fn registered() -> Option<String> {
    std::env::var("USERPROFILE").ok().filter(|home| Path::new(home).is_absolute())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_system_knows_its_users() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\n\ntorn:x\nnobody:x:65534:65534::relative:/\ndev:x:1000:1000:Dev:/home/dev:/bin/sh\n";
        let home = |user| of(passwd, user);
        assert_eq!(home(0), Some("/root".to_owned()));
        assert_eq!(home(1000), Some("/home/dev".to_owned()));
        assert_eq!((home(65534), home(1001)), (None, None));
    }
}

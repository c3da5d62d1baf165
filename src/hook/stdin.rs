//! Reading the event: all of it, within a size and a time.

use crate::deadline::Deadline;

/// The largest event that is read. The client hands over commands of megabytes whole.
pub const CAP: usize = 8 << 20;

/// How soon the end of an event follows it, unless something is slow: then the clock starts.
#[cfg(unix)]
const PROMPTLY: std::time::Duration = std::time::Duration::from_millis(100);

/// Why there is no event to read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// More than [`CAP`].
    #[error("it is larger than {} MiB", CAP >> 20)]
    TooLarge,
    /// The other side kept the pipe open.
    #[error("it was not complete within {} seconds", Deadline::PER_CALL.as_secs())]
    TooLate,
    /// The system says no.
    #[error("reading it failed: {0}")]
    Failed(#[from] std::io::Error),
}

/// Everything on standard input, and by when to be done with it, if reading it took long enough to look at the clock.
/// On Unix the wait is `poll`'s: a thread would cost a fifth of the whole call, and a clock a twentieth.
#[cfg(unix)]
pub fn read() -> Result<(Vec<u8>, Option<Deadline>), Unread> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::{Errno, read};
    use std::mem::MaybeUninit;

    let stdin = rustix::stdio::stdin();
    // Nearly every event fits into it. Room on the stack costs nothing, room for all events a mapping of its own.
    let mut first = [MaybeUninit::uninit(); 4 << 10];
    let mut more = Vec::new();
    let mut bytes = Vec::new();
    let mut deadline: Option<Deadline> = None;
    loop {
        let left = match deadline {
            None if bytes.is_empty() => Deadline::PER_CALL,
            None => PROMPTLY,
            Some(deadline) => deadline.remaining(),
        };
        // Whoever always has another byte ready must not outlast the deadline either.
        if left.is_zero() {
            return Err(Unread::TooLate);
        }
        // It fails for times that the system's type can't hold; 3 s never is one.
        let left = Timespec::try_from(left).map_err(|_| Unread::TooLate)?;
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&left)) {
            Ok(0) if deadline.is_none() && !bytes.is_empty() => {
                deadline = Some(Deadline::default());
                continue;
            }
            Ok(0) => return Err(Unread::TooLate),
            Ok(_) => {}
            Err(Errno::INTR) => {
                deadline.get_or_insert_default();
                continue;
            }
            Err(error) => return Err(Unread::Failed(error.into())),
        }
        if bytes.len() >= first.len() && more.is_empty() {
            more = vec![MaybeUninit::uninit(); 256 << 10];
        }
        let room = if more.is_empty() { &mut first[..] } else { &mut more[..] };
        let begun = !bytes.is_empty();
        match read(stdin, room) {
            Ok(([], _)) => return Ok((bytes, deadline)),
            Ok((read, _)) => bytes.extend_from_slice(read),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(Unread::Failed(error.into())),
        }
        if bytes.len() > CAP {
            return Err(Unread::TooLarge);
        }
        if begun {
            deadline.get_or_insert_default();
        }
    }
}

/// Everything on standard input.
#[cfg(not(unix))]
pub fn read() -> Result<(Vec<u8>, Option<Deadline>), Unread> {
    use std::io::Read;
    use std::sync::mpsc;

    let deadline = Deadline::default();
    let (send, receive) = mpsc::channel();
    std::thread::Builder::new().spawn(move || {
        let mut bytes = Vec::with_capacity(16 << 10);
        let read = std::io::stdin().lock().take(CAP as u64 + 1).read_to_end(&mut bytes);
        // Nobody listens any more once the deadline has passed.
        let _ = send.send(read.map(|_| bytes));
    })?;
    match receive.recv_timeout(deadline.remaining()) {
        Ok(Ok(bytes)) if bytes.len() > CAP => Err(Unread::TooLarge),
        Ok(Ok(bytes)) => Ok((bytes, Some(deadline))),
        Ok(Err(error)) => Err(Unread::Failed(error)),
        Err(_) => Err(Unread::TooLate),
    }
}

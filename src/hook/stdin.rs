//! Reading the event: all of it, within a size and a time.

use crate::deadline::Deadline;

/// The largest event that is read. The client hands over commands of megabytes whole.
pub const CAP: usize = 8 << 20;

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

/// Everything on standard input. On Unix the wait is `poll`'s: a thread would cost a fifth of the whole call.
#[cfg(unix)]
pub fn read(deadline: Deadline) -> Result<Vec<u8>, Unread> {
    use rustix::buffer::spare_capacity;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::{Errno, read};

    let stdin = rustix::stdio::stdin();
    let mut bytes = Vec::with_capacity(16 << 10);
    loop {
        let left = deadline.remaining();
        // Whoever always has another byte ready must not outlast the deadline either.
        if left.is_zero() {
            return Err(Unread::TooLate);
        }
        // It fails for times that the system's type can't hold; 3 s never is one.
        let left = Timespec::try_from(left).map_err(|_| Unread::TooLate)?;
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&left)) {
            Ok(0) => return Err(Unread::TooLate),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(Unread::Failed(error.into())),
        }
        bytes.reserve(1);
        match read(stdin, spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(bytes),
            Ok(_) if bytes.len() > CAP => return Err(Unread::TooLarge),
            Ok(_) | Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(Unread::Failed(error.into())),
        }
    }
}

/// Everything on standard input.
#[cfg(not(unix))]
pub fn read(deadline: Deadline) -> Result<Vec<u8>, Unread> {
    use std::io::Read;
    use std::sync::mpsc;

    let (send, receive) = mpsc::channel();
    std::thread::Builder::new().spawn(move || {
        let mut bytes = Vec::with_capacity(16 << 10);
        let read = std::io::stdin().lock().take(CAP as u64 + 1).read_to_end(&mut bytes);
        // Nobody listens any more once the deadline has passed.
        let _ = send.send(read.map(|_| bytes));
    })?;
    match receive.recv_timeout(deadline.remaining()) {
        Ok(Ok(bytes)) if bytes.len() > CAP => Err(Unread::TooLarge),
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(Unread::Failed(error)),
        Err(_) => Err(Unread::TooLate),
    }
}

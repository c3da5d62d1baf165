//! Memory within a session.

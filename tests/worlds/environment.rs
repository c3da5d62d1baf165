//! What programs are aimed at.

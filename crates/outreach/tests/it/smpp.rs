//! SMPP, judged by captured PDUs, by scripted peers and over real sockets.

mod laws;
mod pdu;
mod played;
mod session;

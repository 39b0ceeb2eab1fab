//! SMPP, judged by captured PDUs, by scripted peers and over real sockets.

mod account;
mod centre;
mod centres;
mod chaos;
mod laws;
mod npm;
mod pdu;
mod played;
mod pool;
mod receipt;
mod session;
mod stand_in;
mod tls;

//! The fake OpenTrain as a standalone program: the server for `make demo` and for the checks with
//! other clients.
//!
//! It prints its URL and a token as a human would make it in the app, then serves until it is
//! killed. With `--claimed` that token works at once. Its claim ceremony and its approvals
//! confirm themselves after a few looks, and verdicts come one after each look. With
//! `--dns <address>` it is a name server too, for the test in an empty root.

// It panics when it cannot serve; what it prints is its URL.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::net::UdpSocket;
use std::thread;

// The test suite uses more of the fake than this program does.
#[allow(dead_code)]
mod fake;

fn main() {
    let fake = fake::Fake::start(|_| None);
    fake.change(|state| state.confirm_by_itself = true);
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        match flag.as_str() {
            "--claimed" => fake.change(|state| {
                let account = state.new_account();
                state.confirm_claim(account);
            }),
            "--dns" => {
                let address = args.next().expect("an address after --dns");
                let socket = UdpSocket::bind(address).expect("the right to this address");
                thread::spawn(move || name_server(&socket));
            }
            _ => panic!("unknown flag {flag}"),
        }
    }
    println!("{} {}", fake.url, fake::state::APP_TOKEN);
    loop {
        thread::park();
    }
}

/// Every name ending in `.test` has the address 127.0.0.1 (`alias.test` by another name); no other
/// name exists. Asked for IPv6 addresses, some name servers say that the name does not exist, or
/// fail; this one does so for `nx.test`, `servfail.test`, `refused.test`.
fn name_server(socket: &UdpSocket) {
    let mut query = [0; 512];
    while let Ok((length, client)) = socket.recv_from(&mut query) {
        let query = &query[..length];
        // Header of 12 bytes, then one question: labels, a zero, type, class.
        let Some(end) = query
            .iter()
            .skip(12)
            .position(|b| *b == 0)
            .map(|n| 12 + n + 5)
        else {
            continue;
        };
        let asks = |label: &[u8]| query[12..end].starts_with(label);
        let known = query[..end].windows(5).any(|w| w == b"\x04test");
        let is_a = query.get(end - 4..end - 2) == Some(&[0, 1]);
        let failure = match () {
            () if !known => 3,
            () if is_a => 0,
            () if asks(b"\x02nx") => 3,
            () if asks(b"\x08servfail") => 2,
            () if asks(b"\x07refused") => 5,
            () => 0,
        };
        let mut answer = query[..end].to_vec();
        // A response, recursion available, with or without a failure.
        answer[2] = 0x81;
        answer[3] = 0x80 | failure;
        answer[8..12].fill(0);
        answer[7] = 0;
        if known && is_a {
            answer[7] = 1;
            // The name in the question is an alias of `x`, whose address follows: type CNAME, class
            // IN, 60 s, three bytes.
            if asks(b"\x05alias") {
                answer[7] = 2;
                answer.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 3, 1, b'x', 0]);
            }
            let name: &[u8] = if asks(b"\x05alias") {
                &[1, b'x', 0]
            } else {
                &[0xc0, 12]
            };
            answer.extend(name);
            // Type A, class IN, 60 s, four bytes.
            answer.extend([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
        }
        let _ = socket.send_to(&answer, client);
    }
}

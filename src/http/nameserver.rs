//! Asks a name server for the IPv4 addresses of a name (RFC 1035, section 4) where the system's own
//! look-up has given up.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// How long a name server has for its answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Record type A and class IN.
const A_IN: [u8; 4] = [0, 1, 0, 1];

/// The name servers listed in a resolv.conf, in order.
pub(super) fn listed(resolv_conf: &str) -> impl Iterator<Item = SocketAddr> {
    let words = resolv_conf.lines().map(str::split_whitespace);
    let servers =
        words.filter_map(|mut words| (words.next()? == "nameserver").then(|| words.next())?);
    servers.filter_map(|ip| Some(SocketAddr::new(ip.parse().ok()?, 53)))
}

/// The addresses that a name server has for a name; `None` without a usable answer in time.
pub(super) fn ask(server: SocketAddr, name: &str, deadline: Instant) -> Option<Vec<IpAddr>> {
    let here = if server.is_ipv6() {
        "[::]:0"
    } else {
        "0.0.0.0:0"
    };
    let socket = UdpSocket::bind(here).ok()?;
    socket.connect(server).ok()?;
    // A number that nobody else can know, so that nobody else can answer.
    let id = (RandomState::new().build_hasher().finish() as u16).to_be_bytes();
    let question = question(name)?;
    // Recursion is desired; there is one question.
    let message = [&id, &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &question].concat();
    socket.send(&message).ok()?;
    let deadline = deadline.min(Instant::now() + PATIENCE);
    let mut answer = [0; 1500];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        socket.set_read_timeout(Some(left)).ok()?;
        let length = socket.recv(&mut answer).ok()?;
        let answer = &answer[..length];
        if answer.starts_with(&id) && answer.get(12..)?.starts_with(&question) {
            return addresses(answer, 12 + question.len());
        }
    }
}

/// The name as its labels, each after its length, then type and class.
fn question(name: &str) -> Option<Vec<u8>> {
    let mut question = Vec::new();
    for label in name.trim_end_matches('.').split('.') {
        question.push(
            u8::try_from(label.len())
                .ok()
                .filter(|n| (1..64).contains(n))?,
        );
        question.extend_from_slice(label.as_bytes());
    }
    question.push(0);
    question.extend_from_slice(&A_IN);
    Some(question)
}

/// The A records of an answer, from where its question ends; they include those of the name that
/// the first is an alias of. `None` for a failure or a truncated answer.
fn addresses(answer: &[u8], mut at: usize) -> Option<Vec<IpAddr>> {
    let number = |at: usize| Some(u16::from_be_bytes([*answer.get(at)?, *answer.get(at + 1)?]));
    // The lowest four flag bits are the failure code.
    let (failed, records) = (number(2)? & 0xf != 0, number(6)?);
    let mut found = Vec::new();
    for _ in 0..records {
        // A name ends with an empty label, or with two bytes that point to the rest of it.
        while let Some(length @ 1..64) = answer.get(at) {
            at += 1 + usize::from(*length);
        }
        at += if *answer.get(at)? == 0 { 1 } else { 2 };
        let length = usize::from(number(at + 8)?);
        let data = answer.get(at + 10..at + 10 + length)?;
        if let (true, Ok(ip)) = (answer.get(at..at + 4)? == A_IN, <[u8; 4]>::try_from(data)) {
            found.push(Ipv4Addr::from(ip).into());
        }
        at += 10 + length;
    }
    (!failed).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    /// Asks a server that answers each question with these answers, made from it.
    fn asked(answers: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Option<Vec<String>> {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let server = socket.local_addr().unwrap();
        let serving = thread::spawn(move || {
            let mut query = [0; 512];
            let (length, client) = socket.recv_from(&mut query).unwrap();
            for answer in answers(&query[..length]) {
                socket.send_to(&answer, client).unwrap();
            }
        });
        let deadline = Instant::now() + Duration::from_secs(10);
        let found = ask(server, "one.example.", deadline);
        serving.join().unwrap();
        found.map(|all| all.iter().map(IpAddr::to_string).collect())
    }

    /// The answer to a question with this failure, these records and their number.
    fn answer(query: &[u8], failure: u8, count: u8, records: &[u8]) -> Vec<u8> {
        let mut answer = [query, records].concat();
        (answer[2], answer[3], answer[7]) = (0x81, 0x80 | failure, count);
        answer
    }

    const ONE: [u8; 16] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1];
    const OTHER_NAME: [u8; 15] = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 3, 1, b'x', 0];
    const OF_OTHER: [u8; 19] = [
        1, b'x', 1, b'y', 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 2,
    ];

    #[test]
    fn all_addresses_are_read_those_of_an_alias_too() {
        let one = asked(|query| vec![answer(query, 0, 1, &ONE)]);
        assert_eq!(one, Some(vec!["10.0.0.1".into()]));
        let records = [&OTHER_NAME[..], &OF_OTHER, &ONE].concat();
        let both = asked(move |query| vec![answer(query, 0, 3, &records)]);
        assert_eq!(both, Some(vec!["10.0.0.2".into(), "10.0.0.1".into()]));
        assert_eq!(asked(|query| vec![answer(query, 0, 0, &[])]), Some(vec![]));
    }

    #[test]
    fn a_failure_or_half_an_answer_is_none() {
        assert_eq!(asked(|query| vec![answer(query, 3, 0, &[])]), None);
        for length in 0..ONE.len() {
            let half = asked(move |query| vec![answer(query, 0, 1, &ONE[..length])]);
            assert_eq!(half, None, "{length}");
        }
    }

    #[test]
    fn an_answer_to_another_question_is_not_ours() {
        let found = asked(|query| {
            let mut forged = answer(query, 0, 1, &ONE);
            forged[0] ^= 1;
            let mut other = answer(query, 0, 1, &ONE);
            other[13] ^= 1;
            vec![
                vec![],
                forged,
                other,
                answer(query, 0, 1, &[&OF_OTHER[..]].concat()),
            ]
        });
        assert_eq!(found, Some(vec!["10.0.0.2".into()]));
    }

    #[test]
    fn only_name_servers_are_read_of_a_resolv_conf() {
        let text = "# nameserver 1.1.1.1\n;x\nsearch a.example\n nameserver 10.0.0.1\nnameserver fd00::1 # b\nnameserver\nnameserver fe80::1%eth0\n";
        let servers: Vec<String> = listed(text).map(|s| s.to_string()).collect();
        assert_eq!(servers, ["10.0.0.1:53", "[fd00::1]:53"]);
    }

    #[test]
    fn a_name_that_cannot_be_asked_for_is_not() {
        for name in ["", ".", "a..b", &"x".repeat(64)] {
            assert_eq!(question(name), None, "{name}");
        }
        assert_eq!(question("a.bc.").unwrap(), b"\x01a\x02bc\0\0\x01\0\x01");
    }
}

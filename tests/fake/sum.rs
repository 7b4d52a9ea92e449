//! SHA-256 (FIPS 180-4), for the certificates and content hashes of the fake.

/// The fractional bits of the roots of the first primes would be long to list: they are computed.
/// `root` is 2 or 3.
fn fraction_of_root(prime: u128, root: u32) -> u32 {
    // The integer part of the root of prime * 2^(32 * root), whose lower half is the fraction.
    let wanted = prime << (32 * root);
    let (mut low, mut high) = (0_u128, 1_u128 << 40);
    while high - low > 1 {
        let middle = (low + high) / 2;
        match middle.checked_pow(root).is_some_and(|p| p <= wanted) {
            true => low = middle,
            false => high = middle,
        }
    }
    (low & u128::from(u32::MAX)) as u32
}

fn primes() -> impl Iterator<Item = u128> {
    (2_u128..).filter(|n| (2..*n).all(|d| n % d != 0))
}

/// The sum in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let constants: Vec<u32> = primes().take(64).map(|p| fraction_of_root(p, 3)).collect();
    let mut hash: Vec<u32> = primes().take(8).map(|p| fraction_of_root(p, 2)).collect();
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((8 * bytes.len() as u64).to_be_bytes());
    for block in padded.chunks_exact(64) {
        let words = block.chunks_exact(4);
        let mut w: Vec<u32> = words
            .map(|word| u32::from_be_bytes(word.try_into().expect("four bytes")))
            .collect();
        for t in 16..64 {
            let (a, b) = (w[t - 15], w[t - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            let sum = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]);
            w.push(sum.wrapping_add(s1));
        }
        let mut v = hash.clone();
        for t in 0..64 {
            let (a, e) = (v[0], v[4]);
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & v[5]) ^ (!e & v[6]);
            let first = [s1, choice, constants[t], w[t]];
            let first = first.iter().fold(v[7], |sum, n| sum.wrapping_add(*n));
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
            v.pop();
            v.insert(0, first.wrapping_add(s0).wrapping_add(majority));
            v[4] = v[4].wrapping_add(first);
        }
        for (sum, n) in hash.iter_mut().zip(v) {
            *sum = sum.wrapping_add(n);
        }
    }
    hash.iter().map(|word| format!("{word:08x}")).collect()
}

#[test]
fn sums_are_those_of_the_standard() {
    for (text, sum) in [
        (
            "",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ] {
        assert_eq!(sha256(text.as_bytes()), sum);
    }
}

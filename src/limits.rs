//! What the system allows this process. std has no call for it; Linux shows it under `/proc`;
//! elsewhere it is unknown.

use std::fs;

/// The largest file that may be written, in bytes. Beyond it a signal ends the process.
pub(crate) fn largest_file() -> u64 {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    // Name, soft limit, hard limit, unit.
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max file size"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    soft.unwrap_or(u64::MAX)
}

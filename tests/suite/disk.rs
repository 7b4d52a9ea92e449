//! The disk at its worst: folders missing, read-only, files in their place, full; saves that
//! are killed, and two writers at once.

use std::fs;
use std::thread;

use serde_json::Value;

use crate::harness::{Out, Sandbox, finish, tool};

/// Runs a script with a file system of its own mounted at `$HOME/small`; needs the right to
/// mount, which a test run without it cannot have.
fn on_a_mount(sandbox: &Sandbox, options: &str, script: &str) -> Option<Out> {
    fs::create_dir_all(sandbox.home.join("small")).unwrap();
    let script = format!("mount -t tmpfs -o {options} none $HOME/small || exit 77\n{script}");
    let allowed = tool("unshare").args(["-m", "true"]).status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("this machine gives us no name space of our own: not tested");
        return None;
    }
    let mut command = tool("unshare");
    command
        .args(["-m", "sh", "-c", &script])
        .current_dir(&sandbox.home);
    sandbox.clean(&mut command);
    command
        .env("B", crate::harness::BINARY)
        .env("XDG_CONFIG_HOME", sandbox.home.join("small"));
    let out = finish(command, "");
    match out.status {
        Some(77) => {
            eprintln!("this machine lets us mount nothing: not tested");
            None
        }
        _ => Some(out),
    }
}

#[test]
fn a_full_disk_keeps_the_old_file_whole() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    let script = format!(
        "$B auth login --api-key {token} > /dev/null || exit 2\n\
         cp small/opentrain/cli.json before\n\
         dd if=/dev/zero of=small/filler bs=1k 2> /dev/null\n\
         $B auth register --force; echo $?\n\
         cmp small/opentrain/cli.json before && ls -A small/opentrain"
    );
    let Some(out) = on_a_mount(&sandbox, "size=16k", &script) else {
        return;
    };
    let out = out.ok();
    // The secret was shown once by the server: on the screen, if not on the disk.
    let account = sandbox
        .fake
        .change(|s| s.tokens.last().unwrap().secret.clone());
    if sandbox
        .fake
        .lines()
        .iter()
        .any(|l| l == "POST /api/agent/identity")
    {
        out.stdout_is("1\ncli.json\n")
            .stderr_has("No space left on device")
            .stderr_has(&account);
    } else {
        out.stdout_is("1\ncli.json\n")
            .stderr_has("nothing was sent");
    }
}

#[test]
fn a_read_only_disk_is_noticed_before_anything_is_sent() {
    let sandbox = Sandbox::new();
    let script = "mount -o remount,ro small || exit 77\n$B auth register; echo $?; OT_API_TOKEN=ot_pat_x $B jobs search; echo $?";
    let Some(out) = on_a_mount(&sandbox, "size=16k", script) else {
        return;
    };
    out.ok()
        .stdout_is("1\nNo jobs found.\n0\n")
        .stderr_has("Read-only file system")
        .stderr_has("nothing was sent");
    assert_eq!(sandbox.fake.lines(), ["GET /api/public/v1/jobs"]);
}

#[test]
fn a_file_in_the_place_of_the_folder_is_named() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.home.join(".config")).unwrap();
    fs::write(sandbox.home.join(".config/opentrain"), "a file").unwrap();
    sandbox
        .run(&["auth", "register"])
        .fails()
        .stderr_has(".config/opentrain/cli.json")
        .stderr_has("nothing was sent");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_killed_save_leaves_one_of_the_written_files_whole() {
    let sandbox = Sandbox::new();
    let tokens: Vec<String> = (0..24)
        .map(|_| sandbox.fake.change(|s| s.claimed_account()))
        .collect();
    sandbox.save_config(&format!(
        "{{\"apiToken\":\"{}\",\"kept\":[1.50]}}",
        tokens[0]
    ));
    for round in 0..6u32 {
        let mut running: Vec<_> = tokens
            .iter()
            .map(|token| sandbox.start(&["auth", "login", "--api-key", token]))
            .collect();
        // Every other one is killed at a moment of its own; which moment is chance.
        for (n, child) in running.iter_mut().enumerate().filter(|(n, _)| n % 2 == 0) {
            thread::sleep(std::time::Duration::from_micros(
                u64::from(round) * 700 + n as u64 * 90,
            ));
            let _ = child.kill();
            whole(&sandbox, &tokens);
        }
        for (n, child) in running.into_iter().enumerate() {
            let out = Out::of(child);
            assert!(n % 2 == 0 || out.status == Some(0), "{out:#?}");
        }
        whole(&sandbox, &tokens);
    }
    // After saves that ended by themselves no temporary file is left.
    for leftover in sandbox
        .config_files()
        .iter()
        .filter(|name| *name != "cli.json")
    {
        fs::remove_file(sandbox.config().with_file_name(leftover)).unwrap();
    }
    sandbox
        .run(&["auth", "login", "--api-key", &tokens[1]])
        .ok();
    assert_eq!(sandbox.config_files(), ["cli.json"]);
}

fn whole(sandbox: &Sandbox, tokens: &[String]) {
    let text = fs::read_to_string(sandbox.config()).unwrap();
    let saved: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert!(
        tokens.iter().any(|t| saved["apiToken"] == *t.as_str()),
        "{text}"
    );
    assert!(text.contains("1.50"), "{text}");
}

#[test]
fn two_writers_at_once_keep_each_others_keys() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    sandbox.save_config("{}");
    for round in 0..20 {
        // The other program writes a key of its own, whole and by rename, while we log in:
        // it is there before our save reads the file.
        let child = sandbox.start(&["auth", "login", "--api-key", &token]);
        let mut saved = sandbox.read_config();
        saved["other"] = round.into();
        let beside = sandbox.config().with_extension("other");
        fs::write(&beside, saved.to_string()).unwrap();
        fs::rename(&beside, sandbox.config()).unwrap();
        Out::of(child).ok();
        let saved = sandbox.read_config();
        assert_eq!(saved["apiToken"], token.as_str());
        assert_eq!(saved["other"], round);
    }
}

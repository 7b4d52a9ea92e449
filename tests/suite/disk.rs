//! The disk at its worst: folders missing, read-only, replaced by files, full; saves that are
//! killed, and two writers at once.

use std::fs;
use std::sync::atomic::Ordering;
use std::thread;

use serde_json::Value;

use crate::harness::{Out, Sandbox, finish, tool};

/// Runs a script with a file system of its own mounted at `$HOME/small`; needs the right to mount,
/// which not every test run has.
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
    let tokens: Vec<String> = (0..12)
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
        // Every other one is killed at a random moment.
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
        // The other program writes a key of its own, atomically by rename, while we log in: it is
        // there before our save reads the file.
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

/// Runs a script in a mount name space of its own, where files can be mounted; `None` where
/// that is not allowed.
fn mounting(sandbox: &Sandbox, script: &str) -> Option<Out> {
    let mut command = tool("unshare");
    command
        .args(["-m", "sh", "-c", script])
        .current_dir(&sandbox.home);
    sandbox.clean(&mut command);
    command.env("B", crate::harness::BINARY);
    let out = finish(command, "");
    if out.status == Some(77) || out.stderr.starts_with("unshare") {
        eprintln!("this machine lets us mount nothing: not tested");
        return None;
    }
    Some(out)
}

#[test]
fn a_file_that_is_mounted_on_its_own_is_written_in_place() {
    // As `docker run -v host.json:.../cli.json` does it; the folder itself may be read-only.
    for (host, folder, also) in [
        ("", "rw", ""),
        ("{\"kept\":[1.50]}", "rw", ""),
        ("{\"kept\":[1.50]}", "ro", ""),
        // Where /proc does not show it.
        (
            "{\"kept\":[1.50]}",
            "rw",
            "mount -t tmpfs none /proc || exit 77",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.file("host.json", host);
        sandbox.save_config("{}");
        let script = format!(
            "chmod 600 host.json; mount --bind .config .config && mount -o remount,bind,{folder} .config || exit 77
             mount --bind host.json .config/opentrain/cli.json || exit 77
             {also}
             $B auth register > /dev/null && $B whoami > /dev/null && $B auth claim-status"
        );
        let Some(out) = mounting(&sandbox, &script) else {
            return;
        };
        out.ok().stdout_has("The claim is pending");
        let saved = fs::read_to_string(sandbox.home.join("host.json")).unwrap();
        let token = sandbox.fake.change(|s| s.tokens[0].secret.clone());
        assert!(saved.contains(&token), "{saved}");
        assert_eq!(saved.contains("1.50"), !host.is_empty(), "{saved}");
        assert!(saved.ends_with("}\n"), "{saved:?}");
        // What was under the mount is as it was.
        assert_eq!(fs::read_to_string(sandbox.config()).unwrap(), "{}");
    }
}

#[test]
fn a_file_that_is_damaged_while_the_server_answers_is_not_replaced() {
    let sandbox = Sandbox::new();
    sandbox.save_config("{}");
    let token = sandbox.fake.change(|s| s.claimed_account());
    let (held, let_go) = crate::fake::Fault::held();
    sandbox.fake.script("GET /api/public/v1/auth/me", [held]);
    let login = sandbox.start(&["auth", "login", "--api-key", &token]);
    crate::harness::until("a request", || !sandbox.fake.requests().is_empty());
    fs::write(sandbox.config(), "{damaged").unwrap();
    let_go.store(true, Ordering::SeqCst);
    Out::of(login).fails().stderr_has(" is damaged: ");
    assert_eq!(fs::read_to_string(sandbox.config()).unwrap(), "{damaged");
    assert_eq!(sandbox.config_files(), ["cli.json"]);
}

#[test]
fn a_mounted_file_that_cannot_be_written_is_noticed_before_anything_is_sent() {
    let sandbox = Sandbox::new();
    sandbox.file("host.json", "{}");
    sandbox.save_config("{}");
    let script = "mount --bind host.json .config/opentrain/cli.json && mount -o remount,bind,ro .config/opentrain/cli.json || exit 77
        $B auth register; $B auth logout";
    let Some(out) = mounting(&sandbox, script) else {
        return;
    };
    out.fails()
        .stderr_has("could not be saved in ")
        .stderr_has("Read-only file system (os error 30); nothing was sent")
        .stderr_has("Error: could not delete ");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn logging_out_empties_a_mounted_file() {
    let sandbox = Sandbox::new();
    sandbox.file("host.json", "{\"apiToken\":\"ot_pat_sentinel\"}");
    sandbox.save_config("{}");
    let script = "mount --bind host.json .config/opentrain/cli.json || exit 77
        $B auth logout && $B jobs list";
    let Some(out) = mounting(&sandbox, script) else {
        return;
    };
    out.stdout_has("Logged out: ").stderr_has("no API token");
    assert_eq!(
        fs::read_to_string(sandbox.home.join("host.json")).unwrap(),
        ""
    );
}

#[test]
fn only_regular_files_are_replaced_or_deleted() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.config().parent().unwrap()).unwrap();
    let pipe = sandbox.home.join("pipe");
    assert!(tool("mkfifo").arg(&pipe).status().unwrap().success());
    // Whoever may make a device may replace the system's: root gets one of its own.
    let mut device = sandbox.home.join("null");
    let made = tool("mknod").arg(&device).args(["c", "1", "3"]).output();
    if !made.unwrap().status.success() {
        device = "/dev/null".into();
    }
    for target in [&device, &pipe, &sandbox.home] {
        std::os::unix::fs::symlink(target, sandbox.config()).unwrap();
        for words in [&["auth", "register", "--force"][..], &["auth", "logout"]] {
            sandbox
                .run(words)
                .fails()
                .stderr_has("it is not a regular file")
                .hides("--force");
        }
        assert!(
            target.exists() && sandbox.config().is_symlink(),
            "{target:?}"
        );
        fs::remove_file(sandbox.config()).unwrap();
    }
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn what_root_saves_for_a_user_stays_that_users() {
    use std::os::unix::fs::{MetadataExt, chown};
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    sandbox.save_config("{\"apiToken\":\"ot_pat_old\"}");
    if let Err(e) = chown(sandbox.config(), Some(65_533), Some(65_532)) {
        eprintln!("only root can give a file away: {e}");
        return;
    }
    let owner = || {
        let file = fs::metadata(sandbox.config()).unwrap();
        (file.uid(), file.gid(), file.mode() & 0o777)
    };
    sandbox.run(&["auth", "login", "--api-key", &token]).ok();
    assert_eq!(owner(), (65_533, 65_532, 0o600));
    // A new file belongs to the folder's owner, who would otherwise be locked out of it.
    fs::remove_file(sandbox.config()).unwrap();
    chown(
        sandbox.config().parent().unwrap(),
        Some(65_533),
        Some(65_532),
    )
    .unwrap();
    sandbox.run(&["auth", "login", "--api-key", &token]).ok();
    assert_eq!(owner(), (65_533, 65_532, 0o600));
}

#[test]
fn logging_out_sweeps_what_killed_calls_left_and_nothing_of_a_running_one() {
    let sandbox = Sandbox::new();
    let (held, let_go) = crate::fake::Fault::held();
    sandbox.fake.script("POST /api/agent/identity", [held]);
    let running = sandbox.start(&["auth", "register"]);
    crate::harness::until("a request", || !sandbox.fake.requests().is_empty());
    // As new as it can be, and as old; age says nothing about one that is in use.
    let folder = sandbox.config().parent().unwrap().to_owned();
    let in_use = sandbox.config_files();
    assert_eq!(in_use.len(), 1, "{in_use:?}");
    fs::write(folder.join(".cli.json.1.1.tmp"), "ot_pat_left").unwrap();
    fs::write(folder.join(".cli.json.2.2.tmp"), "ot_pat_left").unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH;
    let times = fs::FileTimes::new().set_modified(old);
    for name in [".cli.json.2.2.tmp", &in_use[0]] {
        let file = fs::File::options().write(true).open(folder.join(name));
        file.unwrap().set_times(times).unwrap();
    }
    // Another program's are not ours to remove.
    fs::write(folder.join(".cli.json.swp"), "").unwrap();
    fs::write(folder.join("other.tmp"), "").unwrap();
    sandbox.run(&["auth", "logout"]).ok();
    let left = sandbox.config_files();
    assert_eq!(left, [in_use[0].as_str(), ".cli.json.swp", "other.tmp"]);
    let_go.store(true, Ordering::SeqCst);
    Out::of(running).ok();
    assert_eq!(
        sandbox.config_files(),
        [".cli.json.swp", "cli.json", "other.tmp"]
    );
    sandbox.run(&["whoami"]).ok();
}

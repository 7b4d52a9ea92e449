//! Every example of the README is run as it is printed, in order, and prints what is printed
//! there. `BLESS=1 make test` writes the present output into the README.

use std::fs;
use std::os::unix::fs::symlink;

use crate::harness::{BINARY, Sandbox};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// What differs from run to run, with what the README shows instead.
fn settled(text: &str, sandbox: &Sandbox) -> String {
    text.replace(&sandbox.fake.url, "https://app.opentrain.ai")
        .replace(&sandbox.home.display().to_string(), "/home/kim")
}

/// The README with the output of each command of its `console` blocks replaced by the real one.
fn performed(readme: &str, sandbox: &Sandbox) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in readme.lines() {
        match (inside, line) {
            (false, _) => inside = line == "```console",
            (true, "```") => inside = false,
            (true, _) => {
                let Some(command) = line.strip_prefix("$ ") else {
                    continue;
                };
                out.push_str(&format!("{line}\n"));
                let script = format!("PATH=$PWD/bin:$PATH\n{command}");
                let run = sandbox.shell(&script);
                assert_eq!(run.status, Some(0), "{command}: {run:#?}");
                out.push_str(&settled(&format!("{}{}", run.stdout, run.stderr), sandbox));
                continue;
            }
        }
        out.push_str(&format!("{line}\n"));
    }
    out
}

#[test]
fn every_example_prints_what_the_readme_says() {
    let sandbox = Sandbox::new();
    sandbox.fake.change(|s| s.confirm_by_itself = true);
    fs::create_dir(sandbox.home.join("bin")).unwrap();
    symlink(BINARY, sandbox.home.join("bin/opentrain")).unwrap();
    sandbox.file(
        "job.txt",
        "Draw boxes around zebras in 1,200 photos. We pay $0.05 per label.\n",
    );
    sandbox.file(
        "rows.jsonl",
        "{\"prompt\": \"Longest river?\", \"response\": \"teh Nile\"}\n{\"prompt\": \"2 + 2?\", \"response\": \"5, a wrong sum\"}\n",
    );
    let readme = fs::read_to_string(README).unwrap();
    let performed = performed(&readme, &sandbox);
    if std::env::var_os("BLESS").is_some() {
        fs::write(README, &performed).unwrap();
    } else if performed != readme {
        let wrong = performed.lines().zip(readme.lines()).find(|(a, b)| a != b);
        panic!("the README says otherwise: {wrong:#?}");
    }
}

//! The fake OpenTrain as a program of its own: the server of `make demo`.
//!
//! It prints its URL and a token as a human would make it in the app, then serves until it is
//! killed. Its claim ceremony and its approvals confirm themselves after a few looks.

// The test suite uses more of the fake than this program does.
#[allow(dead_code)]
mod fake;

fn main() {
    let fake = fake::Fake::start();
    fake.change(|state| state.confirm_by_itself = true);
    println!("{} {}", fake.url, fake::state::APP_TOKEN);
    loop {
        std::thread::park();
    }
}

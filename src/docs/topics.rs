//! What is true of every command: the topics of `opentrain help <topic>` and the sections of
//! the manual's first page.

/// One topic. Its text is paragraphs, and entries of a name and what it means.
pub struct Topic {
    /// The word after `opentrain help`.
    pub name: &'static str,
    /// Heading of its section in the manual.
    pub heading: &'static str,
    /// In a few words.
    pub summary: &'static str,
    /// Its text.
    pub parts: &'static [Part],
}

/// A piece of a topic.
pub enum Part {
    /// A paragraph.
    Text(&'static str),
    /// A name and what it means.
    Entry(&'static str, &'static str),
}

use Part::{Entry, Text};

/// All topics.
pub const TOPICS: &[Topic] = &[
    Topic {
        name: "environment",
        heading: "ENVIRONMENT",
        summary: "variables that are read",
        parts: &[
            Text(
                "An empty variable counts as unset. A variable wins over the credentials file, a flag over both.",
            ),
            Entry(
                "OT_API_TOKEN, OPENTRAIN_API_TOKEN",
                "The API token; the first that is set. With it no home folder and no file is needed.",
            ),
            Entry(
                "OT_API_BASE_URL, OPENTRAIN_API_BASE_URL",
                "The server, instead of https://app.opentrain.ai.",
            ),
            Entry(
                "XDG_CONFIG_HOME",
                "Folder of configuration files, instead of ~/.config.",
            ),
            Entry("HOME", "The home folder, when XDG_CONFIG_HOME is not set."),
        ],
    },
    Topic {
        name: "exit-status",
        heading: "EXIT STATUS",
        summary: "what the exit status says",
        parts: &[
            Entry(
                "0",
                "Success. A claim that is still pending is one, unless --wait ran out of time. A reader that closes the pipe early is none of our errors.",
            ),
            Entry(
                "1",
                "Any error: of the command line, of this machine, of the connection, of the server. Standard output is then empty, and standard error says what to do.",
            ),
        ],
    },
    Topic {
        name: "output",
        heading: "OUTPUT",
        summary: "what goes to which stream",
        parts: &[
            Text(
                "Standard output holds the result and nothing else: a summary for people, or with --json the API's own reply, indented by two spaces, with the same keys in the same order and the same digits. The auth commands print a structured result without secrets.",
            ),
            Text(
                "Standard error holds errors, hints, notes and waiting. An error of the API is `OpenTrain API request failed (<status> <code>): <message>`, then `Details:` with the error's details as one line of JSON, `Request id:`, and `Hint:` with what to do. A mistake on the command line begins with `Usage error:`; nothing was sent. Other errors begin with `Error:`, and say whether anything was sent.",
            ),
            Text(
                "Control characters in a server's words are shown as escapes, and tokens in them are masked. In lists ids come first and are never cut; `Next page:` gives the command for the rest.",
            ),
        ],
    },
    Topic {
        name: "proxies",
        heading: "PROXIES AND CERTIFICATES",
        summary: "how the server is reached",
        parts: &[Text("No proxy is used.")],
    },
];

//! What is true of every command: the topics of `opentrain help <topic>` and the sections of
//! the manual's first page.

/// One topic. Its text is paragraphs, and entries of a name and what it means.
pub(super) struct Topic {
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
pub(super) enum Part {
    /// A paragraph.
    Text(&'static str),
    /// A name and what it means.
    Entry(&'static str, &'static str),
}

use Part::{Entry, Text};

/// All topics.
pub(super) const TOPICS: &[Topic] = &[
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
            Entry(
                "OT_VERBOSE",
                "Anything but 0 traces the calls, as --verbose does.",
            ),
            Entry(
                "https_proxy, http_proxy, all_proxy, no_proxy",
                "The proxy; see `opentrain help proxies`.",
            ),
            Entry(
                "SSL_CERT_FILE, NODE_EXTRA_CA_CERTS",
                "Certificates to trust; see `opentrain help proxies`.",
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
                "Success. A claim that is still pending is one, unless --wait ran out of time. A reader that closes the pipe early is not an error.",
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
        parts: &[
            Text(
                "The proxy is named by the first of these that is set: for https https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY; for http http_proxy (lower case only), all_proxy, ALL_PROXY. It is a URL such as http://user:password@proxy.example:3128 or socks5://proxy.example:1080. An invalid value is an error; a call never goes direct instead.",
            ),
            Entry(
                "no_proxy, NO_PROXY",
                "Hosts to reach directly, separated by commas: names (which cover what is below them, with or without a leading dot), addresses, ranges such as 10.0.0.0/8, each with a port if need be, or * for all.",
            ),
            Entry(
                "SSL_CERT_FILE",
                "A PEM file of certificates to trust instead of the built-in roots.",
            ),
            Entry(
                "NODE_EXTRA_CA_CERTS",
                "A PEM file of certificates to trust as well, as with the Node package: when a server's issuer is not known, nothing was sent, and the call is tried once more with these.",
            ),
            Text(
                "A file that is missing or holds no certificate is an error. Certificates are read only for https.",
            ),
        ],
    },
];

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
    /// Every command of the API with what it cannot be called without, a line each.
    Commands,
}

use Part::{Commands, Entry, Text};

/// All topics.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "agents",
        heading: "AGENTS",
        summary: "what a coding agent has to know, on one page",
        parts: &[
            Text(
                "Set OT_API_TOKEN, or register: no human is needed for that. Pass --json and --json-errors. Exit status 0 is success; on 1 the last line of standard error is the error as JSON. --get <path> takes one value of a reply, --all a whole list, --dry-run shows a write without sending it.",
            ),
            Text(
                "From nothing to a contract: auth register; jobs draft create; answer what is missing with jobs draft update until validation.publishReady is true; jobs publish; auth claim and auth claim-status --wait, which hiring, messages and invites wait for; proposals list, proposals get; proposals hire --wait; contracts get; milestones fund --wait, milestones approve --wait.",
            ),
            Text("Relay to your human, word for word:"),
            Entry(
                "missingFields[].prompt",
                "A question about the draft. The answer is theirs, not yours.",
            ),
            Entry(
                "verification_uri, user_code",
                "Of auth claim: where they sign in, with the address that you gave, and the code.",
            ),
            Entry(
                "approval.approvalUrl",
                "Of hire, fund, approve, end: money moves only when they confirm there.",
            ),
            Entry("checkoutUrl", "Of credits top-up: where they pay."),
            Text(
                "Waiting: --wait prints the URL first (with --json as a note), then waits 30 minutes unless --timeout says otherwise. If it is cut short, the error has the command that continues it. Do not loop yourself. `updates watch --cursor-file <path>` follows what happens; if it is killed and restarted, no event is lost, though the last ones may repeat.",
            ),
            Entry(
                "class of an error",
                "usage: fix the words. local: this machine, or a wait ran out of time. never_sent: no connection. outcome_unknown: no complete answer. auth, not_found, conflict, rate_limited, server, refused: the server's. unmet: the answer was printed, but a human declined, the approval expired, or --fail-on found a verdict.",
            ),
            Entry(
                "retry",
                "yes: the same command again is safe and may succeed, after retryAfterSeconds. no: it would fail the same way. check: it may do a thing twice; check first, with the given commands.",
            ),
            Text(
                "Each command with its required arguments; `<command> --help --json` has the rest:",
            ),
            Commands,
        ],
    },
    Topic {
        name: "environment",
        heading: "ENVIRONMENT",
        summary: "variables that are read",
        parts: &[
            Text(
                "An empty variable counts as unset. A variable wins over the credentials file, a flag over both; see `opentrain help credentials`.",
            ),
            Entry(
                "OT_API_TOKEN, OPENTRAIN_API_TOKEN",
                "The API token; the first that is set. With it, neither a home folder nor a file is needed.",
            ),
            Entry(
                "OPENTRAIN_PERSONAL_API_TOKEN",
                "The same for `opentrain mcp` alone, before the other two: the official MCP server reads it.",
            ),
            Entry(
                "OT_API_BASE_URL, OPENTRAIN_API_BASE_URL",
                "The server, instead of https://app.opentrain.ai.",
            ),
            Entry(
                "XDG_CONFIG_HOME",
                "Folder of configuration files, instead of ~/.config. For several accounts, use a folder for each: `XDG_CONFIG_HOME=$HOME/accounts/lab opentrain jobs list`.",
            ),
            Entry(
                "OT_VERBOSE",
                "Anything but 0 traces the calls, as --verbose does.",
            ),
            Entry(
                "OT_JSON_ERRORS",
                "Anything but 0 prints errors as JSON, as --json-errors does; see `opentrain help errors`.",
            ),
            Entry(
                "https_proxy, http_proxy, all_proxy, no_proxy",
                "The proxy; see `opentrain help proxies`.",
            ),
            Entry(
                "SSL_CERT_FILE, SSL_CERT_DIR, NODE_EXTRA_CA_CERTS",
                "Certificates to trust; see `opentrain help proxies`.",
            ),
            Entry(
                "NO_COLOR, CLICOLOR, TERM",
                "No colours when NO_COLOR is set, CLICOLOR is 0, or TERM is empty or dumb. --color overrides this.",
            ),
            Entry("HOME", "The home folder, when XDG_CONFIG_HOME is not set."),
        ],
    },
    Topic {
        name: "credentials",
        heading: "CREDENTIALS",
        summary: "where tokens are kept, and where they go",
        parts: &[
            Text(
                "Credentials are kept in ${XDG_CONFIG_HOME:-~/.config}/opentrain/cli.json, readable by you alone: apiToken, baseUrl (the server that gave the token) and, between registration and a finished claim, claimToken. The Node package and its MCP server use the same file; keys that are not known here are kept. `opentrain auth logout` deletes it. To use several accounts, give each a folder of its own in XDG_CONFIG_HOME.",
            ),
            Entry(
                "API token",
                "The first of these that is set: --api-key (auth login only), OPENTRAIN_PERSONAL_API_TOKEN (mcp only), OT_API_TOKEN, OPENTRAIN_API_TOKEN, the file. With a token in the environment, neither a home folder nor a writable disk is needed.",
            ),
            Entry(
                "Base URL",
                "The first of these that is set: --base-url, OT_API_BASE_URL, OPENTRAIN_API_BASE_URL, the file, https://app.opentrain.ai.",
            ),
            Entry(
                "Where a token goes",
                "Only over https, or to this machine itself: a loopback address, localhost and names below it, which are not looked up. When a flag or a variable sends a saved token to a server other than the one that gave it, a note says so before it goes. auth login to another server removes the claim token of the old one.",
            ),
            Entry(
                "Secrets that are shown once",
                "A place for them is secured before they are requested: on disk (auth register, a finished claim, tokens create --save), or a reader of standard output (webhooks create, tokens create). If saving or printing still fails, the secret is printed on standard error, with what to do.",
            ),
            Entry(
                "The file",
                "It is never half-written: a save writes a private temporary file, syncs it and renames it, under a lock. The file may be a link, or mounted on its own (then it is overwritten), and it keeps its owner when root saves. Only a regular file is replaced or deleted. A file that belongs to another user gets a warning.",
            ),
        ],
    },
    Topic {
        name: "exit-status",
        heading: "EXIT STATUS",
        summary: "what the exit status says",
        parts: &[
            Entry(
                "0",
                "Success. A pending claim counts as success, unless --wait ran out of time. A reader that closes the pipe early is not an error.",
            ),
            Entry(
                "1",
                "Any error: of the command line, of this machine, of the connection, of the server; and an answer with a verdict that --fail-on names. Standard error says which.",
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
            Entry(
                "--get <path>",
                "One value of the reply instead: `jobId`, `job.id`, `jobs[0].id`, or `jobs[].id` for one of each, a line each. Several are columns, separated by tabs. A string is printed as its text, raw in a pipe; under [] and in columns a line break or tab in it as \\n, \\r, \\t; anything else as compact JSON. A value that is absent or null is an error, but under [] it is an empty value.",
            ),
            Entry(
                "--jsonl",
                "The elements of a list, each as compact JSON on a line.",
            ),
            Entry(
                "--all",
                "The list to its end, page by page over one connection, in any of these forms; with --json as one document. --limit is then the size of a page. If a page fails, what arrived has been printed, and the error has the command to continue.",
            ),
            Entry(
                "--dry-run",
                "The request that a write would send, as JSON with its token left out; nothing is sent.",
            ),
            Text(
                "Standard error holds errors, hints, notes and waiting; see `opentrain help errors`. A list that has more pages says so there once, under --json, --jsonl and --get, unless --limit or --cursor was given.",
            ),
            Text(
                "The API's own body under --json, --jsonl and --get is never altered. In everything else secrets are masked, however they are spelled, and hidden characters are shown as escapes; on a terminal --get shows them so too. In lists ids come first and are never cut; `Next page:` gives the command for the rest.",
            ),
        ],
    },
    Topic {
        name: "errors",
        heading: "ERRORS",
        summary: "what an error says, to people and to programs",
        parts: &[
            Text(
                "An error of the API begins with `OpenTrain API request failed (<status> <code>): <message>`, where the code is one word, UNKNOWN when the server gave none. `Details:` with one line of JSON and `Request id:` follow when the server sent them. A mistake on the command line begins with `Usage error:`, and nothing was sent. Any other error begins with `Error:`. `Hint:` says what to do, where that is known.",
            ),
            Text(
                "With --json-errors, wherever it stands and even if the other words are wrong, or with OT_JSON_ERRORS=1, each note is a line {\"note\": ...}, and the error is the last line, one object. Keys that do not apply are absent:",
            ),
            Entry(
                "message, status, code, requestId, details",
                "What the lines above say; details as JSON.",
            ),
            Entry("reason", "The reason in the details."),
            Entry(
                "class",
                "usage (the command line), local (this machine; a wait that ran out of time), unmet (the answer was printed, but is not what was hoped for: a human declined, an approval expired, or --fail-on found a verdict), never_sent (no connection), outcome_unknown (no complete answer); of the server: auth (401, 403), not_found (404, 410), conflict (409), rate_limited (429), server (408, 500 and above), refused (any other).",
            ),
            Entry(
                "effect",
                "What the call changed on the server: none, or unknown. Absent when it was carried out.",
            ),
            Entry(
                "retry",
                "Whether to run the same command again. no: it would fail the same way. yes: it cannot do a thing twice, and may succeed. check: it may do a thing twice; check first.",
            ),
            Entry(
                "retryAfterSeconds",
                "How long the server says to wait before that.",
            ),
            Entry(
                "hint, commands",
                "What to do, and those of its commands that can be run as they are.",
            ),
        ],
    },
    Topic {
        name: "reliability",
        heading: "RELIABILITY",
        summary: "what holds when the server, the network or this machine fails",
        parts: &[
            Entry(
                "Reads",
                "Tried up to three times, after 0.5 and 1 second, on 502, 503, 504 and faults of the connection. A 429 or 503 that says how long to wait (Retry-After, in seconds or as a date) is waited for when that is at most 30 seconds and an attempt is left; otherwise the error says how long.",
            ),
            Entry(
                "Writes",
                "Repeated only if no byte of the request left for the server, so a write is never sent twice. An error says `nothing was sent` when that is known. When the answer was lost, cut or garbled, or was a 408, 500, 502 to 504 or 52x, it says that the effect is unknown, and how to check.",
            ),
            Entry(
                "Time",
                "A call ends after 30 seconds (jobs publish and proposals hire: 120), whatever the server or a proxy does: stall, drip, cut or garble. A wait that the server asks for comes on top. With several addresses, a dead one costs a quarter of a second.",
            ),
            Entry(
                "Size",
                "A reply of more than 64 MiB is refused, and none costs more memory than a few times its size. Files are read up to their documented length, or else 64 MiB.",
            ),
            Entry(
                "Hosts",
                "Only the API's host and the proxy are contacted. Redirects are not followed. Names are resolved through /etc/hosts and DNS.",
            ),
            Entry(
                "Server text",
                "No reply, however malformed, ends the program, hides what came, or moves the cursor. Words of the server are quoted in every command that is printed, so that sh, bash, zsh and fish all read it the same way.",
            ),
            Entry(
                "Ctrl-C",
                "Ends the program as usual. As process 1 of a container it has no effect, as with any program that does not ask for the signal: use `docker run --init`.",
            ),
        ],
    },
    Topic {
        name: "command-list",
        heading: "COMMAND LIST",
        summary: "the keys of `help --json`",
        parts: &[
            Text(
                "`opentrain help --json` is the table of commands, each on a line; with words (`help jobs --json`, `jobs list --help --json`) it is that part of it. What is absent, empty or false is left out.",
            ),
            Entry(
                "The document",
                "version, more (where to read on), pathsBelow (what every path begins with), timeoutSeconds (of a call, unless the command has its own), topics, globalFlags, sharedFlags (flags of several commands), commands.",
            ),
            Entry(
                "A command",
                "name, alias, summary, bareWords (the placeholder of words that it takes besides flags), flags (each whole, or the name of a shared one), exactlyOneOf (flags of which one is required), endpoint (method and path), token (false when none is sent), scope, feature, claimedAccount, also (the flag that asks for a further endpoint), list (the key of the array in the reply), timeoutSeconds. With words also about, tool (its MCP tool, without opentrain_), ifAnswerLost (what to do then), examples.",
            ),
            Entry(
                "A flag",
                "name, aliases, value (its placeholder; a switch has none), type, help, required, repeats, bareWord (its value may stand without the flag), values (a closed set), known (a set that the server may extend), default, minimum, maximum, maxLength, fields (what it can set, by name and type, or the flag that lists them).",
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
                "Hosts to reach directly, separated by commas or blanks: names (which cover what is below them, with or without a dot in front), addresses, ranges such as 10.0.0.0/8, each with a port if need be, or * for all.",
            ),
            Entry(
                "SSL_CERT_FILE",
                "A PEM file of certificates to trust instead of the built-in roots.",
            ),
            Entry(
                "SSL_CERT_DIR",
                "Folders of such files, separated by colons, to trust instead of the built-in roots; with SSL_CERT_FILE they are tried after it.",
            ),
            Entry(
                "NODE_EXTRA_CA_CERTS",
                "A PEM file of certificates to trust as well, as with the Node package: when a server's issuer is not known, nothing was sent, and the call is tried once more with these.",
            ),
            Text(
                "A file or folder that contains no certificate is an error. Certificates are read only for https.",
            ),
        ],
    },
];

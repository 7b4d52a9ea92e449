//! What a command calls, and what the documentation says that it needs.

/// The endpoint behind a command, with what the documentation says that it needs.
/// The server decides; the client never blocks a call beforehand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    /// HTTP method.
    pub method: &'static str,
    /// What all paths of its kind begin with.
    pub prefix: &'static str,
    /// Path after the prefix; `{job-id}` stands for the value of the flag `--job-id`.
    pub path: &'static str,
    /// Who has to vouch for the call.
    pub auth: Auth,
    /// Feature flag that must be on for the account.
    pub feature: Option<&'static str>,
    /// Whether the account must have been claimed by a human.
    pub claimed: bool,
}

/// Who vouches for a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Auth {
    /// Nobody: the call is public and carries no token.
    Tokenless,
    /// No bearer token, but a secret in the body or in the reply.
    Body,
    /// A bearer token with this scope; an empty scope means any valid token.
    Bearer(&'static str),
}

impl Endpoint {
    /// An endpoint under a prefix, for any valid token.
    pub(crate) const fn new(
        method: &'static str,
        prefix: &'static str,
        path: &'static str,
    ) -> Self {
        Endpoint {
            method,
            prefix,
            path,
            auth: Auth::Bearer(""),
            feature: None,
            claimed: false,
        }
    }

    /// It needs no API token, but its bodies carry secrets.
    pub(crate) const fn secret_body(mut self) -> Self {
        self.auth = Auth::Body;
        self
    }

    /// It needs a token with this scope.
    pub(crate) const fn scope(mut self, scope: &'static str) -> Self {
        self.auth = Auth::Bearer(scope);
        self
    }

    /// It needs no token.
    pub(crate) const fn tokenless(mut self) -> Self {
        self.auth = Auth::Tokenless;
        self
    }

    /// It needs this feature to be on.
    pub(crate) const fn feature(mut self, feature: &'static str) -> Self {
        self.feature = Some(feature);
        self
    }

    /// It needs a claimed account.
    pub(crate) const fn claimed(mut self) -> Self {
        self.claimed = true;
        self
    }

    /// Whether it changes anything on the server.
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// What the documentation says that it needs, in words.
    pub(crate) fn needs(&self) -> Vec<String> {
        let mut needs = vec![match self.auth {
            Auth::Tokenless => "no token".to_owned(),
            Auth::Body => "no API token".to_owned(),
            Auth::Bearer("") => "any valid token".to_owned(),
            Auth::Bearer(scope) => format!("a token with the scope {scope}"),
        }];
        needs.extend(self.feature.map(|f| format!("the feature {f}")));
        needs.extend(self.claimed.then(|| "a claimed account".to_owned()));
        needs
    }
}

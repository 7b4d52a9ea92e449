//! Completions. The scripts are small: they ask `opentrain complete` what could follow, so all
//! three shells offer the same, and an old script knows a new command.

use super::topics::TOPICS;
use crate::cli::{Command, Flag, GLOBAL_FLAGS, Kind, Rest, Table, find_command};

/// The shells that have a script.
pub(crate) const SHELLS: &[&str] = &["bash", "zsh", "fish"];

const BASH: &str = r#"# bash completion of opentrain
_opentrain() {
    local program=${COMP_WORDS[0]} typed=${COMP_WORDS[COMP_CWORD]} found line
    local -a words=("${COMP_WORDS[@]:1:COMP_CWORD}") alias
    # As typed: an alias, perhaps of more words, or a path with ~ or a variable in front.
    if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then
        IFS=$' \t\n' read -ra alias <<< "${BASH_ALIASES[$program]}"
    fi
    while [[ ${alias[0]} == *=* ]]; do alias=("${alias[@]:1}"); done
    if [[ ${#alias[@]} -gt 0 ]]; then
        program=${alias[0]} words=("${alias[@]:1}" "${words[@]}")
    fi
    program=${program//[\"\'\\]/}
    program=${program/#\~\//$HOME/}
    if [[ $program =~ ^\$\{?([A-Za-z_][A-Za-z_0-9]*)\}?(/.*)?$ ]]; then
        program=${!BASH_REMATCH[1]}${BASH_REMATCH[2]}
    fi
    type -P -- "$program" > /dev/null || program=opentrain
    COMPREPLY=()
    found=$("$program" complete -- "${words[@]}" 2> /dev/null) || return
    if [[ $found == :files ]]; then
        compopt -o filenames 2> /dev/null
        typed=${typed#=}
        found=$(compgen -f -- "${typed//[\"\'\\]/}")
    fi
    while IFS= read -r line; do
        [[ -n $line ]] && COMPREPLY+=("${line%%$'\t'*}")
    done <<< "$found"
}
complete -F _opentrain opentrain
# An alias that is made after this needs the same line.
if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then
    for _opentrain_alias in "${!BASH_ALIASES[@]}"; do
        [[ " ${BASH_ALIASES[$_opentrain_alias]} " == *[\ /]opentrain\ * ]] &&
            complete -F _opentrain "$_opentrain_alias"
    done
    unset _opentrain_alias
fi
"#;

const ZSH: &str = r#"#compdef opentrain
# zsh completion of opentrain
_opentrain() {
    local line program=${(Q)words[1]}
    local -a found values
    # As typed: a path with ~ or a variable in front.
    program=${program/#\~\//$HOME/}
    if [[ $program =~ '^\$\{?([A-Za-z_][A-Za-z_0-9]*)\}?(/.*)?$' ]]; then
        program=${(P)match[1]}${match[2]}
    fi
    whence -p -- "$program" > /dev/null || program=opentrain
    found=("${(@f)$("$program" complete -- "${(@)words[2,CURRENT]}" 2> /dev/null)}")
    if [[ $found[1] == ':files' ]]; then
        compset -P '--*='
        _files
        return
    fi
    for line in $found; do
        [[ -n $line ]] && values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe opentrain values
}
if [[ $funcstack[1] == _opentrain ]]; then
    _opentrain "$@"
else
    compdef _opentrain opentrain
fi
"#;

const FISH: &str = r#"# fish completion of opentrain
function __opentrain_complete
    set -l words (commandline -opc) (commandline -ct)
    # As typed: after assignments, a path with ~ or a variable in front.
    while string match -q -r '^[A-Za-z_][A-Za-z_0-9]*=' -- $words[1]
        set -e words[1]
    end
    set -l program (string replace -r '^~/' "$HOME/" -- (string unescape -- $words[1]))
    set -l named (string match -r '^\$\{?([A-Za-z_][A-Za-z_0-9]*)\}?(/.*)?$' -- $program)
    and set -l variable $named[2]
    and set program (string join '' -- $$variable $named[3])
    type -q -- $program; or set program opentrain
    set -l found ($program complete -- $words[2..-1] 2> /dev/null)
    if test "$found[1]" = :files
        # As after a command that is not known, so that fish itself takes quotes apart.
        complete -C "'' "(string replace -r '^--[^=]*=' '' -- (commandline -ct) | string collect)
    else
        printf '%s\n' $found
    end
end
complete -c opentrain -f -a '(__opentrain_complete)'
"#;

/// The script of a shell; the parser has checked its name.
pub(crate) fn script(words: &[String]) -> &'static str {
    match words.first().map(String::as_str) {
        Some("bash") => BASH,
        Some("zsh") => ZSH,
        _ => FISH,
    }
}

/// What could follow: one candidate per line, its description after a tab. The last word is the one
/// being typed. `:files` alone means that a file name is expected.
pub(crate) fn complete(table: Table, words: &[String]) -> String {
    let Some((current, before)) = words.split_last() else {
        return String::new();
    };
    let line = Line::read(table, before);
    let candidates = match line.pending {
        // bash splits `--flag=va` at the equals sign.
        Some(flag) => values(flag, current.trim_start_matches('='), ""),
        None => match current
            .split_once('=')
            .filter(|_| current.starts_with("--"))
        {
            Some((name, value)) => {
                let flag = line
                    .flags()
                    .find(|f| f.is_named(name.trim_start_matches('-')));
                flag.map_or(Vec::new(), |f| values(f, value, &format!("{name}=")))
            }
            None => line.next(table, current),
        },
    };
    let mut out = String::new();
    for (word, description) in candidates {
        out.push_str(format!("{word}\t{description}").trim_end());
        out.push('\n');
    }
    out
}

type Candidates = Vec<(String, &'static str)>;

/// The values of a flag that begin with what is typed.
fn values(flag: &Flag, typed: &str, prefix: &str) -> Candidates {
    match flag.kind {
        Kind::File => vec![(":files".into(), "")],
        Kind::Choice(values) => fitting(values, typed, prefix),
        // The last item of a list that is being typed.
        Kind::List | Kind::Choices(_) => {
            let values = match flag.kind {
                Kind::Choices(values) => values,
                _ => flag.known,
            };
            match typed.rsplit_once(',') {
                Some((before, typed)) => fitting(values, typed, &format!("{prefix}{before},")),
                None => fitting(values, typed, prefix),
            }
        }
        Kind::Field => {
            let names = flag.fields.iter().filter(|f| f.name.starts_with(typed));
            names
                .map(|f| (format!("{prefix}{}=", f.name), f.kind))
                .collect()
        }
        _ => fitting(flag.known, typed, prefix),
    }
}

fn fitting(values: &[&str], typed: &str, prefix: &str) -> Candidates {
    let fit = values.iter().filter(|v| v.starts_with(typed));
    fit.map(|v| (format!("{prefix}{v}"), "")).collect()
}

/// What the words before the current one say.
#[derive(Default)]
struct Line {
    command: Option<&'static Command>,
    /// Words of the command so far, or bare words after it.
    words: Vec<String>,
    given: Vec<&'static str>,
    /// A flag whose value is being typed.
    pending: Option<&'static Flag>,
}

impl Line {
    fn read(table: Table, before: &[String]) -> Self {
        let mut line = Line::default();
        for word in before {
            if line.pending.is_some() {
                // The equals sign that bash made a word is not yet the value.
                line.pending = line.pending.filter(|_| word == "=");
            } else if let Some(name) = word.strip_prefix("--") {
                let (name, attached) = name
                    .split_once('=')
                    .map_or((name, false), |(n, _)| (n, true));
                let flag = line.flags().find(|f| f.is_named(name));
                line.given.extend(flag.map(|f| f.name));
                line.pending = flag.filter(|f| f.takes_value() && !attached);
            } else {
                line.words.push(word.clone());
                if line.command.is_none() {
                    line.command = find_command(table, &line.words);
                    if line.command.is_some() {
                        line.words.clear();
                    }
                }
            }
        }
        line
    }

    fn flags(&self) -> impl Iterator<Item = &'static Flag> + use<> {
        self.command
            .into_iter()
            .flat_map(Command::all_flags)
            .chain(GLOBAL_FLAGS)
    }

    /// Words or flags that could follow.
    fn next(&self, table: Table, typed: &str) -> Candidates {
        let mut out: Candidates = match self.command {
            None => following(table, &self.words),
            Some(command) => match command.rest {
                Rest::Nothing => Vec::new(),
                Rest::OneOf(_, values) if self.words.is_empty() => {
                    values.iter().map(|v| ((*v).to_owned(), "")).collect()
                }
                Rest::OneOf(..) => Vec::new(),
                Rest::Namespace(_) if self.words.is_empty() => namespaces(table).collect(),
                Rest::Namespace(_) => Vec::new(),
                Rest::Words(_) => {
                    let topics = TOPICS.iter().filter(|_| self.words.is_empty());
                    let topics = topics.map(|t| (t.name.to_owned(), t.summary));
                    following(table, &self.words)
                        .into_iter()
                        .chain(topics)
                        .collect()
                }
            },
        };
        // Flags are offered where no word can follow, or once a dash is typed.
        if typed.starts_with('-') || out.is_empty() {
            out.extend(self.free_flags());
        }
        out.retain(|(word, _)| word.starts_with(typed));
        out
    }

    /// Flags that may still be given.
    fn free_flags(&self) -> Candidates {
        let given = |flag: &Flag| self.given.contains(&flag.name);
        let one_of = self.command.map_or(&[][..], |c| c.one_of);
        let chosen = one_of.iter().any(given);
        self.flags()
            .filter(|f| !given(f) || f.repeats)
            .filter(|f| !chosen || given(f) || !one_of.iter().any(|o| o.name == f.name))
            .map(|f| (format!("--{}", f.name), f.help))
            .collect()
    }
}

fn namespaces(table: Table) -> impl Iterator<Item = (String, &'static str)> {
    let named = table.iter().filter(|n| !n.name.is_empty());
    named.map(|n| (n.name.to_owned(), n.summary))
}

/// The words of the table that can follow these, each once.
fn following(table: Table, words: &[String]) -> Candidates {
    let mut out: Candidates = Vec::new();
    for namespace in table {
        for command in namespace.commands {
            let alias = command.alias.filter(|_| words.is_empty());
            let fits = command.words.iter().zip(words).all(|(a, b)| a == b);
            let next = command.words.get(words.len()).filter(|_| fits);
            // A word that completes a command stands for it, an earlier one for its namespace.
            let whole = command.words.len() == words.len() + 1;
            let description = match whole {
                true => command.summary,
                false => namespace.summary,
            };
            let found = [
                next.copied().map(|w| (w, description)),
                alias.map(|a| (a, command.summary)),
            ];
            for (word, description) in found.into_iter().flatten() {
                if !out.iter().any(|(w, _)| w == word) {
                    out.push((word.to_owned(), description));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::complete;
    use crate::commands::TABLE;

    /// The candidates without their descriptions.
    fn offered(line: &str) -> Vec<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let lines = complete(TABLE, &words);
        lines
            .lines()
            .map(|l| l.split('\t').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn words_of_the_table_are_offered() {
        assert_eq!(offered("jobs pu"), ["publish"]);
        assert_eq!(offered("jobs draft "), ["create", "update", "capabilities"]);
        assert_eq!(offered("who"), ["whoami"]);
        assert_eq!(offered("--json jobs cl"), ["close"]);
        assert_eq!(offered("completions "), ["bash", "zsh", "fish"]);
        assert_eq!(offered("help jobs pu"), ["publish"]);
        assert_eq!(offered("help env"), ["environment"]);
        assert_eq!(offered("man job"), ["jobs"]);
    }

    #[test]
    fn flags_are_offered_once() {
        assert_eq!(offered("jobs list --li"), ["--limit"]);
        assert!(offered("jobs list --limit 5 --li").is_empty());
        assert_eq!(offered("jobs draft update --set a=1 --se"), ["--set"]);
        assert!(offered("jobs draft update --set a=1 --patch").is_empty());
        assert!(offered("jobs publish ").contains(&"--job-id".to_owned()));
    }

    #[test]
    fn values_are_offered_in_every_way_of_writing_them() {
        let sets = ["all", "job", "proposal"];
        assert_eq!(offered("messages list --filter "), sets);
        assert_eq!(offered("messages list --filter = "), sets);
        assert_eq!(offered("messages list --filter = jo"), ["job"]);
        assert_eq!(offered("messages list --filter=jo"), ["--filter=job"]);
        assert_eq!(offered("jobs draft create --description-file "), [":files"]);
        assert!(offered("jobs list --cursor ").is_empty());
        assert_eq!(
            offered("verify batches results --fail-on REJECT,F"),
            ["REJECT,FIX"]
        );
    }
}

//! What a flag is: its name, what value it takes, and where the value goes in the request.

use crate::json::Path;
use crate::step::Argument;

/// One flag of one command. Shared flags (`--limit`, `--job-id`) are one constant used often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flag {
    /// Without the dashes, kebab-case.
    pub name: &'static str,
    /// Other documented names of the same flag.
    pub aliases: &'static [&'static str],
    /// What kind of value it takes.
    pub kind: Kind,
    /// Placeholder of the value in help, such as `<id>`; empty for a switch.
    pub metavar: &'static str,
    /// One sentence for help and the manual.
    pub help: &'static str,
    /// What applies when the flag is not given, in words, when that is worth saying.
    pub default: Option<&'static str>,
    /// Whether the command is refused without it.
    pub required: bool,
    /// Whether it may be given more than once.
    pub repeats: bool,
    /// Whether its value may also be given as a bare word after the command.
    pub positional: bool,
    /// The most characters that its value, or the file that it names, may have.
    pub longest: Option<usize>,
    /// The smallest number that the server takes, where it is not 1.
    pub least: Option<u32>,
    /// The largest number that the server takes.
    pub most: Option<u32>,
    /// Values that the documentation names. The server may know more, and it decides.
    pub known: &'static [&'static str],
    /// The fields that a `field=value` or an object can hold, in the same way.
    pub fields: &'static [Field],
    /// Where the value goes in the request.
    pub destination: Destination,
    /// Its name as an argument of a tool, where that is not the API's own name for it; empty
    /// where a tool does not take it.
    pub argument: Option<&'static str>,
}

/// The kinds of value. All are checked before anything is read or sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// No value: the flag is either there or not.
    Switch,
    /// Any non-empty text.
    Text,
    /// One segment of a path: not empty, not `.` or `..`, no control characters.
    Id,
    /// A secret, or `-` for standard input. No message repeats it.
    Secret,
    /// The path of a text file, or `-` for standard input.
    File,
    /// A whole number from 1.
    Count,
    /// A positive decimal, sent with the digits as typed.
    Amount,
    /// A path to a value of the reply.
    Path,
    /// An ISO 8601 date, with or without a time.
    Date,
    /// One of a closed set.
    Choice(&'static [&'static str]),
    /// A comma-separated list; blanks around the commas do not count.
    List,
    /// Such a list of a closed set.
    Choices(&'static [&'static str]),
    /// `field=value`.
    Field,
    /// JSON text: an object.
    Json,
    /// JSON text: an array of objects.
    Objects,
}

/// A field of a body, as the documentation names it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Field {
    /// Its key.
    pub name: &'static str,
    /// What it holds, in words; empty when that is not documented.
    pub kind: &'static str,
    /// The values that it takes, when they are known.
    pub values: &'static [&'static str],
}

impl Field {
    /// The kind of a field that holds text.
    pub(crate) const TEXT: &str = "text";

    /// A field of this kind.
    pub(crate) const fn new(name: &'static str, kind: &'static str) -> Self {
        let values = &[];
        Field { name, kind, values }
    }

    /// A field that takes one of these texts.
    pub(crate) const fn one_of(name: &'static str, values: &'static [&'static str]) -> Self {
        let kind = "one of";
        Field { name, kind, values }
    }
}

/// Where a flag's value goes when the request is built from the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Destination {
    /// The command's own code reads it, or the endpoint's path names it in braces.
    Own,
    /// A query parameter of this name.
    Query(&'static str),
    /// A key of this name in the JSON body.
    Body(&'static str),
}

impl Flag {
    /// A flag of the given kind.
    pub(crate) const fn new(
        name: &'static str,
        kind: Kind,
        metavar: &'static str,
        help: &'static str,
    ) -> Self {
        Flag {
            name,
            aliases: &[],
            kind,
            metavar,
            help,
            default: None,
            required: false,
            repeats: false,
            positional: false,
            longest: None,
            least: None,
            most: None,
            known: &[],
            fields: &[],
            destination: Destination::Own,
            argument: None,
        }
    }

    /// A flag without a value.
    pub(crate) const fn switch(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Switch, "", help)
    }

    /// A flag that takes any text.
    pub(crate) const fn text(
        name: &'static str,
        metavar: &'static str,
        help: &'static str,
    ) -> Self {
        Self::new(name, Kind::Text, metavar, help)
    }

    /// A flag that takes one of `values`.
    pub(crate) const fn choice(
        name: &'static str,
        metavar: &'static str,
        values: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self::new(name, Kind::Choice(values), metavar, help)
    }

    /// The id that a command is about: required, and also accepted as a bare word.
    pub(crate) const fn id(name: &'static str, metavar: &'static str, help: &'static str) -> Self {
        let mut flag = Self::new(name, Kind::Id, metavar, help).required();
        flag.positional = true;
        flag
    }

    /// The command is refused without it.
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Its value has at most this many characters.
    pub(crate) const fn at_most(mut self, characters: usize) -> Self {
        self.longest = Some(characters);
        self
    }

    /// The server takes no smaller number.
    pub(crate) const fn from(mut self, least: u32) -> Self {
        self.least = Some(least);
        self
    }

    /// The server takes no larger number.
    pub(crate) const fn up_to(mut self, most: u32) -> Self {
        self.most = Some(most);
        self
    }

    /// The documentation names these values.
    pub(crate) const fn known(mut self, values: &'static [&'static str]) -> Self {
        self.known = values;
        self
    }

    /// The documentation names these fields.
    pub(crate) const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.fields = fields;
        self
    }

    /// It may be given more than once.
    pub(crate) const fn repeats(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Other names for the same flag.
    pub(crate) const fn aliases(mut self, names: &'static [&'static str]) -> Self {
        self.aliases = names;
        self
    }

    /// What applies without it.
    pub(crate) const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    /// The value is the query parameter `name`.
    pub(crate) const fn query(mut self, name: &'static str) -> Self {
        self.destination = Destination::Query(name);
        self
    }

    /// The value is the key `name` of the JSON body.
    pub(crate) const fn body(mut self, name: &'static str) -> Self {
        self.destination = Destination::Body(name);
        self
    }

    /// It has this name as an argument of a tool.
    pub(crate) const fn argument(mut self, name: &'static str) -> Self {
        self.argument = Some(name);
        self
    }

    /// A tool does not take it: it is about the form of an answer, or about the process.
    pub(crate) const fn no_argument(self) -> Self {
        self.argument("")
    }

    /// Whether `name` is this flag's name or an alias of it.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Whether the flag takes a value.
    pub(crate) fn takes_value(&self) -> bool {
        self.kind != Kind::Switch
    }

    /// The flag with a value, for a next step.
    pub(crate) fn is(&self, value: impl Into<String>) -> Argument {
        Argument::Value(self.name, value.into())
    }

    /// The flag with a value that the reader has to fill in.
    pub(crate) fn blank(&self) -> Argument {
        Argument::Blank(self.name, self.metavar.into())
    }

    /// The same with a placeholder that says more.
    pub(crate) fn blank_like(&self, placeholder: String) -> Argument {
        Argument::Blank(self.name, placeholder.into())
    }

    /// The flag without a value.
    pub(crate) fn on(&self) -> Argument {
        Argument::Switch(self.name)
    }

    /// What is wrong with the length of a text, if anything.
    pub(crate) fn excess(&self, text: &str) -> Option<String> {
        let (longest, has) = (self.longest?, text.chars().count());
        (has > longest).then(|| format!("is longer than {longest} characters: it has {has}"))
    }

    /// Checks a value given on the command line. The error says what was expected; it names
    /// neither the flag nor, for a secret, the value.
    pub(crate) fn check(&self, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err("needs a value, not an empty one".into());
        }
        if let (Some(why), Kind::Text) = (self.excess(value), self.kind) {
            return Err(why);
        }
        let (ok, expected) = match self.kind {
            Kind::Switch | Kind::Text | Kind::Secret | Kind::File | Kind::Json | Kind::Objects => {
                return Ok(());
            }
            Kind::Choice(values) => (
                values.contains(&value),
                format!("must be one of {}, not `{value}`", values.join(", ")),
            ),
            Kind::Id => (
                !matches!(value, "." | "..") && !value.contains(char::is_control),
                format!(
                    "must be an id (not `.` or `..`, no control characters), not `{}`",
                    value.escape_debug()
                ),
            ),
            Kind::Count => (
                value.parse::<u32>().is_ok_and(|n| n > 0) && all_digits(value),
                format!("must be a whole number from 1, not `{value}`"),
            ),
            Kind::Amount => (
                is_amount(value),
                format!("must be a positive number such as 250 or 250.10, not `{value}`"),
            ),
            Kind::Path => (
                Path::parse(value).is_some(),
                format!(
                    "must be a path such as jobId, approval.id, jobs[0].id or jobs[].id, not `{value}`"
                ),
            ),
            Kind::Date => (
                is_date(value),
                format!("must be a date such as 2026-07-01 or 2026-07-01T09:30:00Z, not `{value}`"),
            ),
            Kind::List => (
                comma_separated(value).next().is_some(),
                "needs at least one name between its commas".into(),
            ),
            Kind::Choices(values) => {
                let other = comma_separated(value).find(|part| !values.contains(part));
                (
                    other.is_none() && comma_separated(value).next().is_some(),
                    format!(
                        "takes {}, not `{}`",
                        values.join(", "),
                        other.unwrap_or(value)
                    ),
                )
            }
            Kind::Field => (
                value.find('=').is_some_and(|at| at > 0),
                format!("takes field=value, not `{value}`"),
            ),
        };
        if ok { Ok(()) } else { Err(expected) }
    }
}

/// The parts of a [`Kind::List`].
pub(crate) fn comma_separated(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// `proposal-id` as the API writes it: `proposalId`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (n, part) in name.split('-').enumerate() {
        match part.chars().next() {
            Some(first) if n > 0 => {
                out.push(first.to_ascii_uppercase());
                out.push_str(&part[first.len_utf8()..]);
            }
            _ => out.push_str(part),
        }
    }
    out
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A positive decimal that is also a JSON number, so that its digits can be sent as typed:
/// no sign, no exponent, no leading zero before another digit.
fn is_amount(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    all_digits(whole)
        && all_digits(fraction)
        && (whole == "0" || !whole.starts_with('0'))
        && text.bytes().any(|b| matches!(b, b'1'..=b'9'))
}

/// A calendar day; after a `T`, hours and minutes, and optionally seconds with a fraction; then the
/// zone, `Z` or an offset such as `+02:00`.
fn is_date(text: &str) -> bool {
    let number = |text: &str, digits: usize, most: u32| {
        let number = text.parse().ok().filter(|n| all_digits(text) && *n <= most);
        number.filter(|_| text.len() == digits)
    };
    let day = |text: &str| {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let year: u32 = number(year, 4, 9999)?;
        let divides = |n| year.is_multiple_of(n);
        let leap = divides(4) && (!divides(100) || divides(400));
        let days = match number(month, 2, 12)? {
            0 => 0,
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        number(day, 2, days).filter(|day| *day > 0)
    };
    let time = |text: &str| {
        let zone = text.find(['Z', '+', '-'])?;
        let (time, zone) = text.split_at(zone);
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let mut parts = time.split(':');
        number(parts.next()?, 2, 23)?;
        number(parts.next()?, 2, 59)?;
        let seconds = parts.next().map_or(Some(0), |s| number(s, 2, 60));
        let zone = match zone.strip_prefix(['+', '-']) {
            Some(offset) => {
                let (hours, minutes) = offset.split_once(':')?;
                number(hours, 2, 14).and(number(minutes, 2, 59)).is_some()
            }
            None => zone == "Z",
        };
        (seconds.is_some() && parts.next().is_none() && all_digits(fraction) && zone).then_some(())
    };
    match text.split_once('T') {
        Some((date, rest)) => day(date).is_some() && time(rest).is_some(),
        None => day(text).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(kind: Kind, value: &str) -> bool {
        Flag::new("x", kind, "<x>", "").check(value).is_ok()
    }

    #[test]
    fn amounts_are_positive_decimals_with_json_digits() {
        for good in ["1", "250.10", "0.05", "10000", "0.50"] {
            assert!(accepts(Kind::Amount, good), "{good}");
        }
        for bad in [
            "0", "-1", "+1", "1e3", "007", ".5", "5.", "0.00", "1,000", "$5", "NaN", "",
        ] {
            assert!(!accepts(Kind::Amount, bad), "{bad}");
        }
    }

    #[test]
    fn ids_are_one_path_segment() {
        for good in ["job_77", "a/b", "é", "a b", "..."] {
            assert!(accepts(Kind::Id, good), "{good}");
        }
        for bad in ["", ".", "..", "a\nb", "a\u{7f}"] {
            assert!(!accepts(Kind::Id, bad), "{bad:?}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for good in [
            "2026-07-01",
            "2024-02-29",
            "2026-07-01T09:30Z",
            "2026-07-01T09:30:00Z",
            "2026-06-11T00:00:00.123Z",
            "2026-06-11T23:59:60+02:00",
            "2026-06-11T23:59-11:30",
        ] {
            assert!(accepts(Kind::Date, good), "{good}");
        }
        for bad in [
            "tomorrow",
            "2026",
            "2026-7-1",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2026-06-00",
            "01.07.2026",
            "2026-07-01 09:30",
            "2026-07-01T",
            "2026-07-01T09:30",
            "2026-07-01T24:00Z",
            "2026-07-01T09Z",
            "2026-07-01T09:30:00.Z",
            "2026-07-01T09:30:00:00Z",
            "2026-07-01T09:30Zx",
            "2026-07-01T09:30+2",
            "+026-07-01",
        ] {
            assert!(!accepts(Kind::Date, bad), "{bad}");
        }
    }

    #[test]
    fn counts_are_whole_numbers_from_1() {
        assert!(accepts(Kind::Count, "25"));
        for bad in ["0", "-1", "+5", "1.5", "ten", "99999999999"] {
            assert!(!accepts(Kind::Count, bad), "{bad}");
        }
    }

    #[test]
    fn lists_are_trimmed_and_not_empty() {
        assert_eq!(
            comma_separated(" a, b ,,c").collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
        assert!(!accepts(Kind::List, " , "));
        let set = Kind::Choices(&["a", "b"]);
        for (value, fits) in [("a", true), ("b, a", true), ("a,c", false), (",", false)] {
            assert_eq!(accepts(set, value), fits, "{value}");
        }
    }
}

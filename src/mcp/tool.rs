//! A tool: one or several commands, the arguments that their flags become, its description.
//!
//! All of it is read from the table, within the subset of JSON Schema that every client takes:
//! an object of described properties with plain types (tests/clients/MCP.md).

use super::names::{arguments, name_of};
use super::spell;
use crate::cli::{Command, Endpoint, Field, Flag, Kind, Repeat, TIMEOUT, Table};
use crate::json::{self, Object};

/// A tool.
pub(super) struct Tool {
    /// Its name, with the prefix.
    pub name: String,
    /// What it calls: the first of them whose required arguments are given.
    pub commands: Vec<&'static Command>,
    /// Whether it waits for what a human decides.
    pub waits: bool,
}

/// The longest that a tool waits, in seconds: clients give up after 60.
const LONGEST_WAIT: u32 = 50;
/// How long it waits unless told otherwise, in seconds.
pub(super) const USUAL_WAIT: u32 = 40;
/// The argument that says how long it waits.
pub(super) const SECONDS_NAME: &str = "timeoutSeconds";
const SECONDS: Flag = {
    let mut flag = TIMEOUT.up_to(LONGEST_WAIT);
    flag.help = "Seconds to wait, 40 unless given";
    flag.default = None;
    flag
};

/// The tools in the order of the table: all, or those that only read; of all namespaces, or of
/// these.
pub(super) fn offered(table: Table, read_only: bool, namespaces: &[String]) -> Vec<Tool> {
    let mut tools: Vec<Tool> = Vec::new();
    for namespace in table {
        if !namespaces.is_empty() && !namespaces.iter().any(|name| name == namespace.name) {
            continue;
        }
        let commands = namespace.commands.iter().copied();
        let commands = commands.filter(|command| !(read_only && writes(command)));
        for (command, waits) in commands.flat_map(|command| [(command, false), (command, true)]) {
            let Some(name) = name_of(command, waits) else {
                continue;
            };
            match tools.iter_mut().find(|tool| tool.name == name) {
                Some(tool) => tool.commands.push(command),
                None => tools.push(Tool {
                    name,
                    commands: vec![command],
                    waits,
                }),
            }
        }
    }
    tools
}

/// The namespaces that have tools.
pub(crate) fn namespaces(table: Table) -> impl Iterator<Item = &'static str> {
    let has_tools = table
        .iter()
        .filter(|n| n.commands.iter().any(|c| c.tool.is_some()));
    has_tools.map(|namespace| namespace.name)
}

fn writes(command: &Command) -> bool {
    let also = command.also.iter().map(|(_, endpoint)| endpoint);
    command.endpoint.iter().chain(also).any(Endpoint::writes)
}

/// Whether a command cannot be called without this argument. (Among flags of which exactly one is
/// required, at most one is an argument.)
pub(super) fn is_required(command: &Command, flag: &Flag) -> bool {
    flag.required || command.one_of.iter().any(|one| one.name == flag.name)
}

/// The list of tools, as JSON.
pub(super) fn listed(table: Table, tools: &[Tool]) -> String {
    let mut said = Said {
        table,
        sentences: Vec::new(),
        fields: Vec::new(),
    };
    let tools: Vec<String> = tools.iter().map(|tool| tool.listed(&mut said)).collect();
    format!("[{}]", tools.join(","))
}

/// What the list has said so far and does not repeat: a model reads all of it.
struct Said {
    table: Table,
    sentences: Vec<&'static str>,
    fields: Vec<(&'static [Field], String)>,
}

impl Said {
    fn is_new(&mut self, sentence: &'static str) -> bool {
        let is_new = !self.sentences.contains(&sentence);
        self.sentences.push(sentence);
        is_new
    }

    /// The tool where these fields are listed; `None` when it is this one.
    fn fields(&mut self, fields: &'static [Field], tool: &str) -> Option<String> {
        let known = self.fields.iter().find(|(known, _)| *known == fields);
        let known = known.map(|(_, tool)| tool.clone());
        if known.is_none() {
            self.fields.push((fields, tool.to_owned()));
        }
        known
    }
}

impl Tool {
    /// All arguments, each once.
    pub(super) fn arguments(&self) -> Vec<(String, &'static Flag)> {
        let mut all: Vec<(String, &Flag)> = Vec::new();
        for (name, flag) in self.commands.iter().flat_map(|command| arguments(command)) {
            if all.iter().all(|(known, _)| *known != name) {
                all.push((name, flag));
            }
        }
        all.extend(self.waits.then(|| (SECONDS_NAME.to_owned(), &SECONDS)));
        all
    }

    /// The arguments of one of its commands, with their flags.
    pub(super) fn arguments_of(
        &self,
        command: &Command,
    ) -> impl Iterator<Item = (String, &'static Flag)> {
        let seconds = self.waits.then(|| (SECONDS_NAME.to_owned(), &SECONDS));
        arguments(command).chain(seconds)
    }

    fn listed(&self, said: &mut Said) -> String {
        let mut tool = Object::default();
        tool.set("name", json::quote(&self.name));
        tool.set("description", json::quote(&self.description(said)));
        tool.set("inputSchema", self.schema(said));
        tool.set("annotations", self.annotations());
        tool.to_string()
    }

    /// What it does, the essentials first.
    fn description(&self, said: &mut Said) -> String {
        let mut text = String::new();
        for command in &self.commands {
            if !text.is_empty() {
                let with = arguments(command).find(|(_, flag)| is_required(command, flag));
                let with = with.map_or_else(String::new, |(name, _)| format!("With {name}: "));
                text.push_str(&format!(" {with}"));
            }
            text.push_str(&format!("{}.", command.summary));
            if self.waits {
                text.push_str(&format!(
                    " Waits up to {LONGEST_WAIT} s; still pending is not an error: call again."
                ));
            }
            for sentence in command.about.lines() {
                let told = spell::for_tools(said.table, command, sentence);
                if let Some(told) = told.filter(|_| said.is_new(sentence)) {
                    text.push_str(&format!(" {told}"));
                }
            }
        }
        text
    }

    fn schema(&self, said: &mut Said) -> String {
        let (mut properties, mut required) = (Object::default(), Vec::new());
        let arguments = self.arguments();
        for (name, flag) in &arguments {
            properties.set(name, self.property(said, flag));
            if self
                .commands
                .iter()
                .all(|command| is_required(command, flag) && command.flag(flag).is_some())
            {
                required.push(name);
            }
        }
        let mut schema = Object::default();
        schema.set("type", json::quote("object"));
        if !arguments.is_empty() {
            schema.set("properties", properties.to_string());
        }
        if !required.is_empty() {
            schema.set("required", json::quote_all(&required));
        }
        schema.set("additionalProperties", json::boolean(false));
        schema.to_string()
    }

    /// The schema of one argument. Bounds are in the description too: some clients drop them.
    fn property(&self, said: &mut Said, flag: &Flag) -> String {
        let mut property = Object::default();
        let kind = match flag.kind {
            Kind::Switch => "boolean",
            Kind::Count => "integer",
            Kind::Amount => "number",
            Kind::List | Kind::Choices(_) | Kind::Objects => "array",
            Kind::Json => "object",
            _ => "string",
        };
        property.set("type", json::quote(kind));
        match flag.kind {
            Kind::Count => {
                property.set("minimum", "1");
                if let Some(most) = flag.most {
                    property.set("maximum", most.to_string());
                }
            }
            Kind::Choice(values) => property.set("enum", json::quote_all(values)),
            Kind::List => property.set("items", "{\"type\":\"string\"}"),
            Kind::Choices(values) => {
                let values = json::quote_all(values);
                property.set(
                    "items",
                    format!("{{\"type\":\"string\",\"enum\":{values}}}"),
                );
            }
            Kind::Objects => property.set(
                "items",
                "{\"type\":\"object\",\"additionalProperties\":true}",
            ),
            Kind::Json => property.set("additionalProperties", json::boolean(true)),
            _ => {}
        }
        let of = self.commands.iter().find(|c| c.flag(flag).is_some());
        let told = of.and_then(|command| spell::for_tools(said.table, command, flag.help));
        let mut text = told.unwrap_or_else(|| flag.help.to_owned());
        if !flag.known.is_empty() {
            text.push_str(&format!(": {}", flag.known.join(", ")));
        }
        if let Some((first, rest)) = flag.fields.split_first() {
            text.push_str(&match said.fields(flag.fields, &self.name) {
                Some(elsewhere) => format!(", those of {elsewhere}"),
                None => rest
                    .iter()
                    .fold(format!(": {}", first.name), |names, field| {
                        format!("{names}, {}", field.name)
                    }),
            });
        }
        match (flag.kind, flag.most) {
            (Kind::Count, Some(most)) => text.push_str(&format!(", 1 to {most}")),
            (Kind::Count, None) => text.push_str(", from 1"),
            _ => {}
        }
        property.set("description", json::quote(&text));
        property.to_string()
    }

    /// What a client may want to know before it asks its human. Absent keys have the protocol's
    /// default.
    fn annotations(&self) -> String {
        let mut hints = Object::default();
        if !self.commands.iter().any(|command| writes(command)) {
            hints.set("readOnlyHint", json::boolean(true));
            return hints.to_string();
        }
        if !self.commands.iter().any(|command| command.ends) {
            hints.set("destructiveHint", json::boolean(false));
        }
        if self
            .commands
            .iter()
            .all(|command| matches!(command.repeat, Repeat::Always))
        {
            hints.set("idempotentHint", json::boolean(true));
        }
        hints.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::argument;
    use super::*;
    use crate::commands::TABLE;

    #[test]
    fn a_call_of_a_tool_says_all_that_its_command_needs() {
        for tool in offered(TABLE, false, &[]) {
            for command in &tool.commands {
                let all: Vec<(String, &Flag)> = arguments(command).collect();
                for (n, (name, _)) in all.iter().enumerate() {
                    let twice = all.iter().skip(n + 1).any(|(other, _)| other == name);
                    assert!(!twice, "{}: {name} twice", tool.name);
                }
                // With several there would have to be a choice.
                let choices = command.one_of.iter().filter_map(argument).count();
                assert_eq!(
                    choices,
                    usize::from(!command.one_of.is_empty()),
                    "{}",
                    tool.name
                );
                let needed = command.flags.iter().filter(|flag| flag.required);
                assert!(
                    needed.clone().all(|flag| argument(flag).is_some()),
                    "{}",
                    tool.name
                );
                assert!(command.endpoint.is_some() && !command.ends || writes(command));
            }
            // Those that share a tool are told apart by what they need.
            let mut needs: Vec<usize> = tool
                .commands
                .iter()
                .map(|command| {
                    arguments(command)
                        .filter(|(_, f)| is_required(command, f))
                        .count()
                })
                .collect();
            needs.sort_unstable();
            needs.dedup();
            assert_eq!(needs.len(), tool.commands.len(), "{}", tool.name);
        }
    }
}

//! Registering commands:
//! <https://docs.discord.com/developers/interactions/application-commands#bulk-overwrite-global-application-commands>.

use serde_json::{Map, Value};

use super::{Call, Reply};
use crate::discord::{commands::Command, form::Form, id::Id, refusal::Refusal, state::State};

/// Options and choices each.
const MOST: usize = 25;

pub(super) fn list_global(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    refuse_strangers(state, call)?;
    Ok(Reply::ok(listed(state, None)))
}

pub(super) fn list_guild(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let guild = scoped_guild(state, call)?;
    Ok(Reply::ok(listed(state, Some(guild))))
}

fn listed(state: &State, guild: Option<Id>) -> Value {
    let kept = state
        .commands
        .values()
        .filter(|command| command.guild == guild);
    kept.map(|command| command.object(state.bot.id)).collect()
}

pub(super) fn create_global(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    refuse_strangers(state, call)?;
    create(state, call, None)
}

pub(super) fn create_guild(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let guild = scoped_guild(state, call)?;
    create(state, call, Some(guild))
}

fn create(state: &mut State, call: &Call, guild: Option<Id>) -> Result<Reply, Refusal> {
    let mut form = call.form();
    let (name, kind) = read(&mut form);
    form.finish()?;
    let (id, existed) = keep(state, guild, name, kind, call.fields.clone());
    let object = state.commands[&id].object(state.bot.id);
    Ok(if existed {
        Reply::ok(object)
    } else {
        Reply::created(object)
    })
}

pub(super) fn overwrite_global(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    refuse_strangers(state, call)?;
    overwrite(state, call, None)
}

pub(super) fn overwrite_guild(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let guild = scoped_guild(state, call)?;
    overwrite(state, call, Some(guild))
}

fn overwrite(state: &mut State, call: &Call, guild: Option<Id>) -> Result<Reply, Refusal> {
    let wrapped = Map::from_iter([("commands".to_owned(), Value::Array(call.list.clone()))]);
    let mut all = Form::new(&wrapped);
    let commands = all.objects("commands", 100 + 15 + 15);
    let mut read_all: Vec<(String, u64, Map<String, Value>)> = Vec::new();
    for (index, fields) in commands.into_iter().enumerate() {
        let mut form = Form::new(&fields);
        let (name, kind) = read(&mut form);
        let known = |(other, of, _): &(String, u64, _)| *other == name && *of == kind;
        if read_all.iter().any(known) {
            let message = "Application command names must be unique";
            form.fault("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message);
        }
        all.close_at("commands", index, form);
        read_all.push((name, kind, fields));
    }
    all.finish_within("commands")?;
    let before: Vec<Id> = state
        .commands
        .values()
        .filter(|command| command.guild == guild)
        .map(|command| command.id)
        .collect();
    let kept: Vec<Id> = read_all
        .into_iter()
        .map(|(name, kind, fields)| keep(state, guild, name, kind, fields).0)
        .collect();
    for id in before.iter().filter(|id| !kept.contains(id)) {
        state.commands.remove(id);
    }
    Ok(Reply::ok(listed(state, guild)))
}

pub(super) fn delete(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    refuse_strangers(state, call)?;
    let id = call.id("command.id")?;
    match state.commands.remove(&id) {
        Some(_) => Ok(Reply::empty()),
        None => Err(Refusal::of(10063)),
    }
}

pub(super) fn get(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    refuse_strangers(state, call)?;
    let found = state.commands.get(&call.id("command.id")?);
    let found = found.ok_or_else(|| Refusal::of(10063))?;
    Ok(Reply::ok(found.object(state.bot.id)))
}

/// An application has a say in its own commands only.
fn refuse_strangers(state: &State, call: &Call) -> Result<(), Refusal> {
    if call.id("application.id")? == state.bot.id {
        Ok(())
    } else {
        Err(Refusal::of(20012))
    }
}

/// The guild of the path, if the bot came with the scope `applications.commands`.
fn scoped_guild(state: &State, call: &Call) -> Result<Id, Refusal> {
    refuse_strangers(state, call)?;
    let guild = state.guild(call.id("guild.id")?)?;
    if guild.commands_scope {
        Ok(guild.id)
    } else {
        Err(Refusal::of(50001))
    }
}

/// Puts a command in the place of one with its name; tells whether there was one.
fn keep(
    state: &mut State,
    guild: Option<Id>,
    name: String,
    kind: u64,
    fields: Map<String, Value>,
) -> (Id, bool) {
    let version = state.mint.next();
    let known = state
        .commands
        .values_mut()
        .find(|command| command.guild == guild && command.name == name && command.kind == kind);
    if let Some(known) = known {
        known.fields = fields;
        known.version = version;
        return (known.id, true);
    }
    let id = state.mint.next();
    state.commands.insert(
        id,
        Command {
            id,
            guild,
            name,
            kind,
            fields,
            version,
        },
    );
    (id, false)
}

/// A command's name and type, and what is wrong with it in the form.
fn read(form: &mut Form<'_>) -> (String, u64) {
    let kind = form.integer_of("type", &[1, 2, 3]).unwrap_or(1);
    let name = form.required_string("name", 1..=32);
    if kind == 1 {
        refuse_name(form, &name);
        form.required_string("description", 1..=100);
    }
    options(form);
    (name, kind)
}

fn options(form: &mut Form<'_>) {
    let mut optional_before = false;
    let mut names = Vec::new();
    for (index, fields) in form.objects("options", MOST).iter().enumerate() {
        let mut option = Form::new(fields);
        let kinds: Vec<u64> = (1..=11).collect();
        if option.integer_of("type", &kinds).is_none() {
            option.required("type");
        }
        let name = option.required_string("name", 1..=32);
        refuse_name(&mut option, &name);
        if names.contains(&name) {
            let message = "Option names must be unique";
            option.fault("name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", message);
        }
        names.push(name);
        option.required_string("description", 1..=100);
        let required = option.boolean("required").unwrap_or(false);
        if required && optional_before {
            let message = "Required options must be placed before non-required options";
            option.fault(
                "required",
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                message,
            );
        }
        optional_before |= !required;
        option.objects("choices", MOST);
        if option.has("options") {
            options(&mut option);
        }
        form.close_at("options", index, option);
    }
}

/// Letters, digits, `-`, `_` and `'`, in lower case.
fn refuse_name(form: &mut Form<'_>, name: &str) {
    let allowed = |letter: char| {
        letter.is_alphanumeric() && !letter.is_uppercase() || matches!(letter, '-' | '_' | '\'')
    };
    if !name.chars().all(allowed) {
        let message = "Command name is invalid";
        form.fault("name", "APPLICATION_COMMAND_INVALID_NAME", message);
    }
}

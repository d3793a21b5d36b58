//! The reference in `docs/reference`, as a running program tells it of itself. `UPDATE_REFERENCE=1` writes it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use serde_json::{Map, Value, json};

use crate::keyed::result_of;
use crate::tenanted::{ALL_SCOPES, Tenant};

const WRITTEN: &str =
    "Written by `UPDATE_REFERENCE=1 cargo test --test blackbox -- reference`; do not edit.";

#[tokio::test]
async fn the_reference_of_tools_and_routes_is_what_the_program_tells() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("reference", &ALL_SCOPES).await;
    let deliberation = tools(&instance, "/api/mcp", None).await;
    let bus = tools(&instance, "/mcp", Some(&agent.token)).await;
    let document: Value = instance
        .client
        .get(format!("{}/openapi.json", instance.http))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    is_kept("mcp.md", &tools_page(&deliberation, &bus));
    is_kept("rest.md", &routes_page(&document));
}

async fn tools(instance: &Instance, path: &str, token: Option<&str>) -> Vec<Value> {
    let asked = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let request = instance
        .client
        .post(format!("{}{path}", instance.http))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .json(&asked);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let text = request.send().await.unwrap().text().await.unwrap();
    let tools = result_of(&text)["tools"].as_array().unwrap().clone();
    assert!(tools.len() > 5, "{text}");
    tools
}

fn is_kept(name: &str, text: &str) {
    let path = reference().join(name);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::create_dir_all(reference()).unwrap();
        return std::fs::write(path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "docs/reference/{name} is not what the program tells; {WRITTEN}"
    );
}

fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference")
}

fn tools_page(deliberation: &[Value], bus: &[Value]) -> String {
    let mut page = format!(
        "# Tools over MCP\n\n{WRITTEN} How they are used stands in [mcp.md](../mcp.md) and [bus.md](../bus.md).\n"
    );
    for (title, lead, tools) in [
        (
            "Deliberation",
            "At `/api/mcp`, with a key; an agent of the bus has them too where it holds `mcp:deliberate`.",
            deliberation,
        ),
        (
            "The bus",
            "At `/mcp`, with an agent's token; those whose scope it lacks are not listed to it.",
            bus,
        ),
    ] {
        page += &format!("\n## {title}\n\n{lead}\n");
        for tool in tools {
            page += &tool_part(tool);
        }
    }
    page
}

fn tool_part(tool: &Value) -> String {
    let described = text(&tool["description"]);
    let rows = members(&tool["inputSchema"]);
    let rows = match rows.is_empty() {
        true => "It takes no argument.\n".to_owned(),
        false => table("argument", &rows),
    };
    format!("\n### `{}`\n\n{described}\n\n{rows}", text(&tool["name"]))
}

fn routes_page(document: &Value) -> String {
    let mut page = format!(
        "# Routes over HTTP\n\n{WRITTEN} How they are used stands in [rest.md](../rest.md); `GET /openapi.json` \
         has the same for programs.\n\n## Routes\n"
    );
    for (path, methods) in object(&document["paths"]) {
        for (method, route) in object(methods) {
            if route["responses"].is_object() {
                page += &route_part(
                    document,
                    &format!("{} {path}", method.to_uppercase()),
                    route,
                );
            }
        }
    }
    page += "\n## Bodies\n";
    for (name, schema) in object(&document["components"]["schemas"]) {
        let described = sentence(&text(&schema["description"]));
        let rows = members(schema);
        let kind = match rows.is_empty() {
            true => format!("{}.\n", kind_of(schema)),
            false => table("member", &rows),
        };
        page += &format!("\n### {name}\n\n{described}{kind}");
    }
    page
}

fn route_part(document: &Value, line: &str, route: &Value) -> String {
    let mut part = format!("\n### `{line}`\n\n{}.\n", text(&route["summary"]));
    let parameters: Vec<[String; 3]> = route["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| {
            let place = text(&parameter["in"]);
            let kind = format!("{}, {place}", kind_of(&parameter["schema"]));
            let kind = needed(kind, parameter["required"] == true);
            [
                text(&parameter["name"]),
                kind,
                text(&parameter["description"]),
            ]
        })
        .collect();
    if !parameters.is_empty() {
        part += &format!("\n{}", table("parameter", &parameters));
    }
    let body = resolved(
        document,
        &route["requestBody"]["content"]["application/json"]["schema"],
    );
    let rows = members(body);
    if !rows.is_empty() {
        part += &format!("\n{}", table("body", &rows));
    }
    part += "\n| status | answer |\n|---|---|\n";
    for (status, answer) in object(&route["responses"]) {
        let schema = &answer["content"]["application/json"]["schema"];
        let body = match schema.is_object() && !status.starts_with(['4', '5']) {
            true => format!(" {}.", kind_of(schema)),
            false => String::new(),
        };
        writeln!(
            part,
            "| {status} | {}{body} |",
            cell(&text(&answer["description"]))
        )
        .unwrap();
    }
    part
}

/// Name, kind and meaning of each member.
fn members(schema: &Value) -> Vec<[String; 3]> {
    let needs = |name: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|required| required.iter().any(|each| each == name))
    };
    object(&schema["properties"])
        .map(|(name, member)| {
            let kind = needed(kind_of(member), needs(name));
            [name.clone(), kind, text(&member["description"])]
        })
        .collect()
}

fn needed(kind: String, is_needed: bool) -> String {
    match is_needed {
        true => format!("{kind}, required"),
        false => kind,
    }
}

/// What may stand there, in words.
fn kind_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or(name);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    for several in ["anyOf", "oneOf", "allOf"] {
        if let Some(parts) = schema[several].as_array() {
            let parts: Vec<String> = parts.iter().map(kind_of).collect();
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            return parts.collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(one) = schema.get("const") {
        return format!("`{one}`");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().filter(|word| !word.is_null());
        let words: Vec<String> = words.map(|word| format!("`{}`", text(word))).collect();
        return words.join(", ");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec!["anything"],
    };
    let kinds = kinds.into_iter().filter(|kind| *kind != "null");
    let kinds: Vec<String> = kinds.map(|kind| one_kind(kind, schema)).collect();
    kinds.join(" or ")
}

fn one_kind(kind: &str, schema: &Value) -> String {
    match kind {
        "string" => match between(&schema["minLength"], &schema["maxLength"]) {
            Some(bounds) => format!("text, {bounds} characters"),
            None => "text".to_owned(),
        },
        "array" => {
            let of = kind_of(&schema["items"]);
            match between(&schema["minItems"], &schema["maxItems"]) {
                Some(bounds) => format!("list of {bounds}: {of}"),
                None => format!("list: {of}"),
            }
        }
        "integer" | "number" => match between(&schema["minimum"], &schema["maximum"]) {
            Some(bounds) => format!("{kind}, {bounds}"),
            None => kind.to_owned(),
        },
        "object" => {
            let names: Vec<String> = object(&schema["properties"])
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            match names.is_empty() {
                true => "object".to_owned(),
                false => format!("object of {}", names.join(", ")),
            }
        }
        other => other.to_owned(),
    }
}

/// Bounds in words; those of a number's own size say nothing.
fn between(least: &Value, most: &Value) -> Option<String> {
    let (least, most) = (least.as_u64().filter(|least| *least > 0), most.as_u64());
    let most = most.filter(|most| *most < u64::from(u32::MAX));
    match (least, most) {
        (Some(least), Some(most)) => Some(format!("{} to {}", grouped(least), grouped(most))),
        (Some(least), None) => Some(format!("at least {}", grouped(least))),
        (None, Some(most)) => Some(format!("at most {}", grouped(most))),
        (None, None) => None,
    }
}

/// `64,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let (head, tail) = digits.split_at(digits.len() % 3);
    let mut parts: Vec<&str> = (0..tail.len())
        .step_by(3)
        .map(|at| &tail[at..at + 3])
        .collect();
    if !head.is_empty() {
        parts.insert(0, head);
    }
    parts.join(",")
}

fn table(head: &str, rows: &[[String; 3]]) -> String {
    let mut table = format!("| {head} | what | meaning |\n|---|---|---|\n");
    for [name, kind, meaning] in rows {
        writeln!(table, "| `{name}` | {} | {} |", cell(kind), cell(meaning)).unwrap();
    }
    table
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn sentence(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => format!("{}\n\n", cell(text)),
    }
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(
        || match value {
            Value::Null => String::new(),
            other => other.to_string(),
        },
        str::to_owned,
    )
}

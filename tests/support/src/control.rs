//! Two paths no vendor has, for tests in other languages: `GET /__requests` shows what was recorded,
//! `POST /__control` swaps the script, moves gates and shuts or opens the port.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use crate::{
    record::{Recorded, Tally},
    routes::{self, House},
    script::Script,
};

pub(crate) fn router(house: &Arc<House>) -> Router {
    Router::new()
        .route("/__requests", get(requests))
        .route("/__control", post(control))
        .with_state(Arc::clone(house))
}

#[derive(Deserialize)]
struct From {
    /// Leaves out records up to this number.
    #[serde(default)]
    after: usize,
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    tally: Tally,
    requests: Vec<Recorded>,
}

async fn requests(State(house): State<Arc<House>>, Query(from): Query<From>) -> Json<Report> {
    let requests = house.records.all().into_iter().skip(from.after).collect();
    Json(Report {
        tally: house.records.tally(),
        requests,
    })
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Orders {
    /// Replaces the script.
    script: Option<Script>,
    /// Gates that let everyone through.
    open: Vec<String>,
    /// Gates that stop everyone.
    close: Vec<String>,
    /// Gates that let so many through.
    release: HashMap<String, usize>,
    /// Whether connections are refused from now on.
    refuse_connections: Option<bool>,
}

async fn control(State(house): State<Arc<House>>, Json(orders): Json<Orders>) -> Response {
    if let Some(script) = orders.script {
        house.casting().swap(script);
    }
    orders.open.iter().for_each(|name| house.gates.open(name));
    orders.close.iter().for_each(|name| house.gates.close(name));
    orders
        .release
        .iter()
        .for_each(|(name, count)| house.gates.release(name, *count));
    let moved = match orders.refuse_connections {
        Some(true) => house.entrance.shut().await,
        Some(false) => house.entrance.open(routes::router(&house)),
        None => Ok(()),
    };
    match moved {
        Ok(()) => Json(house.records.tally()).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

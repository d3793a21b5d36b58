//! One connection to a bus: opened, asked for its tools, called.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientConfig, Implementation,
    JsonObject,
};
use rmcp::service::{NotificationContext, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, RoleClient, serve_client};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::super::BusError;
use super::address::Address;
use super::faults::Faults;
use super::sse::SseTransport;
use super::tools::Tools;
use super::{PATIENCE, RemoteOptions};

/// Asks our own bus to say in a result what a token may not do: the SDK keeps no words of a 403.
const DENIALS: HeaderName = HeaderName::from_static("x-husting-denials");

/// A connection. It ends when it is dropped.
pub(super) struct Connection {
    service: RunningService<RoleClient, Listener>,
    /// Nothing until they were listed.
    tools: Mutex<Option<Arc<Tools>>>,
    has_other_tools: Arc<AtomicBool>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    /// Opens one.
    ///
    /// # Errors
    /// [`BusError`].
    pub(super) async fn open(
        http: &reqwest::Client,
        options: &RemoteOptions,
        faults: &Faults,
    ) -> Result<Self, BusError> {
        let has_other_tools = Arc::<AtomicBool>::default();
        let listener = Listener(has_other_tools.clone());
        let opening = async {
            if Address::of(&options.url).takes_events() {
                let transport = SseTransport::open(http, &options.url, &options.token).await;
                let transport = transport.map_err(|error| faults.of_events(&error))?;
                serve_client(listener, transport).await
            } else {
                serve_client(listener, streamable(http, options)).await
            }
            .map_err(|error| faults.of_opening(&error))
        };
        let service = timeout(PATIENCE, opening)
            .await
            .map_err(|_| faults.silence())??;
        tracing::debug!(address = faults.address(), "the bus is connected");
        Ok(Self {
            service,
            tools: Mutex::default(),
            has_other_tools,
        })
    }

    /// Whether it carries, as far as is known.
    pub(super) fn is_open(&self) -> bool {
        !self.service.is_closed() && !self.service.peer().is_transport_closed()
    }

    /// What the bus can do.
    ///
    /// # Errors
    /// [`BusError`].
    pub(super) async fn tools(&self, faults: &Faults) -> Result<Arc<Tools>, BusError> {
        let is_stale = self.has_other_tools.swap(false, Ordering::AcqRel);
        let known = self.known().clone().filter(|_| !is_stale);
        if let Some(known) = known {
            return Ok(known);
        }
        let listing = timeout(PATIENCE, self.service.peer().list_all_tools()).await;
        let listed = match listing.map_err(|_| faults.silence()) {
            Ok(listed) => listed.map_err(|error| faults.of_call(&error)),
            Err(silence) => Err(silence),
        };
        // They are still to be asked for.
        let listed = listed.inspect_err(|_| self.has_other_tools.store(true, Ordering::Release))?;
        let tools = Arc::new(Tools::of(listed));
        *self.known() = Some(tools.clone());
        Ok(tools)
    }

    /// Calls a tool. The call is taken back when it is dropped.
    ///
    /// # Errors
    /// [`BusError`]; also where the tool itself answers with an error.
    pub(super) async fn call(
        &self,
        tool: &'static str,
        arguments: JsonObject,
        patience: Duration,
        faults: &Faults,
    ) -> Result<CallToolResult, BusError> {
        let asked = CallToolRequestParams::new(tool).with_arguments(arguments);
        let calling = self.service.peer().call_tool_once(asked);
        let answer = timeout(patience, calling)
            .await
            .map_err(|_| faults.silence())?;
        match answer.map_err(|error| faults.of_call(&error))? {
            CallToolResponse::Complete(result) if result.is_error == Some(true) => {
                Err(faults.of_result(&result))
            }
            CallToolResponse::Complete(result) => Ok(result),
            _ => Err(faults.of_call(&ServiceError::UnexpectedResponse)),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<Arc<Tools>>> {
        self.tools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn streamable(
    http: &reqwest::Client,
    options: &RemoteOptions,
) -> StreamableHttpClientTransport<reqwest::Client> {
    let denials = HashMap::from([(DENIALS, HeaderValue::from_static("result"))]);
    let config = StreamableHttpClientTransportConfig::with_uri(options.url.as_str())
        .auth_header(options.token.expose_secret())
        .custom_headers(denials);
    StreamableHttpClientTransport::with_client(http.clone(), config)
}

/// What a bus tells without being asked.
struct Listener(Arc<AtomicBool>);

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        info.client_info = Implementation::new("husting-discord", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.0.store(true, Ordering::Release);
    }
}

//! Requests that the SDK cannot read: it takes them for ones that it does not know, whether their
//! method is unknown or its parameters are wrong.

use rmcp::model::{
    CallToolRequestMethod, DiscoverRequestMethod, InitializeResultMethod, ListToolsRequestMethod,
    PingRequestMethod, RequestMetaObject, SubscribeRequestMethod, UnsubscribeRequestMethod,
};
use rmcp::model::{ConstString, CustomRequest, ErrorCode, ErrorData};

/// The methods that both servers answer.
pub(in crate::routes) const SERVED: [&str; 5] = [
    InitializeResultMethod::VALUE,
    DiscoverRequestMethod::VALUE,
    PingRequestMethod::VALUE,
    ListToolsRequestMethod::VALUE,
    CallToolRequestMethod::VALUE,
];

/// What a client that names its version with each request has no use for, and may not call.
/// <https://modelcontextprotocol.io/specification/2026-07-28/changelog>
const OF_SESSIONS: [&str; 4] = [
    InitializeResultMethod::VALUE,
    PingRequestMethod::VALUE,
    SubscribeRequestMethod::VALUE,
    UnsubscribeRequestMethod::VALUE,
];

/// The refusal of `request` by a server that answers [`SERVED`] and `more`.
///
/// Its codes: <https://www.jsonrpc.org/specification#error_object>.
pub(in crate::routes) fn refusal(
    request: &CustomRequest,
    meta: &RequestMetaObject,
    more: &[&str],
) -> ErrorData {
    let method = request.method.as_str();
    let has_no_session = meta.protocol_version().is_some();
    let is_gone = has_no_session && OF_SESSIONS.contains(&method);
    if !is_gone && SERVED.iter().chain(more).any(|served| *served == method) {
        let message =
            format!("The params of {method} lack something or have a value of the wrong kind.");
        return ErrorData::invalid_params(message, None);
    }
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method.clone(), None)
}

//! Requests that the SDK cannot read: it takes them for ones that it does not know, whether their
//! method is unknown or its parameters are wrong.

use rmcp::model::{
    CallToolRequestMethod, DiscoverRequestMethod, InitializeResultMethod, ListToolsRequestMethod,
    PingRequestMethod,
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

/// The refusal of `request` by a server that answers [`SERVED`] and `more`.
///
/// Its codes: <https://www.jsonrpc.org/specification#error_object>.
pub(in crate::routes) fn refusal(request: &CustomRequest, more: &[&str]) -> ErrorData {
    let method = request.method.as_str();
    if SERVED.iter().chain(more).any(|served| *served == method) {
        let message =
            format!("The params of {method} lack something or have a value of the wrong kind.");
        return ErrorData::invalid_params(message, None);
    }
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method.clone(), None)
}

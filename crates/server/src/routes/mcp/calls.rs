//! A tool's call: its arguments are decoded, a use case is asked, its record is encoded.

use std::sync::Arc;

use axum::http::request::Parts;
use husting_console::{Again, Caller};
use husting_wire::contract::requests::{
    AppendToSession, CreateDeliberation, GetSession, ListSessions, NoArguments, WaitForRound,
};
use husting_wire::errors::{Error, ErrorCode};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestMethod,
    CompleteRequestParams, CompleteResult, ContentBlock, CustomRequest, CustomResult, ErrorData,
    Implementation, JsonObject, ListPromptsRequestMethod, ListPromptsResult,
    ListResourceTemplatesRequestMethod, ListResourceTemplatesResult, ListResourcesRequestMethod,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::tools::{self, Tool};
use super::{results, unread, waiting};
use crate::contract::Contract;
use crate::shape;

const INSTRUCTIONS: &str = "Convenes a panel of models on a question and maps where they agree. \
    create_deliberation starts a round and answers at once; wait_for_round returns its result; read the answers \
    and the claim map, then stop, or steer the next round with append_round: a prompt and the quotes that matter.";

/// Whether the client takes an event stream.
#[derive(Clone, Copy, Debug)]
pub(in crate::routes) struct TakesEvents(pub bool);

/// What a call asks for.
#[derive(Debug)]
pub(in crate::routes) enum Asked {
    Create(CreateDeliberation),
    Append(AppendToSession),
    Wait(WaitForRound),
    Session(GetSession),
    Sessions(ListSessions),
    Models(NoArguments),
    Credit(NoArguments),
}

/// The tools, for the SDK to call.
#[derive(Clone)]
pub(in crate::routes) struct ToolServer {
    pub contract: Arc<dyn Contract>,
    pub work: TaskTracker,
    /// Ends what listens.
    pub shutdown: CancellationToken,
}

impl ServerHandler for ToolServer {
    fn get_info(&self) -> ServerConfig {
        let about = Implementation::new("husting", env!("CARGO_PKG_VERSION")).with_title("Husting");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(about)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = tools::listed(self.contract.most_seats());
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = Tool::named(&request.name) else {
            let message = format!(
                "No tool is named {}. tools/list names those that this key may call.",
                request.name
            );
            return Err(ErrorData::invalid_params(message, None));
        };
        let arguments = request.arguments.unwrap_or_default();
        let asked =
            caller_of(&context).and_then(|caller| Ok((caller, Asked::read(tool, arguments)?)));
        Ok(self.answer(asked, &context).await.into())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = subscription.cancelled() => {}
        }
        Ok(())
    }

    // What is not declared is not there, rather than there and empty as the SDK has it.

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListPromptsRequestMethod>())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListResourcesRequestMethod>())
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Err(ErrorData::method_not_found::<
            ListResourceTemplatesRequestMethod,
        >())
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        Err(ErrorData::method_not_found::<CompleteRequestMethod>())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(unread::refusal(&request, &context.meta, &[]))
    }
}

impl ToolServer {
    /// A call's result, for whoever was let in; also where it is a refusal.
    pub(in crate::routes) async fn answer(
        &self,
        asked: Result<(Caller, Asked), Error>,
        context: &RequestContext<RoleServer>,
    ) -> CallToolResult {
        let result = match asked {
            Ok((caller, asked)) => self.call(caller, asked, context).await,
            Err(error) => Err(error),
        };
        result.unwrap_or_else(|error| results::refused(&error))
    }

    async fn call(
        &self,
        caller: Caller,
        asked: Asked,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, Error> {
        let contract = self.contract.as_ref();
        match asked {
            Asked::Create(asked) => self.create(caller, asked).await,
            Asked::Append(asked) => self.append(caller, asked).await,
            Asked::Wait(asked) => {
                let waited = waiting::wait(contract, &caller, asked, context).await?;
                results::told(&waited.state, waited.text)
            }
            Asked::Session(GetSession { session_id }) => {
                let (record, text) = contract.session(&caller, session_id).await?;
                results::told(&record, text)
            }
            Asked::Sessions(asked) => results::record(&contract.sessions(&caller, asked).await?),
            Asked::Models(NoArguments {}) => results::record(&contract.models(&caller).await?),
            Asked::Credit(NoArguments {}) => results::record(&contract.credit(&caller).await?),
        }
    }

    async fn create(
        &self,
        caller: Caller,
        asked: CreateDeliberation,
    ) -> Result<CallToolResult, Error> {
        let contract = self.contract.clone();
        let ack = self
            .to_its_end(async move { contract.create(&caller, asked, Again::ByWords).await })
            .await?;
        let mut result = results::record(&ack)?;
        result
            .content
            .extend(ack.disclosure.map(ContentBlock::text));
        Ok(result)
    }

    async fn append(
        &self,
        caller: Caller,
        asked: AppendToSession,
    ) -> Result<CallToolResult, Error> {
        let contract = self.contract.clone();
        let ack = self
            .to_its_end(async move { contract.append(&caller, asked, Again::ByWords).await })
            .await?;
        results::record(&ack)
    }

    /// A caller who hangs up does not cut this where it stands.
    async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        super::super::to_its_end(&self.work, work).await
    }
}

impl Asked {
    /// The arguments of a call, read before anybody is let in for it.
    pub(in crate::routes) fn read(tool: Tool, arguments: JsonObject) -> Result<Self, Error> {
        Ok(match tool {
            Tool::CreateDeliberation => {
                if arguments.contains_key("recap_session") {
                    return Err(Error::invalid(
                        "recap_session: append_round takes it; a synthesis needs two rounds.",
                    ));
                }
                Self::Create(read(tool, arguments)?)
            }
            Tool::AppendRound => Self::Append(read(tool, arguments)?),
            Tool::WaitForRound => Self::Wait(read(tool, arguments)?),
            Tool::GetSession => Self::Session(read(tool, arguments)?),
            Tool::ListSessions => Self::Sessions(read(tool, arguments)?),
            Tool::ListModels => Self::Models(read(tool, arguments)?),
            Tool::GetCredit => Self::Credit(read(tool, arguments)?),
        })
    }
}

fn read<T: DeserializeOwned>(tool: Tool, arguments: JsonObject) -> Result<T, Error> {
    shape::read(tool.arguments(), Value::Object(arguments))
}

/// Whoever was let in at the door; nobody else comes this far.
fn caller_of(context: &RequestContext<RoleServer>) -> Result<Caller, Error> {
    let parts = context.extensions.get::<Parts>();
    let caller = parts.and_then(|parts| parts.extensions.get::<Caller>());
    caller.cloned().ok_or_else(|| {
        Error::new(
            ErrorCode::Unauthorized,
            "Send a key as `Authorization: Bearer mmo_live_…`.",
        )
    })
}

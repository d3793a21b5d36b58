//! What the operator sees of the bridge's journal, and does with what rests in it.

use husting_wire::discord::{
    AgentNamed, DiscordView, ListTraffic, PlaceReply, QuestionRef, QuestionTrace, ReleaseQuestion,
    ReplyRef, TraceQuestion, TrafficPage,
};
use husting_wire::errors::Error;

use crate::Inner;

impl Inner {
    pub(crate) async fn discord_view(&self) -> Result<DiscordView, Error> {
        Err(Error::not_found("discord_view"))
    }

    pub(crate) async fn traffic(&self, _: ListTraffic) -> Result<TrafficPage, Error> {
        Err(Error::not_found("traffic"))
    }

    pub(crate) async fn trace_question(&self, _: TraceQuestion) -> Result<QuestionTrace, Error> {
        Err(Error::not_found("trace_question"))
    }

    pub(crate) async fn place_reply(&self, _: PlaceReply) -> Result<DiscordView, Error> {
        Err(Error::not_found("place_reply"))
    }

    pub(crate) async fn dismiss_reply(&self, _: ReplyRef) -> Result<DiscordView, Error> {
        Err(Error::not_found("dismiss_reply"))
    }

    pub(crate) async fn restore_reply(&self, _: ReplyRef) -> Result<DiscordView, Error> {
        Err(Error::not_found("restore_reply"))
    }

    pub(crate) async fn retry_reply(&self, _: ReplyRef) -> Result<DiscordView, Error> {
        Err(Error::not_found("retry_reply"))
    }

    pub(crate) async fn retry_question(&self, _: QuestionRef) -> Result<DiscordView, Error> {
        Err(Error::not_found("retry_question"))
    }

    pub(crate) async fn release_question(&self, _: ReleaseQuestion) -> Result<DiscordView, Error> {
        Err(Error::not_found("release_question"))
    }

    pub(crate) async fn forget_standing_place(&self, _: AgentNamed) -> Result<DiscordView, Error> {
        Err(Error::not_found("forget_standing_place"))
    }

    pub(crate) async fn send_protocol(&self, _: AgentNamed) -> Result<(), Error> {
        Err(Error::not_found("send_protocol"))
    }
}

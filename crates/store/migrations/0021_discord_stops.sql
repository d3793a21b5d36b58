-- A person's STOP, who said it and where. That the channel is stopped stands with the channel.
create table discord_stops (
    tenant_id   text    not null,
    bot_id      integer not null,
    message_id  integer not null,               -- a bot hears each message once
    guild_id    integer,                        -- null: a direct message
    channel_id  integer not null,
    thread_id   integer,
    author_id   integer not null,
    author_name text    not null,
    at          integer not null,
    primary key (tenant_id, bot_id, message_id)
) strict, without rowid;

create index discord_stops_of_bot on discord_stops (tenant_id, bot_id, at, message_id);

-- The last one of a channel, or of a thread where it was said in one.
create index discord_stops_of_place on discord_stops (tenant_id, bot_id, coalesce(thread_id, channel_id), at);

-- What may be forgotten one day.
create index discord_stops_by_time on discord_stops (at);

-- When the author deleted the message that a question was made of.
alter table discord_questions add column deleted_at integer;

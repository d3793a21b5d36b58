-- Panels that people in Discord convened: the messages that show them, and what their next round takes along.

create table discord_panels (
    tenant_id      text    not null,
    panel_id       blob    not null,             -- ours; buttons carry it
    bot_id         integer not null,
    interaction_id integer not null,             -- the command by which it was asked for
    guild_id       integer,                      -- null: a direct message
    channel_id     integer not null,
    thread_id      integer,                      -- the thread in which it was asked for
    question       text    not null,
    author_id      integer not null,
    author_name    text    not null,
    asked_at       integer not null,
    answer_id      integer,                      -- the message that shows the question
    made_thread_id integer,                      -- the thread that was made of that
    message_id     integer,                      -- the message that shows the panel
    session_id     blob,                         -- null: not convened yet
    round          integer not null check (round > 0),
    stage          text    not null check (stage in
                       ('convening', 'advancing', 'running', 'resting', 'refused', 'ended')),
    fault          text,
    steering       text    not null,             -- json
    prompt         text    not null,
    round_by       text    not null,             -- json
    primary key (tenant_id, panel_id),
    check (session_id is not null or stage in ('convening', 'refused', 'ended'))
) strict;

-- A bot hears each command once.
create unique index discord_panels_heard on discord_panels (tenant_id, bot_id, interaction_id);

-- What is on its way.
create index discord_panels_open on discord_panels (tenant_id, bot_id, stage, asked_at)
    where stage in ('convening', 'advancing', 'running');

-- What was asked for in a day.
create index discord_panels_by_time on discord_panels (tenant_id, asked_at, panel_id);

-- The journal of the Discord bridge. Ids of Discord's are 63-bit numbers; `bot_id` says which bot heard it.

-- How far a bot's gateway session was heard: what a new process resumes from.
create table discord_sessions (
    tenant_id  text    not null,
    bot_id     integer not null,
    session_id text    not null,
    resume_url text    not null,
    sequence   integer not null check (sequence >= 0),
    at         integer not null,
    primary key (tenant_id, bot_id)
) strict, without rowid;

-- What people asked. `request_id` is ours, `message_id` Discord's.
create table discord_questions (
    tenant_id   text    not null,
    request_id  blob    not null,
    amends      blob,                           -- a note that this question was edited
    bot_id      integer not null,
    message_id  integer not null,
    guild_id    integer,                        -- null: a direct message
    channel_id  integer not null,
    thread_id   integer,
    author_id   integer not null,
    author_name text    not null,
    text        text    not null,
    attachments text    not null,               -- json
    received_at integer not null,
    agent       text    not null,
    state       text    not null check (state in
                    ('journalled', 'sent', 'answered', 'parked', 'withdrawn', 'held')),
    bus_id      text,
    sent_at     integer,
    read_at     integer,
    answered_at integer,
    fault       text,
    primary key (tenant_id, request_id),
    check ((bus_id is null) = (sent_at is null))
) strict;

-- A bot hears each message once.
create unique index discord_questions_heard on discord_questions (tenant_id, bot_id, message_id)
    where amends is null;

create index discord_questions_by_message on discord_questions (tenant_id, bot_id, message_id, request_id);

create index discord_questions_of_bot on discord_questions (tenant_id, bot_id, received_at, message_id);

-- What is on its way, or waits for the operator.
create index discord_questions_open on discord_questions (tenant_id, bot_id, state, received_at, message_id)
    where state in ('journalled', 'sent', 'parked', 'held');

-- What may be forgotten one day.
create index discord_questions_ended on discord_questions (received_at) where state in ('answered', 'withdrawn');

-- What agents wrote back. `reply_id` is ours, `bus_id` the bus's.
create table discord_replies (
    tenant_id  text    not null,
    reply_id   blob    not null,
    bot_id     integer not null,
    bus_id     text    not null,
    agent      text    not null,
    text       text    not null,
    ok         integer not null check (ok in (0, 1)),
    request_id blob,                            -- null: nobody knows what it answers
    guild_id   integer,
    channel_id integer,                         -- null: it has no place yet
    thread_id  integer,
    reply_to   integer,
    arrived_at integer not null,
    state      text    not null check (state in 
                   ('unplaced', 'waiting', 'posted', 'barred', 'parked', 'dismissed')),
    fault      text,
    primary key (tenant_id, reply_id),
    -- A question stays as long as one of its replies does.
    foreign key (tenant_id, request_id) references discord_questions,
    check (channel_id is not null or (guild_id is null and thread_id is null)),
    check (channel_id is not null or state not in ('waiting', 'posted', 'barred'))
) strict;

-- Mail is taken in once.
create unique index discord_replies_by_mail on discord_replies (tenant_id, bot_id, bus_id);

create index discord_replies_of_question on discord_replies (tenant_id, request_id) where request_id is not null;

create index discord_replies_of_bot on discord_replies (tenant_id, bot_id, arrived_at, reply_id);

-- What is to be posted, or waits for the operator.
create index discord_replies_open on discord_replies (tenant_id, bot_id, state, arrived_at, reply_id)
    where state in ('unplaced', 'waiting', 'barred', 'parked');

-- What may be forgotten one day.
create index discord_replies_ended on discord_replies (arrived_at) where state in ('posted', 'dismissed');

-- The messages to Discord that a reply is made of.
create table discord_posts (
    tenant_id  text    not null,
    reply_id   blob    not null,
    part       integer not null check (part >= 0),
    content    text    not null,
    file_name  text,
    file_words text,
    nonce      text    not null,
    message_id integer,                         -- null: it does not stand in Discord yet
    primary key (tenant_id, reply_id, part),
    foreign key (tenant_id, reply_id) references discord_replies on delete cascade,
    check ((file_name is null) = (file_words is null))
) strict;

create index discord_posts_open on discord_posts (tenant_id, reply_id) where message_id is null;

-- Channels, threads and direct messages that a bot knows, for catching up.
create table discord_channels (
    tenant_id       text    not null,
    bot_id          integer not null,
    channel_id      integer not null,
    guild_id        integer,
    parent_id       integer,
    name            text,
    last_message_id integer,
    stopped_at      integer,                    -- replies to what was asked before are not posted
    primary key (tenant_id, bot_id, channel_id)
) strict, without rowid;

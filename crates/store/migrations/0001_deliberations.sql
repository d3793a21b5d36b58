-- A deliberation, its rounds and its calls.
-- Times are microseconds since 1970 (UTC), money is micro-dollars, ids are the 16 bytes of a
-- UUID v7. The tenant leads every key, so that a distributed engine can shard by it.

-- Marks the file as a store of Husting's ("HUST").
pragma application_id = 1213551444;

create table sessions (
    tenant_id          text    not null,
    session_id         blob    not null,
    title              text    not null,
    tags               text    not null,            -- json array of strings
    status             text    not null check (status in ('processing', 'streaming', 'ready', 'failed')),
    reference_name     text,
    models             text    not null,            -- json array of model ids in panel order
    blind              integer not null check (blind in (0, 1)),
    moderator_name     text,
    application        text,
    source             text    not null check (source in ('console', 'cli', 'rest', 'mcp', 'discord')),
    max_output_tokens  integer not null check (max_output_tokens >= 0),
    deadline_seconds   integer,
    spend_limit        integer check (spend_limit >= 0),
    rehearsal          integer not null check (rehearsal in (0, 1)),
    seed               integer not null,            -- an unsigned number's bits
    archived           integer not null check (archived in (0, 1)),
    created_at         integer not null,
    updated_at         integer not null,
    search             text    not null,            -- title and tags in lower case
    -- What may be large comes last: the columns before it are read without it.
    reference          text,
    primary key (tenant_id, session_id)
) strict;

create index sessions_by_change on sessions (tenant_id, updated_at desc, session_id desc);

create table rounds (
    tenant_id           text    not null,
    round_id            blob    not null,
    session_id          blob    not null,
    round_index         integer not null check (round_index >= 0),
    moderator_name      text,
    status              text    not null check (status in ('in_progress', 'complete', 'partial_failure', 'failed')),
    phase               text    not null check (phase in ('respond', 'react', 'map', 'done')),
    attempt             integer not null check (attempt >= 0),
    cancelled           integer not null check (cancelled in (0, 1)),
    started_at          integer not null,
    deadline_at         integer not null,
    ended_at            integer,
    contested           integer,                    -- contested claims of the map, for lists
    slowest_answer_ms   integer not null,
    slowest_reaction_ms integer not null,
    round_ms            integer not null,
    -- What may be large comes last: the columns before it are read without it.
    prompt              text    not null,
    search              text    not null,           -- the prompt in lower case
    snippets            text    not null,           -- json, the moderator's, with how their quotes were found
    reactions           text    not null,           -- json
    claim_map           text,                       -- json
    primary key (tenant_id, round_id),
    unique (tenant_id, session_id, round_index),
    foreign key (tenant_id, session_id) references sessions on delete cascade,
    check ((status = 'in_progress') = (ended_at is null))
) strict;

create index rounds_by_end on rounds (tenant_id, ended_at desc) where ended_at is not null;

-- What a restart has to end.
create index rounds_in_progress on rounds (tenant_id, session_id) where status = 'in_progress';

create table calls (
    tenant_id     text    not null,
    call_id       blob    not null,
    session_id    blob    not null,
    round_id      blob    not null,
    model         text    not null,
    purpose       text    not null,
    attempt       integer not null check (attempt >= 0),
    state         text    not null check (state in ('queued', 'streaming', 'final', 'error')),
    started_at    integer not null,
    first_text_at integer,
    ended_at      integer,
    deadline_at   integer not null,
    input         integer not null check (input >= 0),
    cache_read    integer not null check (cache_read >= 0),
    cache_write   integer not null check (cache_write >= 0),
    output        integer not null check (output >= 0),
    estimated     integer not null check (estimated in (0, 1)),
    cost          integer not null check (cost >= 0),
    finish_reason text,
    is_partial    integer not null check (is_partial in (0, 1)),
    error_code    text,
    error_message text,
    -- What may be large comes last: the columns before it are read without it.
    claim_confidence text not null, -- json, scores the model gave its own claims
    text          text    not null,
    primary key (tenant_id, call_id),
    foreign key (tenant_id, session_id) references sessions on delete cascade,
    foreign key (tenant_id, round_id) references rounds on delete cascade,
    check ((state in ('final', 'error')) = (ended_at is not null)),
    check ((state = 'error') = (error_code is not null))
) strict;

-- An attempt asks each model for one answer; a reaction that cannot be read is asked for once more.
create unique index one_answer_for_an_attempt on calls (tenant_id, round_id, model, attempt)
    where purpose = 'respond';
create index calls_by_round on calls (tenant_id, round_id, started_at);

create index calls_of_session on calls (tenant_id, session_id, started_at);

create index calls_open on calls (tenant_id, call_id) where state in ('queued', 'streaming');

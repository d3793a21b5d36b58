-- Keys to the deliberation contract, what must not be done twice, and summaries.

create table keys (
    tenant_id    text    not null,
    key_id       blob    not null,
    name         text    not null,
    hash         blob    not null,             -- sha-256 of the key, which is nowhere
    tail         text    not null,             -- its last eight characters, for people
    daily_rounds integer check (daily_rounds >= 0),
    created_at   integer not null,
    last_used_at integer,
    revoked_at   integer,
    primary key (tenant_id, key_id)
) strict;

-- A key is looked up by what it opens with, whoever's it is.
create unique index keys_by_hash on keys (hash);

create unique index live_keys_by_name on keys (tenant_id, name) where revoked_at is null;

-- Acknowledgements that the same request gets again. `key` is the caller's own, or empty where one
-- stands for the newest round that a caller asked for at that endpoint.
create table replays (
    tenant_id         text    not null,
    caller            text    not null,
    endpoint          text    not null,
    key               text    not null,
    fingerprint       blob    not null,        -- sha-256 of the request
    session_id        blob    not null,
    round_id          blob    not null,
    round_index       integer not null,
    client_request_id text,
    at                integer not null,
    primary key (tenant_id, caller, endpoint, key)
) strict;

create index replays_by_time on replays (at);

create index replays_of_session on replays (tenant_id, session_id);

alter table sessions add column opened_by text not null default 'operator';

alter table sessions add column consent text not null
    default '{"enabled":false,"reason":"account_default","requested":null,"disclosure":null}'; -- json

alter table sessions add column synthesis_status text not null default 'none'
    check (synthesis_status in ('none', 'pending', 'complete', 'failed'));

alter table sessions add column synthesis text;  -- json; null while there is none

alter table rounds add column asked_by text not null default 'operator';

alter table rounds add column recap_status text not null default 'none'
    check (recap_status in ('none', 'pending', 'complete', 'failed'));

alter table rounds add column recap text;        -- json; null while there is none

alter table rounds add column wants_synthesis integer not null default 0 check (wants_synthesis in (0, 1));

-- No version of a round's progress that was ever told is above this.
alter table rounds add column progress_version integer not null default 0 check (progress_version >= 0);

-- Rounds that a caller asked for on a UTC day, whatever became of them since.
create table rounds_of_days (
    tenant_id text    not null,
    caller    text    not null,
    day       integer not null,                -- its first moment
    rounds    integer not null check (rounds > 0),
    primary key (tenant_id, caller, day)
) strict, without rowid;

-- What a restart has to end.
create index recaps_pending on rounds (tenant_id, round_id) where recap_status = 'pending';

create index syntheses_pending on sessions (tenant_id, session_id) where synthesis_status = 'pending';

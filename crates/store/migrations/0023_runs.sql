-- Clients' files that were written for agents. What is in them is known by its hash alone.
create table wirings (
    tenant_id  text    not null,
    agent_id   blob    not null,
    client     text    not null,
    path       text    not null,
    hash       text    not null check (length(hash) = 64),
    url        text    not null,
    token_tail text    not null,
    written_at integer not null,
    primary key (tenant_id, agent_id, path),
    foreign key (tenant_id, agent_id) references agents (tenant_id, agent_id)
) strict, without rowid;

-- How an agent's own program is run: the commands that the operator confirmed, and when mail starts it.
create table run_setups (
    tenant_id          text    not null,
    agent_id           blob    not null,
    once_command       text,
    once_directory     text,
    tmux_command       text,
    tmux_directory     text,
    wake               integer not null check (wake in (0, 1)),
    wake_requests_only integer not null check (wake_requests_only in (0, 1)),
    wake_batch_seconds integer not null,
    wake_per_day       integer not null,
    primary key (tenant_id, agent_id),
    foreign key (tenant_id, agent_id) references agents (tenant_id, agent_id),
    check ((once_command is null) = (once_directory is null)),
    check ((tmux_command is null) = (tmux_directory is null))
) strict, without rowid;

-- Each start of an agent's program, to its end.
create table runs (
    tenant_id     text    not null,
    run_id        blob    not null,
    agent_id      blob    not null,
    how           text    not null,
    cause         text    not null,
    command       text    not null,
    directory     text    not null,
    process       text,                         -- tells it from a later process of the same number
    started_at    integer not null,
    booted_at     integer,                      -- its first boot_context
    ended_at      integer,
    exit_code     integer,                      -- neither code nor signal: nobody saw it end
    exit_signal   integer,
    not_started   integer not null default 0 check (not_started in (0, 1)),
    stopped       integer not null default 0 check (stopped in (0, 1)),
    restarts      integer not null check (restarts in (0, 1)), -- it is started again when it fails
    restarts_at   integer,                      -- it failed, and is started again then
    given_up      integer not null default 0 check (given_up in (0, 1)), -- it failed too often for that
    tail          text    not null default '',  -- the end of what it said, secrets removed
    primary key (tenant_id, run_id),
    foreign key (tenant_id, agent_id) references agents (tenant_id, agent_id),
    check (restarts_at is null or (ended_at is not null and given_up = 0)),
    check (given_up = 0 or ended_at is not null)
) strict, without rowid;

-- An agent's program runs once at a time.
create unique index runs_open on runs (tenant_id, agent_id) where ended_at is null;

-- Of an agent's runs only one is followed by another start.
create unique index runs_restarting on runs (tenant_id, agent_id) where restarts_at is not null;

create index runs_ended on runs (ended_at) where ended_at is not null;

create index runs_of_agent on runs (tenant_id, agent_id, started_at);

create index runs_by_time on runs (tenant_id, started_at);

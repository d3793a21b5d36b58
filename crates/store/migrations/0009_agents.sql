-- Tenants, agents, their tokens, and what was denied them.

create table tenants (
    tenant_id        text    primary key,
    tier             text    not null check (tier in ('free', 'starter', 'growth', 'scale')),
    token_hash       blob,                      -- sha-256 of the token, which is nowhere
    token_tail       text,
    token_created_at integer,
    created_at       integer not null,
    check ((token_hash is null) = (token_tail is null) and (token_hash is null) = (token_created_at is null))
) strict, without rowid;

create unique index tenants_by_token on tenants (token_hash) where token_hash is not null;

insert into tenants (tenant_id, tier, created_at)
select 'local', 'scale', unixepoch() * 1000000
union
select distinct tenant_id, 'free', unixepoch() * 1000000 from keys where tenant_id <> 'local';

create table agents (
    tenant_id    text    not null,
    agent_id     blob    not null,
    name         text    not null,
    kind         text    not null check (kind in ('custom', 'managed', 'connector')),
    model        text,
    charter      text,
    status       text    not null check (status in ('active', 'suspended', 'revoked', 'inactive')),
    grants       text    not null,              -- json
    epoch        integer not null check (epoch >= 0),
    created_at   integer not null,
    expires_at   integer,
    last_call_at integer,
    revoked_at   integer,
    receipt      text,                          -- json
    primary key (tenant_id, agent_id),
    check ((status = 'revoked') = (revoked_at is not null))
) strict, without rowid;

-- A name is free again after a revocation.
create unique index live_agents_by_name on agents (tenant_id, name) where status <> 'revoked';

create table agent_tokens (
    tenant_id  text    not null,
    token_id   blob    not null,
    agent_id   blob    not null,
    hash       blob    not null,
    tail       text    not null,
    created_at integer not null,
    ends_at    integer,                         -- the end of a rotation's overlap
    ended_at   integer,
    primary key (tenant_id, token_id),
    foreign key (tenant_id, agent_id) references agents
) strict, without rowid;

create unique index agent_tokens_by_hash on agent_tokens (hash);

create index agent_tokens_of_agent on agent_tokens (tenant_id, agent_id);

-- What was minted under a caller's idempotency key.
create table mints (
    tenant_id   text    not null,
    key         text    not null,
    fingerprint blob    not null,
    agent_id    blob    not null,
    at          integer not null,
    primary key (tenant_id, key)
) strict, without rowid;

create index mints_by_time on mints (at);

create table denials (
    tenant_id  text    not null,
    denial_id  blob    not null,
    agent_id   blob    not null,
    scope      text    not null,
    tool       text    not null,                -- the last one
    calls      integer not null check (calls > 0),
    first_at   integer not null,
    last_at    integer not null,
    decision   text check (decision in ('once', 'ten_minutes', 'always', 'refuse')),
    decided_at integer,
    primary key (tenant_id, denial_id),
    foreign key (tenant_id, agent_id) references agents,
    check ((decision is null) = (decided_at is null))
) strict, without rowid;

-- Calls for the same scope are one question until it is answered.
create unique index open_denials on denials (tenant_id, agent_id, scope) where decision is null;

-- Agents that Husting runs: a call may be part of a turn instead of a round.

alter table transactions add column agent_id blob;

alter table transactions add column message_id blob; -- the message that the turn answers

create index transactions_of_agent on transactions (tenant_id, agent_id, at) where agent_id is not null;

create table holds_of_all (
    tenant_id         text    not null,
    hold_id           blob    not null,
    session_id        blob,
    round_id          blob,
    agent_id          blob,
    message_id        blob,
    model             text    not null,
    purpose           text    not null,
    amount            integer not null check (amount >= 0),
    max_output_tokens integer not null check (max_output_tokens >= 0),
    at                integer not null,
    primary key (tenant_id, hold_id),
    -- Money set aside keeps its round from being deleted.
    foreign key (tenant_id, round_id) references rounds,
    check ((round_id is null) = (session_id is null) and (agent_id is null) = (message_id is null)
        and (round_id is null) <> (agent_id is null))
) strict;

insert into holds_of_all (tenant_id, hold_id, session_id, round_id, model, purpose, amount, max_output_tokens, at)
select tenant_id, hold_id, session_id, round_id, model, purpose, amount, max_output_tokens, at from holds;

drop table holds;

alter table holds_of_all rename to holds;

create index holds_of_round on holds (tenant_id, round_id) where round_id is not null;

-- A turn: one call of an agent's seat, about one message. What it cost is in the ledger.
create table turns (
    tenant_id     text    not null,
    call_id       blob    not null,
    agent_id      blob    not null,
    message_id    blob    not null,
    model         text    not null,
    state         text    not null check (state in ('queued', 'streaming', 'final', 'error')),
    text          text    not null default '',     -- what was said so far
    usage         text    not null,                -- json
    error_code    text,
    error_message text,
    started_at    integer not null,
    ended_at      integer,
    reply_id      blob,
    primary key (tenant_id, call_id),
    foreign key (tenant_id, agent_id) references agents,
    check ((ended_at is null) = (state in ('queued', 'streaming')))
) strict;

create index turns_of_agent on turns (tenant_id, agent_id, started_at);

create index turns_open on turns (tenant_id, call_id) where ended_at is null;

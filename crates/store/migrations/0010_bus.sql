-- Mailboxes and what is in them, squads, and memory.

-- A mailbox numbers its messages; the operator's has an id of zeros. Both figures are kept by triggers below.
create table mailboxes (
    tenant_id text    not null,
    mailbox   blob    not null,
    last_seq  integer not null default 0,
    unread    integer not null default 0 check (unread >= 0),
    primary key (tenant_id, mailbox)
) strict, without rowid;

create table messages (
    place           integer primary key autoincrement,  -- among all messages of the store
    tenant_id       text    not null,
    mailbox         blob    not null,
    seq             integer not null,
    message_id      blob    not null,               -- a broadcast has the same in every mailbox
    from_agent      blob,                           -- whose token wrote it
    sender          text    not null,               -- json: who wrote it, with the name they had
    origin          text    not null check (origin in ('agent', 'human', 'discord', 'system')),
    recipient       text    not null,               -- the name they had
    text            text,                           -- null: in `broadcasts`
    sent_at         integer not null,
    request_id      text,
    in_reply_to     blob,
    squad           text,
    hops            integer not null check (hops >= 0),
    state           text    not null check (state in
                        ('waiting', 'leased', 'done', 'unacknowledged', 'parked', 'withdrawn', 'held')),
    deliveries      integer not null default 0,
    fetched_at      integer,
    leased_until    integer,
    acknowledged_at integer,
    acknowledged_by text check (acknowledged_by in ('ack', 'reply', 'next_fetch')),
    answered_at     integer,
    answered_by     blob,
    ended_at        integer,
    erased_at       integer,
    check ((state = 'leased') = (leased_until is not null)),
    check ((state in ('parked', 'withdrawn', 'held')) = (ended_at is not null)),
    check ((acknowledged_at is null) = (acknowledged_by is null)),
    check ((answered_at is null) = (answered_by is null))
) strict;

create unique index messages_by_seq on messages (tenant_id, mailbox, seq);

create unique index messages_by_id on messages (tenant_id, message_id, mailbox);

create index messages_of_tenant on messages (tenant_id, place);

-- What a fetch gives, and what it may end.
create index messages_waiting on messages (tenant_id, mailbox, seq) where state = 'waiting';

create index messages_leased on messages (tenant_id, mailbox, leased_until) where state = 'leased';

create index leases_by_end on messages (leased_until) where state = 'leased';

-- How far a mailbox was led by others' messages.
create index messages_given on messages (tenant_id, mailbox, fetched_at, from_agent, hops)
    where fetched_at is not null;

create index requests on messages (tenant_id, mailbox, request_id) where request_id is not null;

create index replies on messages (tenant_id, in_reply_to) where in_reply_to is not null;

create index messages_of_sender on messages (tenant_id, from_agent, place) where from_agent is not null;

create index messages_of_operator on messages (tenant_id, place) where origin = 'human';

create index messages_of_squad on messages (tenant_id, squad, place) where squad is not null;

-- What the operator is shown.
create index messages_resting on messages (tenant_id, state, place)
    where state in ('unacknowledged', 'parked', 'held');

create trigger message_arrives after insert on messages begin
    update mailboxes set last_seq = new.seq, unread = unread + (new.state = 'waiting')
    where tenant_id = new.tenant_id and mailbox = new.mailbox;
end;

create trigger message_waits_again after update of state on messages
when new.state = 'waiting' and old.state <> 'waiting' begin
    update mailboxes set unread = unread + 1 where tenant_id = new.tenant_id and mailbox = new.mailbox;
end;

create trigger message_waits_no_more after update of state on messages
when old.state = 'waiting' and new.state <> 'waiting' begin
    update mailboxes set unread = unread - 1 where tenant_id = new.tenant_id and mailbox = new.mailbox;
end;

-- The words of a broadcast, once for all who got it.
create table broadcasts (
    tenant_id  text not null,
    message_id blob not null,
    text       text not null,
    primary key (tenant_id, message_id)
) strict;

-- What a sender's idempotency key stands for.
create table sends (
    tenant_id   text    not null,
    agent_id    blob    not null,
    key         text    not null,
    fingerprint blob    not null,
    message_id  blob    not null,
    at          integer not null,
    primary key (tenant_id, agent_id, key)
) strict, without rowid;

create index sends_by_time on sends (at);

create table squads (
    tenant_id  text    not null,
    name       text    not null,
    created_at integer not null,
    primary key (tenant_id, name)
) strict, without rowid;

create table members (
    tenant_id text    not null,
    squad     text    not null,
    agent_id  blob    not null,
    summary   text,
    joined_at integer not null,
    primary key (tenant_id, squad, agent_id),
    foreign key (tenant_id, squad) references squads on delete cascade,
    foreign key (tenant_id, agent_id) references agents
) strict, without rowid;

create index squads_of_agent on members (tenant_id, agent_id);

create table notes (
    number    integer primary key,
    tenant_id text    not null,
    note_id   blob    not null,
    agent_id  blob    not null,
    squad     text,
    text      text    not null,
    context   text,
    at        integer not null,
    -- One word for whom it is there: a search among all notes looks for it too.
    owner     text    not null generated always as
                  (hex(tenant_id) || iif(squad is null, 'a' || hex(agent_id), 's' || hex(squad))) stored,
    unique (tenant_id, note_id)
) strict;

create index notes_of_agent on notes (tenant_id, agent_id, number) where squad is null;

create index notes_of_squad on notes (tenant_id, squad, number) where squad is not null;

create virtual table notes_words using fts5 (
    owner, text, context, content = 'notes', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);

create trigger note_stored after insert on notes begin
    insert into notes_words (rowid, owner, text, context)
    values (new.number, new.owner, new.text, new.context);
end;

create trigger note_forgotten after delete on notes begin
    insert into notes_words (notes_words, rowid, owner, text, context)
    values ('delete', old.number, old.owner, old.text, old.context);
end;

-- The audit log. A chain is called like its tenant; the rows of one commit make one link.
create table audit_rows (
    tenant_id text    not null,
    number    integer not null,
    at        integer not null,
    action    text    not null,
    actor     text    not null,
    agent_id  blob,
    subject   blob,
    body      blob,                             -- sha-256 of words that may be erased
    detail    text    not null,                 -- json
    primary key (tenant_id, number)
) strict, without rowid;

create index audit_of_agent on audit_rows (tenant_id, agent_id, number) where agent_id is not null;

create table audit_links (
    tenant_id text    not null,
    number    integer not null,
    first_row integer not null,
    last_row  integer not null check (last_row >= first_row),
    hash      blob    not null,
    primary key (tenant_id, number)
) strict, without rowid;

create table audit_seals (
    tenant_id text    not null,
    day       integer not null,                 -- its first moment: one seal a day is kept
    link      integer not null,
    hash      blob    not null,
    at        integer not null,
    signature blob    not null,
    primary key (tenant_id, day)
) strict, without rowid;

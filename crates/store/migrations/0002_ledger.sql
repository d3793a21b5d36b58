-- The wallet: an append-only double-entry ledger, the balances that follow from it, and holds.
-- The ledger names sessions and rounds without a foreign key: it outlives them.

create table wallets (
    tenant_id text    not null,
    version   integer not null check (version >= 0), -- rises with every booking, hold and release
    terms     text,                                  -- json
    primary key (tenant_id)
) strict, without rowid;

create table accounts (
    tenant_id text    not null,
    account   text    not null check (account in
        ('free', 'subscription', 'refill', 'provider_spend', 'markup', 'grants', 'expired', 'refunds', 'overrun')),
    balance   integer not null,
    primary key (tenant_id, account),
    -- What the buckets cannot pay goes to the account overrun.
    check (account not in ('free', 'subscription', 'refill') or balance >= 0)
) strict, without rowid;

create table transactions (
    tenant_id      text    not null,
    transaction_id blob    not null,
    at             integer not null,
    kind           text    not null check (kind in
        ('debit', 'refund', 'grant', 'expiry', 'subscription_credit', 'top_up', 'auto_refill', 'limit_change')),
    bucket_change  integer not null, -- how much the three buckets together changed
    month          integer,          -- first moment of the month: grant, expiry, subscription_credit
    session_id     blob,             -- debit; a refund has its debit's
    round_id       blob,             -- debit and refund
    call_id        blob,             -- debit
    model          text,             -- debit and refund
    purpose        text,             -- debit; a refund has its debit's
    refund_of      blob,             -- refund
    input          integer,          -- debit: tokens
    cache_read     integer,
    cache_write    integer,
    output         integer,
    estimated      integer,
    cost           integer,          -- debit: the provider's price
    markup_bps     integer,
    amount         integer,          -- debit: what the buckets paid
    primary key (tenant_id, transaction_id),
    foreign key (tenant_id, refund_of) references transactions
) strict;

create index transactions_by_time on transactions (tenant_id, at desc, transaction_id desc);

create index transactions_of_session on transactions (tenant_id, session_id) where session_id is not null;

create index transactions_of_round on transactions (tenant_id, round_id) where round_id is not null;

-- The wallet asks at each reading what a month was granted.
create index transactions_by_kind on transactions (tenant_id, kind, at);

create index transactions_of_month on transactions (tenant_id, kind, month) where month is not null;

-- A call settles once, whatever ran twice.
create unique index one_debit_for_a_call on transactions (tenant_id, call_id) where kind = 'debit';

-- A month is granted once, also by two nodes at the same moment.
create unique index one_grant_for_a_month on transactions (tenant_id, kind, month)
    where kind in ('grant', 'subscription_credit');

create table entries (
    tenant_id      text    not null,
    transaction_id blob    not null,
    line           integer not null,
    account        text    not null,
    amount         integer not null,
    primary key (tenant_id, transaction_id, line),
    foreign key (tenant_id, transaction_id) references transactions
) strict, without rowid;

-- A correction is a new transaction.
create trigger transactions_stay before update on transactions
begin select raise(abort, 'the ledger is append-only'); end;

create trigger transactions_are_kept before delete on transactions
begin select raise(abort, 'the ledger is append-only'); end;

create trigger entries_stay before update on entries
begin select raise(abort, 'the ledger is append-only'); end;

create trigger entries_are_kept before delete on entries
begin select raise(abort, 'the ledger is append-only'); end;

create table holds (
    tenant_id         text    not null,
    hold_id           blob    not null,
    session_id        blob    not null,
    round_id          blob    not null,
    model             text    not null,
    purpose           text    not null,
    amount            integer not null check (amount >= 0),
    max_output_tokens integer not null check (max_output_tokens >= 0),
    at                integer not null,
    primary key (tenant_id, hold_id),
    -- Money set aside keeps its round from being deleted.
    foreign key (tenant_id, round_id) references rounds
) strict;

create index holds_of_round on holds (tenant_id, round_id);

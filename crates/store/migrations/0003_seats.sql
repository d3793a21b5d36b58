-- Providers and models. A provider's key is in the secret store, never here.

create table providers (
    tenant_id    text    not null,
    name         text    not null,
    kind         text    not null,
    base_url     text    not null,
    key_tail     text,              -- last four characters, for people
    created_at   integer not null,
    test_at      integer,           -- the newest test, if any
    test_millis  integer,
    test_ok      integer check (test_ok in (0, 1)),
    test_status  integer,
    test_message text,
    primary key (tenant_id, name)
) strict;

create table models (
    tenant_id         text    not null,
    model_id          text    not null,
    provider          text    not null,
    provider_model    text    not null,
    display_name      text    not null,
    kind              text    not null,
    context_window    integer not null check (context_window >= 0),
    max_output_tokens integer not null check (max_output_tokens >= 0),
    enabled           integer not null check (enabled in (0, 1)),
    price_input       integer check (price_input >= 0), -- the operator's own, per million tokens
    price_output      integer check (price_output >= 0),
    price_cache_read  integer check (price_cache_read >= 0),
    price_cache_write integer check (price_cache_write >= 0),
    price_set_at      integer,
    minimum           integer check (minimum >= 0),
    deadline_seconds  integer,
    primary key (tenant_id, model_id),
    check ((price_input is null) = (price_output is null))
) strict;

create index models_of_provider on models (tenant_id, provider);

-- What the operator set, and what the forms held when they were left.

create table settings (
    tenant_id text not null,
    key       text not null,
    value     text not null check (json_valid(value)),
    primary key (tenant_id, key)
) strict, without rowid;

create table drafts (
    tenant_id text    not null,
    key       text    not null,
    body      text    not null check (json_valid(body)),
    at        integer not null,
    primary key (tenant_id, key)
) strict;

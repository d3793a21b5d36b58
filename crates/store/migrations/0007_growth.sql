-- What is read often takes no longer when there is much.

-- Lists say how many sessions there are in all; counting them at each reading would take longer
-- with every session.
create table session_counts (
    tenant_id text    not null,
    status    text    not null,
    archived  integer not null,
    sessions  integer not null check (sessions >= 0),
    primary key (tenant_id, status, archived)
) strict, without rowid;

insert into session_counts (tenant_id, status, archived, sessions)
    select tenant_id, status, archived, count(*) from sessions group by tenant_id, status, archived;

create trigger sessions_are_counted after insert on sessions
begin
    insert into session_counts (tenant_id, status, archived, sessions)
        values (new.tenant_id, new.status, new.archived, 1)
        on conflict (tenant_id, status, archived) do update set sessions = sessions + 1;
end;

create trigger sessions_are_counted_elsewhere after update of status, archived on sessions
when old.status <> new.status or old.archived <> new.archived
begin
    update session_counts set sessions = sessions - 1
        where tenant_id = old.tenant_id and status = old.status and archived = old.archived;
    insert into session_counts (tenant_id, status, archived, sessions)
        values (new.tenant_id, new.status, new.archived, 1)
        on conflict (tenant_id, status, archived) do update set sessions = sessions + 1;
end;

create trigger sessions_are_counted_no_more after delete on sessions
begin
    update session_counts set sessions = sessions - 1
        where tenant_id = old.tenant_id and status = old.status and archived = old.archived;
end;

-- Sessions in one state, in the order of either list.
create index sessions_by_status on sessions (tenant_id, status, session_id desc);

create index sessions_by_status_and_change on sessions (tenant_id, status, updated_at desc, session_id desc);

-- With the kind in them: without, the debits of one session or round were looked for among all
-- debits, since the index of kinds seemed as good.
drop index transactions_of_session;

create index transactions_of_session on transactions (tenant_id, session_id, kind, cost) where session_id is not null;

drop index transactions_of_round;

create index transactions_of_round on transactions (tenant_id, round_id, kind) where round_id is not null;

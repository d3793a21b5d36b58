-- How many messages there are is told at every movement of the bus; counting them would take longer with every
-- message, and counting each as it is sent would slow the sends. Every row of a mailbox has a number, so that the
-- last numbers tell how many rows there ever were: what is kept here is how many of these are to be left out, copies
-- of a broadcast beyond its first and messages that are in no mailbox any more.
create table uncounted_messages (
    tenant_id text    primary key,
    messages  integer not null check (messages >= 0)
) strict, without rowid;

insert into uncounted_messages (tenant_id, messages)
select b.tenant_id, sum(b.last_seq)
    - (select count(distinct m.message_id) from messages m where m.tenant_id = b.tenant_id)
from mailboxes b group by b.tenant_id;

create trigger broadcast_counts_once after insert on messages
when new.text is null and exists (select 1 from messages m
    where m.tenant_id = new.tenant_id and m.message_id = new.message_id and m.mailbox <> new.mailbox)
begin
    insert into uncounted_messages (tenant_id, messages) values (new.tenant_id, 1)
        on conflict (tenant_id) do update set messages = messages + 1;
end;

create trigger message_counts_no_more after delete on messages
when not exists (select 1 from messages m where m.tenant_id = old.tenant_id and m.message_id = old.message_id)
begin
    insert into uncounted_messages (tenant_id, messages) values (old.tenant_id, 1)
        on conflict (tenant_id) do update set messages = messages + 1;
end;

-- A broadcast in the order in which it reached its mailboxes: where it stands once, the last of them is told
-- from the others, and all of them are counted.
create index messages_of_broadcast on messages (tenant_id, message_id, place) where text is null;

-- What was withdrawn is listed and counted too.
drop index messages_resting;

create index messages_resting on messages (tenant_id, state, place)
    where state in ('unacknowledged', 'parked', 'held', 'withdrawn');

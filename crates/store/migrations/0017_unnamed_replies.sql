-- A reply that named no question when it arrived stays counted after the operator gave it a place.
alter table discord_replies add column unnamed integer not null default 0 check (unnamed in (0, 1));

update discord_replies set unnamed = 1 where request_id is null;

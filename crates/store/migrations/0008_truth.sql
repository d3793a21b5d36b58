-- What is told of rounds stays what it was: acknowledgements given again, the clocks of what a crash
-- ended, who ended a call, what a recap was thought to cost.

alter table replays add column progress_version integer not null default 0; -- as it was acknowledged

alter table calls add column heard_at integer;  -- of an open call: when its newest words were kept

-- Husting was closed while it ran: nobody else broke it off.
alter table calls add column closed integer not null default 0 check (closed in (0, 1));

-- What the recap that was asked for with a round was thought to cost; 0 where none was.
alter table rounds add column recap_low integer not null default 0 check (recap_low >= 0);

alter table rounds add column recap_high integer not null default 0 check (recap_high >= recap_low);

-- Lists have one order, by the newest change.
drop index sessions_by_status;

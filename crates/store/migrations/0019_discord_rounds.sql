-- Rounds that people in Discord began: as many may begin in a day as the operator allows.
create table discord_panel_rounds (
    tenant_id text    not null,
    panel_id  blob    not null,
    round     integer not null check (round > 0),
    begun_at  integer not null,             -- when it was last tried to begin it: each counts on one day
    primary key (tenant_id, panel_id, round)
) strict;

create index discord_panel_rounds_by_time on discord_panel_rounds (begun_at, tenant_id);

-- Of rounds that were begun before, only the first's moment is known.
insert into discord_panel_rounds (tenant_id, panel_id, round, begun_at)
    select tenant_id, panel_id, 1, asked_at from discord_panels where session_id is not null;

drop index discord_panels_by_time;

-- Panels on which nothing was begun for long are found without going through what is on its way.
create index discord_panels_ended on discord_panels (asked_at) where stage in ('resting', 'refused', 'ended');

-- How its message shows its session, so that one that went on since is known; null where that is not known.
alter table discord_panels add column shows integer check (shows between 0 and 4294967295);

-- Panels at rest of a session that went on.
create index discord_panels_resting on discord_panels (tenant_id, bot_id, session_id) where stage = 'resting';

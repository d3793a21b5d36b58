-- What passed is told with the panels that people in Discord asked for, a page at a time.
create index discord_panels_of_bot on discord_panels (tenant_id, bot_id, asked_at, panel_id);

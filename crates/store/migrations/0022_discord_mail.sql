-- Mail that was taken in for another bot is known too.
create index discord_replies_by_bus on discord_replies (tenant_id, bus_id);

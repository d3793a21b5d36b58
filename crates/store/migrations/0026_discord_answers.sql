-- An answer that names the bus's message and not its request is placed by that.
create index discord_questions_on_bus on discord_questions (tenant_id, bot_id, bus_id)
    where bus_id is not null and amends is null;

-- Whether the bridge has put its warning sign on the message of a question, so that it goes with the trouble.
alter table discord_questions add column warned integer not null default 0 check (warned in (0, 1));

create index discord_questions_warned on discord_questions (tenant_id, bot_id) where warned = 1;

-- What nobody answered in time is found without going through what is on its way.
create index discord_questions_unanswered on discord_questions (received_at) where state = 'sent';

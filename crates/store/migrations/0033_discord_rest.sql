-- Since when a question or a reply rests until somebody does something; null where that was not kept.
alter table discord_questions add column rested_at integer check (rested_at is null or state in ('parked', 'held'));

alter table discord_replies add column rested_at integer
    check (rested_at is null or state in ('unplaced', 'barred', 'parked'));

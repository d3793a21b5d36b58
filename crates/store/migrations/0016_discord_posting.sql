-- The next reply of a channel, and which messages are noted already.
create index discord_replies_waiting on discord_replies
    (tenant_id, bot_id, coalesce(thread_id, channel_id), arrived_at, reply_id) where state = 'waiting';

create index discord_posts_standing on discord_posts (tenant_id, message_id) where message_id is not null;

-- Words of calls that failed, which are kept for a while, are found without a look at every call.
create index calls_failed_drafts on calls (ended_at) where state = 'error' and text <> '';

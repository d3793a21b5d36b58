-- Debits of managed agents bear the contract's word.

drop trigger transactions_stay;

update transactions set purpose = 'managed_agent' where purpose = 'turn';

update holds set purpose = 'managed_agent' where purpose = 'turn';

create trigger transactions_stay before update on transactions
begin select raise(abort, 'the ledger is append-only'); end;

-- The words of an answered turn are its answer's, and can be erased there.
update turns set text = '' where reply_id is not null;

-- What an agent deliberated is its spending, also once the session is deleted.
create table sessions_of_agents (
    tenant_id  text not null,
    session_id blob not null,
    agent_id   text not null, -- as in `opened_by`
    primary key (tenant_id, session_id)
) strict, without rowid;

insert into sessions_of_agents
select tenant_id, session_id, substr(opened_by, 7) from sessions where opened_by like 'agent:%';

create trigger session_of_an_agent after insert on sessions when new.opened_by like 'agent:%'
begin
    insert into sessions_of_agents values (new.tenant_id, new.session_id, substr(new.opened_by, 7));
end;

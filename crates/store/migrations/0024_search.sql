-- What was said in deliberations, to be found by its words: each round's question, and each answer that
-- was given whole. The words themselves stay where they are; a number is kept here, since a copy of the
-- store counts the rows of other tables anew.
create table session_texts (
    number    integer primary key,
    tenant_id text not null,
    round_id  blob not null,
    call_id   blob,                             -- whose answer; null for the question
    unique (tenant_id, round_id, call_id),
    foreign key (tenant_id, round_id) references rounds on delete cascade,
    foreign key (tenant_id, call_id) references calls on delete cascade
) strict;

create unique index session_texts_of_questions on session_texts (tenant_id, round_id) where call_id is null;
create index session_texts_of_calls on session_texts (tenant_id, call_id) where call_id is not null;

-- `owner` is the tenant in hexadecimal digits: one word, whatever it is called.
create virtual table session_words using fts5 (
    owner, text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

create trigger question_asked after insert on rounds begin
    insert into session_texts (tenant_id, round_id) values (new.tenant_id, new.round_id);
    insert into session_words (rowid, owner, text)
    select number, hex(new.tenant_id), new.prompt from session_texts
    where tenant_id = new.tenant_id and round_id = new.round_id and call_id is null;
end;

create trigger answer_given after update of state on calls
when new.state = 'final' and old.state <> 'final' and new.purpose = 'respond' begin
    insert into session_texts (tenant_id, round_id, call_id) values (new.tenant_id, new.round_id, new.call_id);
    insert into session_words (rowid, owner, text)
    select number, hex(new.tenant_id), new.text from session_texts
    where tenant_id = new.tenant_id and call_id = new.call_id;
end;

create trigger answer_kept_whole after insert on calls
when new.state = 'final' and new.purpose = 'respond' begin
    insert into session_texts (tenant_id, round_id, call_id) values (new.tenant_id, new.round_id, new.call_id);
    insert into session_words (rowid, owner, text)
    select number, hex(new.tenant_id), new.text from session_texts
    where tenant_id = new.tenant_id and call_id = new.call_id;
end;

create trigger session_text_gone after delete on session_texts begin
    delete from session_words where rowid = old.number;
end;

insert into session_texts (tenant_id, round_id) select tenant_id, round_id from rounds;
insert into session_texts (tenant_id, round_id, call_id)
select tenant_id, round_id, call_id from calls where state = 'final' and purpose = 'respond';
insert into session_words (rowid, owner, text)
select t.number, hex(t.tenant_id), coalesce(c.text, r.prompt)
from session_texts t
join rounds r on r.tenant_id = t.tenant_id and r.round_id = t.round_id
left join calls c on c.tenant_id = t.tenant_id and c.call_id = t.call_id;

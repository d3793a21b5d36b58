-- What was said beside the answers is found by its words as well: comments of reactions, recaps and syntheses. The words
-- stay where they are; what a number stands for is told by its kind.
drop trigger question_asked;
drop trigger answer_given;
drop trigger answer_kept_whole;
drop trigger session_text_gone;
drop index session_texts_of_questions;
drop index session_texts_of_calls;

alter table session_texts rename to older_session_texts;

create table session_texts (
    number    integer primary key,
    tenant_id text not null,
    round_id  blob not null,                    -- of a synthesis: the last round that it is about
    kind      text not null check (kind in ('question', 'answer', 'reaction', 'recap', 'synthesis')),
    call_id   blob,                             -- whose answer
    seat      integer,                          -- of a reaction: which of the round's sets it is in, from 0
    item      integer,                          -- and which of that
    foreign key (tenant_id, round_id) references rounds on delete cascade,
    foreign key (tenant_id, call_id) references calls on delete cascade,
    check ((kind = 'answer') = (call_id is not null)),
    check ((kind = 'reaction') = (seat is not null)),
    check ((kind = 'reaction') = (item is not null))
) strict;

-- The numbers stay: the index of words knows no others.
insert into session_texts (number, tenant_id, round_id, kind, call_id)
select number, tenant_id, round_id, case when call_id is null then 'question' else 'answer' end, call_id
from older_session_texts;

drop table older_session_texts;

create index session_texts_of_rounds on session_texts (tenant_id, round_id, kind);
create unique index session_texts_of_calls on session_texts (tenant_id, call_id) where call_id is not null;
create unique index session_texts_alone on session_texts (tenant_id, round_id, kind)
    where kind in ('question', 'recap', 'synthesis');

-- What each number stands for. Of a recap or a synthesis its words in their order, without the names of claims.
create view session_said as
select t.number, t.tenant_id, t.round_id, t.kind, r.session_id, r.round_index,
    case t.kind
        when 'question' then r.prompt
        when 'answer' then c.text
        when 'reaction' then json_extract(r.reactions, '$[' || t.seat || '].snippets[' || t.item || '].comment')
        when 'recap' then (select group_concat(w.atom, char(10)) from json_tree(r.recap, '$.text') w
                           where w.type = 'text' and w.path not like '%claim_ids%')
        else (select group_concat(w.atom, char(10)) from json_tree(s.synthesis, '$.text') w where w.type = 'text')
    end as text,
    case t.kind
        when 'answer' then c.model
        when 'reaction' then json_extract(r.reactions, '$[' || t.seat || '].model')
        when 'recap' then json_extract(r.recap, '$.model')
        when 'synthesis' then json_extract(s.synthesis, '$.model')
    end as model,
    case t.kind
        when 'question' then r.started_at
        when 'answer' then c.ended_at
        else coalesce(r.ended_at, r.started_at)
    end as at,
    s.title
from session_texts t
join rounds r on r.tenant_id = t.tenant_id and r.round_id = t.round_id
join sessions s on s.tenant_id = r.tenant_id and s.session_id = r.session_id
left join calls c on c.tenant_id = t.tenant_id and c.call_id = t.call_id;

create trigger session_text_gone after delete on session_texts begin
    delete from session_words where rowid = old.number;
end;

create trigger question_asked after insert on rounds begin
    insert into session_texts (tenant_id, round_id, kind) values (new.tenant_id, new.round_id, 'question');
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), new.prompt from session_texts
    where tenant_id = new.tenant_id and round_id = new.round_id and kind = 'question';
end;

create trigger answer_given after update of state on calls
when new.state = 'final' and old.state <> 'final' and new.purpose = 'respond' begin
    insert into session_texts (tenant_id, round_id, kind, call_id)
    values (new.tenant_id, new.round_id, 'answer', new.call_id);
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), new.text from session_texts
    where tenant_id = new.tenant_id and call_id = new.call_id;
end;

create trigger answer_kept_whole after insert on calls
when new.state = 'final' and new.purpose = 'respond' begin
    insert into session_texts (tenant_id, round_id, kind, call_id)
    values (new.tenant_id, new.round_id, 'answer', new.call_id);
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), new.text from session_texts
    where tenant_id = new.tenant_id and call_id = new.call_id;
end;

create trigger reactions_given after update of reactions on rounds when new.reactions <> old.reactions begin
    delete from session_texts
    where tenant_id = new.tenant_id and round_id = new.round_id and kind = 'reaction';
    insert into session_texts (tenant_id, round_id, kind, seat, item)
    select new.tenant_id, new.round_id, 'reaction', s.key, i.key
    from json_each(new.reactions) s, json_each(s.value, '$.snippets') i
    where json_extract(i.value, '$.comment') <> '';
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), text from session_said
    where tenant_id = new.tenant_id and round_id = new.round_id and kind = 'reaction';
end;

create trigger reactions_kept after insert on rounds when new.reactions <> '[]' begin
    insert into session_texts (tenant_id, round_id, kind, seat, item)
    select new.tenant_id, new.round_id, 'reaction', s.key, i.key
    from json_each(new.reactions) s, json_each(s.value, '$.snippets') i
    where json_extract(i.value, '$.comment') <> '';
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), text from session_said
    where tenant_id = new.tenant_id and round_id = new.round_id and kind = 'reaction';
end;

create trigger recap_written after update of recap on rounds when new.recap is not old.recap begin
    delete from session_texts
    where tenant_id = new.tenant_id and round_id = new.round_id and kind = 'recap';
    insert into session_texts (tenant_id, round_id, kind)
    select new.tenant_id, new.round_id, 'recap' where json_extract(new.recap, '$.text') is not null;
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), text from session_said
    where tenant_id = new.tenant_id and round_id = new.round_id and kind = 'recap';
end;

create trigger recap_kept after insert on rounds when json_extract(new.recap, '$.text') is not null begin
    insert into session_texts (tenant_id, round_id, kind) values (new.tenant_id, new.round_id, 'recap');
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), text from session_said
    where tenant_id = new.tenant_id and round_id = new.round_id and kind = 'recap';
end;

create trigger synthesis_written after update of synthesis on sessions when new.synthesis is not old.synthesis begin
    delete from session_texts
    where tenant_id = new.tenant_id and kind = 'synthesis' and round_id in
        (select round_id from rounds where tenant_id = new.tenant_id and session_id = new.session_id);
    insert into session_texts (tenant_id, round_id, kind)
    select tenant_id, round_id, 'synthesis' from rounds
    where tenant_id = new.tenant_id and session_id = new.session_id
        and json_extract(new.synthesis, '$.text') is not null
    order by round_index desc limit 1;
    insert into session_words (rowid, owner, text)
    select number, hex(tenant_id), text from session_said
    where tenant_id = new.tenant_id and kind = 'synthesis' and round_id in
        (select round_id from rounds where tenant_id = new.tenant_id and session_id = new.session_id);
end;

insert into session_texts (tenant_id, round_id, kind, seat, item)
select r.tenant_id, r.round_id, 'reaction', s.key, i.key
from rounds r, json_each(r.reactions) s, json_each(s.value, '$.snippets') i
where json_extract(i.value, '$.comment') <> '';
insert into session_texts (tenant_id, round_id, kind)
select tenant_id, round_id, 'recap' from rounds where json_extract(recap, '$.text') is not null;
insert into session_texts (tenant_id, round_id, kind)
select r.tenant_id, r.round_id, 'synthesis' from sessions s
join rounds r on r.tenant_id = s.tenant_id and r.session_id = s.session_id
where json_extract(s.synthesis, '$.text') is not null and r.round_index =
    (select max(n.round_index) from rounds n where n.tenant_id = s.tenant_id and n.session_id = s.session_id);
insert into session_words (rowid, owner, text)
select number, hex(tenant_id), text from session_said where kind in ('reaction', 'recap', 'synthesis');

-- A reaction that came whole and could not be read is told from one that broke off.

alter table calls add column unreadable integer not null default 0 check (unreadable in (0, 1));

-- Of those that are there, only Husting's own sentence tells it.
update calls set unreadable = 1
where purpose = 'react' and error_code = 'provider_error' and error_message like 'The reaction could not be read: %';

-- A model that was taken off the list keeps its terms, so that it can be put back as it was.
alter table models add column removed_at integer;

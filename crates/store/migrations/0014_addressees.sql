-- Whom the last call of a denial was for: an agent, #squad or * for all; null where it named nobody.

alter table denials add column addressee text;

-- What a round was thought to cost when it was first accepted; null for rounds older than this.

alter table rounds add column estimate_low integer check (estimate_low >= 0);

alter table rounds add column estimate_high integer check ((estimate_low is null) = (estimate_high is null));

-- In:  pairs (one row a called number and account).
-- Out: one row an account that placed a counted call, in the order of account_no.
select
    account_no,
    cast(sum(calls) as bigint) as calls,
    cast(sum(answered_calls) as bigint) as answered_calls,
    cast(sum(engaged_calls) as bigint) as engaged_calls,
    count(*) as numbers_called,
    sum(case when engaged_calls > 0 then 1 else 0 end) as numbers_engaged,
    cast(sum(talk_s) as bigint) as talk_s,
    cast(sum(codes_captured) as bigint) as codes_captured,
    cast(sum(spoofed_calls) as bigint) as spoofed_calls,
    min(first_utc) as first_utc,
    max(last_utc) as last_utc
from pairs
where account_no is not null
group by account_no
order by account_no

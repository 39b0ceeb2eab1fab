-- In:  pairs (one row a called number and account).
-- Out: one row a called number with its facts, in the order of the number.
select
    called_e164,
    max(called_class) as called_class,
    cast(sum(calls) as bigint) as calls,
    cast(sum(answered_calls) as bigint) as answered_calls,
    cast(sum(engaged_calls) as bigint) as engaged_calls,
    cast(sum(talk_s) as bigint) as talk_s,
    max(longest_talk_s) as longest_talk_s,
    cast(sum(codes_captured) as bigint) as codes_captured,
    cast(sum(spoofed_calls) as bigint) as spoofed_calls,
    count(account_no) as accounts,
    sum(priority_engaged) > 0 as by_priority_account,
    min(first_utc) as first_utc,
    max(last_utc) as last_utc
from pairs
group by called_e164
order by called_e164

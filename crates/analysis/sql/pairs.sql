-- In:  spoofed_calls (one row a counted leg and organisation shown).
-- Out: one row a called number and account: how often, how long, how engaged.
-- Why: counting distinct accounts inside millions of numbers needs a set a group; grouping by
--      number and account first needs one number a group, and suspects are counted from the same.
select
    called_e164,
    account_no,
    max(called_class) as called_class,
    count(*) as calls,
    sum(case when answered then 1 else 0 end) as answered_calls,
    sum(case when engaged then 1 else 0 end) as engaged_calls,
    sum(case when answered and talk_s > 0 then talk_s else 0 end) as talk_s,
    max(case when answered then talk_s end) as longest_talk_s,
    sum(case when code then 1 else 0 end) as codes_captured,
    sum(case when organisation_no is not null then 1 else 0 end) as spoofed_calls,
    min(started_utc) as first_utc,
    max(started_utc) as last_utc,
    max(case when engaged and priority then 1 else 0 end) as priority_engaged
from spoofed_calls
where attempt and match_no <= 1 and called_e164 is not null
group by called_e164, account_no

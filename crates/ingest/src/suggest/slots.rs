//! What our columns are called elsewhere, and how much each makes a table ours.

use super::words::{self, Vocabulary};

/// What the values of a column of ours look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Looks {
    /// An id of the row itself.
    Id,
    /// An id of something else.
    Ref,
    Presented,
    Called,
    Phone,
    Time,
    Duration,
    Seconds,
    Email,
    Ip,
    Agent,
    Amount,
    Currency,
    Txid,
    Address,
    Words(Vocabulary),
    Text,
    Narrative,
}

/// A column or group of columns of ours.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Slot {
    pub(super) ours: &'static str,
    pub(super) looks: Looks,
    /// How much a table that has it is like ours.
    pub(super) weight: f64,
    /// What it is called elsewhere, likeliest first, parted by `|`; see [`super::names::fit`].
    pub(super) names: &'static str,
    /// Whether its content alone is enough.
    pub(super) by_content: bool,
}

const fn slot(ours: &'static str, looks: Looks, weight: f64, names: &'static str) -> Slot {
    Slot {
        ours,
        looks,
        weight,
        names,
        by_content: false,
    }
}

const fn telling(ours: &'static str, looks: Looks, weight: f64, names: &'static str) -> Slot {
    Slot {
        ours,
        looks,
        weight,
        names,
        by_content: true,
    }
}

/// A table of ours.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Target {
    pub(super) ours: &'static str,
    /// What it is called elsewhere, parted by `|`.
    pub(super) names: &'static str,
    /// Of each group, a table that is one has at least one column.
    pub(super) needs: &'static [&'static [&'static str]],
    pub(super) slots: &'static [Slot],
}

const ACCOUNT_REF: &str = "account id|user id|userid|customer id|client id|member id|accountid|\
                 accountcode|account code|=uid|=account|=user|=customer|=client|=username|\
                 =login|=subscriber";

pub(super) const TARGETS: [Target; 5] = [
    Target {
        ours: "accounts",
        names: "users|accounts|customers|clients|members|subscribers|user|account|customer|\
                 client|member",
        needs: &[
            &["account_id", "username", "email"],
            &["username", "email", "phone", "handles", "balance"],
        ],
        slots: &[
            slot(
                "account_id",
                Looks::Id,
                1.0,
                "account id|user id|userid|customer id|client id|member id|=id|=uid|\
                 =accountcode|=customer|=account",
            ),
            slot(
                "username",
                Looks::Text,
                2.0,
                "username|user name|=login|nickname|nick|=user|login name",
            ),
            telling("email", Looks::Email, 3.0, "email|e mail|mail"),
            telling(
                "phone",
                Looks::Phone,
                1.0,
                "phone|telephone|mobile|msisdn|=tel|phone number|contact number|=number",
            ),
            slot(
                "created",
                Looks::Time,
                1.0,
                "created at|created|signup|registered|registration|reg date|date joined|\
                 joined|creation date|createdat|sign up",
            ),
            slot(
                "parent_account_id",
                Looks::Ref,
                1.5,
                "parent id|parent|reseller id|reseller|master id|main account",
            ),
            slot(
                "role",
                Looks::Words(words::ROLE),
                1.0,
                "role|=kind|=type|user type|account type|user level|=group",
            ),
            slot(
                "handles",
                Looks::Text,
                1.5,
                "telegram|handle|handles|jabber|xmpp|skype|icq|messenger|whatsapp|discord|\
                 wickr|=tg",
            ),
            slot(
                "plan",
                Looks::Text,
                1.0,
                "plan|tariff|package|rate plan|subscription",
            ),
            slot(
                "balance",
                Looks::Amount,
                1.5,
                "balance|credits|funds|=credit",
            ),
        ],
    },
    Target {
        ours: "logins",
        names: "logins|login|sessions|login log|auth log|access log|signins|login history|\
                 user sessions",
        needs: &[&["at"], &["ip", "user_agent", "device"]],
        slots: &[
            slot("account_id", Looks::Ref, 1.0, ACCOUNT_REF),
            telling(
                "at",
                Looks::Time,
                1.0,
                "=at|=ts|login at|login time|logged at|logged in|timestamp|=time|=date|\
                 datetime|created at|createdat|last login|event time",
            ),
            telling(
                "ip",
                Looks::Ip,
                3.0,
                "ip|ip address|ipaddr|remote addr|remote address",
            ),
            telling(
                "user_agent",
                Looks::Agent,
                2.5,
                "user agent|useragent|=ua|browser|=agent",
            ),
            slot(
                "device",
                Looks::Text,
                1.5,
                "device id|device|fingerprint|hwid|deviceid",
            ),
        ],
    },
    Target {
        ours: "payments",
        names: "payments|payment|topups|topup|deposits|deposit|transactions|transaction|\
                 invoices|orders|billing|recharges",
        needs: &[&["amount"], &["at", "txid", "address", "payment_id"]],
        slots: &[
            slot(
                "payment_id",
                Looks::Id,
                1.0,
                "payment id|topup id|deposit id|transaction id|invoice id|order id|=id|\
                 paymentid",
            ),
            slot("account_id", Looks::Ref, 1.0, ACCOUNT_REF),
            telling(
                "at",
                Looks::Time,
                1.0,
                "=at|=ts|paid at|payment date|payment time|created at|createdat|\
                 confirmed at|timestamp|=time|=date|datetime|created",
            ),
            telling(
                "amount",
                Looks::Amount,
                2.5,
                "amount|=sum|=value|=total|=price|=paid|=credit|paid amount",
            ),
            slot(
                "currency",
                Looks::Currency,
                1.0,
                "currency|=coin|=ccy|=cur|crypto",
            ),
            telling(
                "txid",
                Looks::Txid,
                2.5,
                "txid|tx id|tx hash|txhash|transaction hash|=tx|=txn|=hash",
            ),
            telling(
                "address",
                Looks::Address,
                2.0,
                "address|btc address|wallet|wallet address|deposit address|=addr|to address",
            ),
            slot(
                "method",
                Looks::Text,
                1.0,
                "method|gateway|provider|processor|=type|=via",
            ),
        ],
    },
    Target {
        ours: "calls",
        names: "calls|call|cdr|cdrs|call log|call logs|call history|call records|calllog",
        needs: &[&["called", "presented"], &["started", "duration"]],
        slots: &[
            slot(
                "call_id",
                Looks::Ref,
                0.5,
                "call id|callid|call ref|callref|call uuid|linkedid|linked id|=uniqueid|\
                 =uuid|=ref|call reference",
            ),
            slot(
                "leg_id",
                Looks::Id,
                0.5,
                "leg id|legid|=uniqueid|=uuid|unique id|channel id|=id|cdr id",
            ),
            slot("account_id", Looks::Ref, 1.0, ACCOUNT_REF),
            telling(
                "called",
                Looks::Called,
                3.0,
                "called|dialled|dialed|dest|destination|destination number|dst|callee|\
                 called number|dialled number|target|=to|to number|b number|bnumber|victim|\
                 phone number|called party|dnis|number dialed|recipient|=phone|=number",
            ),
            telling(
                "presented",
                Looks::Presented,
                2.0,
                "presented|spoofed cli|spoofed|spoof|shown|caller id|callerid|displayed|\
                 display number|fake number|=display|cli|caller id number|caller number|\
                 clid|=src|=from|from number|a number|anumber|ani|=caller|=source|display",
            ),
            telling(
                "started",
                Looks::Time,
                1.0,
                "started at|started|start time|start|start stamp|startedat|call date|\
                 calldate|call time|begin|began|=ts|timestamp|=time|=date|datetime|\
                 created at|createdat|start epoch",
            ),
            slot(
                "answered",
                Looks::Time,
                1.5,
                "answered at|answered|answer time|answer stamp|answer|answeredat|\
                 answer epoch|connected at",
            ),
            telling(
                "duration",
                Looks::Duration,
                2.0,
                "billsec|talk seconds|talk time|talk s|talktime|duration s|duration|dur s|\
                 dur|seconds|call length|=length|length in sec|talk|duration seconds",
            ),
            slot(
                "duration_kind",
                Looks::Words(words::DURATION_KIND),
                0.5,
                "dur kind|duration kind|duration type|billing type",
            ),
            slot(
                "machine_s",
                Looks::Seconds,
                1.0,
                "machine s|machine seconds|amd seconds|amd s|voicemail seconds|machine sec",
            ),
            slot(
                "leg",
                Looks::Words(words::LEG),
                1.0,
                "leg|call leg|leg type|dcontext|=direction|=context",
            ),
            slot(
                "kind",
                Looks::Words(words::KIND),
                0.5,
                "mode|=kind|call type|=type|call mode|call kind",
            ),
            slot(
                "code_captured",
                Looks::Words(words::CODE_CAPTURED),
                1.0,
                "otp captured|code captured|captured|got code|got otp|has code|has otp",
            ),
            telling(
                "disposition",
                Looks::Words(words::DISPOSITION),
                1.0,
                "disposition|call status|=status|dial status|dialstatus|outcome|=result|\
                 hangup cause|=state|=cause|call result",
            ),
            slot(
                "trunk",
                Looks::Text,
                0.5,
                "trunk|route|gateway|carrier|provider|dstchannel|dst channel",
            ),
        ],
    },
    Target {
        ours: "reports",
        names: "reports|report|complaints|complaint|crimes|crime reports|fraud reports",
        needs: &[
            &["called", "presented", "reported", "report_id"],
            &["narrative", "loss", "organisation", "bank"],
        ],
        slots: &[
            slot(
                "report_id",
                Looks::Id,
                1.0,
                "report id|report reference|report ref|report number|crime reference|\
                 crime number|crime ref|complaint id|case number|reference|=id|urn",
            ),
            slot(
                "reported",
                Looks::Time,
                2.0,
                "reported at|reported|date reported|report date|reported ts|created at|\
                 created date|received|=date",
            ),
            slot(
                "incident",
                Looks::Time,
                2.0,
                "incident date|incident|date of call|call date|date of incident|\
                 offence date|violation date|occurred|happened",
            ),
            telling(
                "called",
                Looks::Called,
                1.5,
                "victim phone|victim number|phone number called|called|number called|\
                 called number|phone called|consumer phone|=phone|=telephone|\
                 complainant phone",
            ),
            slot(
                "presented",
                Looks::Presented,
                2.0,
                "number displayed|displayed|caller id|presented|number shown|shown|\
                 suspect number|suspect phone|spoofed|caller number|company phone number|\
                 calling number",
            ),
            slot(
                "organisation",
                Looks::Text,
                1.5,
                "organisation|organization|claimed to be|caller claimed to be|impersonated|\
                 claimed|company|purported",
            ),
            slot("bank", Looks::Text, 1.5, "bank|bank name|victim bank"),
            slot(
                "loss",
                Looks::Amount,
                2.5,
                "amount lost|loss|lost|loss amount|=amount|financial loss|money lost",
            ),
            telling(
                "narrative",
                Looks::Narrative,
                3.0,
                "narrative|what happened|=text|description|details|statement|story|\
                 free text|=notes|=comments",
            ),
        ],
    },
];

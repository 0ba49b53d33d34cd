//! The faults, and what the client makes of each.

/// What the client does about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing is to be done: the answer is true.
    Harmless,
    /// It had no effect: sent again, so many times in all.
    Again(usize),
    /// It was not let in: sent once more, with a new token.
    Renewed,
    /// It is refused for good.
    Refused,
    /// Nobody knows: read back, found undone, sent again.
    Undone,
    /// Nobody knows: read back, found done.
    Done,
}

use Way::{Again, Done, Harmless, Refused, Renewed, Undone};

/// A fault, and what becomes of a write, a read and a login that it strikes.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub effect: &'static str,
    pub write: Way,
    pub read: Way,
    pub login: Way,
    /// What names it to people when it stays.
    pub words: &'static str,
    /// What names it when it strikes a login.
    pub login_words: &'static str,
}

const fn fault(
    effect: &'static str,
    [write, read, login]: [Way; 3],
    words: &'static str,
    login_words: &'static str,
) -> Fault {
    Fault { effect, write, read, login, words, login_words }
}

/// How often a request is sent that is turned away because there are too many.
const THROTTLED: Way = Again(10);
/// How often a request is sent that fails and has no effect.
const FAILING: Way = Again(4);

const CHECK: &str = "check GENESYS_CLIENT_ID";
const NO_TOKEN: &str = "but without a token";

/// Every fault of the sandbox that strikes single requests, by the status and by what breaks.
pub const FAULTS: [Fault; 33] = [
    // The login tells with 400 that there were too many.
    fault(
        "status: 400",
        [Refused, Refused, THROTTLED],
        "refused with 400: The request could not",
        "rate limited, gave up",
    ),
    fault("status: 401", [Renewed, Renewed, Refused], "not authenticated: Invalid login credentials", CHECK),
    fault("status: 403", [Refused, Refused, Refused], "not permitted: Unable to perform", CHECK),
    fault("status: 404", [Refused, Refused, Refused], "not found: The requested resource", "status 404"),
    fault("status: 408", [Undone, FAILING, FAILING], "408: The client did not produce", "status 408"),
    fault("status: 409", [Refused, Refused, Refused], "conflict: The request conflicts", "status 409"),
    fault("status: 413", [Refused, Refused, Refused], "refused with 413: The request is over the size", "status 413"),
    fault("status: 415", [Refused, Refused, Refused], "refused with 415: The request must have", "status 415"),
    fault("status: 429", [THROTTLED; 3], "rate limited, gave up: Rate limit exceeded", "rate limited, gave up"),
    fault("status: 429, retryAfter: 7", [THROTTLED; 3], "asked to wait 7 s, gave up", "asked to wait 7 s, gave up"),
    fault("status: 429, retryAfter: 7, retryAfterDate: true", [THROTTLED; 3], "asked to wait 7 s", "asked to wait 7 s"),
    fault("status: 429, retryAfter: 181", [Refused; 3], "asked to wait 181 s, gave up", "asked to wait 181 s, gave up"),
    fault(
        "status: 429, retryAfter: 181, retryAfterDate: true",
        [Refused; 3],
        "wait 181 s, gave up",
        "wait 181 s, gave up",
    ),
    fault("status: 500", [Undone, FAILING, FAILING], "500: The server encountered", "status 500"),
    fault("status: 500, body: ''", [Undone, FAILING, FAILING], "no reason for its status 500", "status 500"),
    fault("status: 501", [Refused; 3], "refused with 501", "refused with 501"),
    fault(
        "status: 502, html: true",
        [Undone, FAILING, FAILING],
        "status 502 with text/html",
        "status 502 with text/html",
    ),
    fault("status: 503", [Undone, FAILING, FAILING], "503: Service Unavailable", "status 503"),
    fault("status: 503, retryAfter: 7", [Undone, FAILING, FAILING], "503: Service Unavailable", "status 503"),
    fault("status: 503, retryAfter: 181", [Undone, Refused, Refused], "503: Service Unavailable", "status 503"),
    fault("status: 504", [Undone, FAILING, FAILING], "504: The request timed out", "status 504"),
    fault("status: 200, html: true", [Undone, Refused, Refused], "status 200 with text/html", NO_TOKEN),
    fault("status: 200, body: 'half'", [Undone, Refused, Refused], "status 200 with text/plain", NO_TOKEN),
    fault("status: 200, body: ''", [Undone, Refused, Refused], "status 200 with text/plain", NO_TOKEN),
    fault("status: 302", [Refused; 3], "redirected with 302", "redirected with 302"),
    fault("reset: before", [Undone, FAILING, FAILING], "broke", "broke"),
    fault("reset: after", [Done, FAILING, FAILING], "broke", "broke"),
    fault("truncate: true", [Done, FAILING, FAILING], "broke", "broke"),
    fault("expireToken: true", [Renewed, Renewed, Harmless], "not authenticated: Invalid login credentials", ""),
    fault("bumpVersion: true", [Harmless; 3], "changed since the plan was made", ""),
    fault("shiftPages: true", [Harmless; 3], "", ""),
    fault("clockSkew: 3600", [Harmless; 3], "", ""),
    fault("delayMs: 1", [Harmless; 3], "", ""),
];

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strikes {
    Once,
    Always,
}

impl Strikes {
    pub const BOTH: [Self; 2] = [Self::Once, Self::Always];

    /// The rule by which an effect strikes requests so.
    pub fn rule(self, method: &str, path: &str, effect: &str) -> String {
        let nth = if self == Self::Once { "nth: 1, " } else { "" };
        format!("- {{method: {method}, path: {path}, {nth}{effect}}}\n")
    }
}

impl Way {
    /// Whether a request without effect succeeds in the end.
    pub fn overcomes(self, strikes: Strikes) -> bool {
        match self {
            Harmless => true,
            Refused => false,
            Again(_) | Renewed | Undone | Done => strikes == Strikes::Once,
        }
    }

    /// How often a request without effect is sent.
    pub fn sends(self, strikes: Strikes) -> usize {
        match (self, strikes) {
            (Harmless | Refused, _) => 1,
            (Again(most), Strikes::Always) => most,
            (Again(_) | Renewed | Undone | Done, _) => 2,
        }
    }
}

use super::super::file::Config;
use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn variables(name: &str) -> Option<String> {
    let value = match name {
        "WFM_WEBHOOK_URL" => "https://wfm.example/s3cret",
        "WFM_WEBHOOK_SECRET" => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw  whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AUDIT_URL" => "https://audit.example/?key=s3cret",
        "AUDIT_SECRET" => SECRET,
        "AUDIT_SECRET_NEXT" => OTHER,
        "AUDIT_KEY" => "s3cret\n",
        "NOT_A_URL" => "s3cret",
        "TWO_LINES" => "s3cret\ns3cret",
        "EMPTY" => " ",
        _ => return None,
    };
    Some(value.to_owned())
}

fn read(text: &str) -> Result<Vec<Receiver>, String> {
    let config = Config::parse("dialctl.yaml", text).map_err(|lines| lines.join("\n"))?;
    receivers(&config.file.webhooks, &variables).map_err(|lines| lines.join("\n"))
}

#[test]
fn receivers_come_from_the_file_and_the_environment() {
    let text = "webhooks:\n- name: audit\n  urlFrom: AUDIT_URL\n  events: [SCHEDULE_DELETED]\n  \
                selector: {matchLabels: {team: retention}}\n  format: cloudevents-structured\n  \
                secretFrom: [AUDIT_SECRET, AUDIT_SECRET_NEXT]\n  headers: {X-Api-Key: {from: AUDIT_KEY}}\n\
                - {name: zeta, url: \"http://localhost:9000/s3cret\", secretFrom: AUDIT_SECRET}\n";
    let receivers = read(text).unwrap();
    let [audit, wfm, zeta] = receivers.as_slice() else { panic!("{receivers:?}") };
    assert_eq!((audit.name.as_str(), wfm.name.as_str(), zeta.name.as_str()), ("audit", "wfm", "zeta"));
    assert_eq!(audit.address.to_string(), "https://audit.example");
    assert!(audit.interest.events.iter().eq(&[EventType::ScheduleDeleted]));
    assert_eq!(audit.interest.selector.match_labels["team"], "retention");
    assert_eq!(
        (audit.format, wfm.format, zeta.format),
        (Format::CloudEventsStructured, Format::Mission, Format::Mission)
    );
    assert_eq!((audit.secrets.len(), wfm.secrets.len(), zeta.secrets.len()), (2, 2, 1));
    assert_eq!(audit.headers["x-api-key"], "s3cret");
    assert_eq!((&wfm.interest, &zeta.interest), (&Interest::default(), &Interest::default()));
    let shown = format!("{receivers:?}");
    assert!(!shown.contains("s3cret") && !shown.contains(&SECRET[6..]), "{shown}");
}

#[test]
fn without_anything_there_are_none() {
    assert!(receivers(&[], &|_| None).unwrap().is_empty());
}

#[test]
fn mistakes_in_the_file_are_told_with_their_place() {
    let address = "url: \"https://a.example\"";
    for (text, told) in [
        ("{name: a, url: \"http://a.example/s3cret\"}", &["1:27: ", "plain http to a.example", "use https"][..]),
        ("{name: a, url: \"https://me:s3cret@a.example\"}", &["1:27: ", "`urlFrom`"]),
        ("{name: a, url: \"https://a.example/?key=s3cret\"}", &["1:27: ", "may be a secret"]),
        ("{name: a}", &["1:12: it has no address; give `url`"]),
        (&format!("{{name: a, {address}, urlFrom: AUDIT_URL}}"), &["1:57: ", "keep one of the two"]),
        (&format!("{{name: wfm, {address}}}"), &["1:19: `wfm` is the receiver of WFM_WEBHOOK_URL"]),
        (&format!("{{name: a, {address}}}, {{name: a, {address}}}"), &["1:56: another webhook is called `a`"]),
        (&format!("{{name: A b, {address}}}"), &["1:19: expected a name of 1 to 40 characters"]),
        (&format!("{{name: a, {address}, events: [SCHEDULE_CREATE]}}"), &["did you mean `SCHEDULE_CREATED`?"]),
        (&format!("{{name: a, {address}, events: []}}"), &["1:56: "]),
        (&format!("{{name: a, {address}, format: xml}}"), &["1:56: ", "`mission` or `cloudevents-structured`"]),
        (&format!("{{name: a, {address}, secretFrom: whsec-s3cret}}"), &["1:60: expected the name of an environment"]),
        (&format!("{{name: a, {address}, secretFrom: []}}"), &["1:60: "]),
        (&format!("{{name: a, {address}, headers: {{X: s3cret}}}}"), &["1:61: "]),
        (&format!("{{name: a, {address}, headers: {{\"a/b\": {{from: X}}}}}}"), &["1:65: this is no name of a header"]),
        (
            &format!("{{name: a, {address}, headers: {{Webhook-Id: {{from: X}}}}}}"),
            &["dialctl sets the header `webhook-id`"],
        ),
        (&format!("{{name: a, {address}, headers: {{Host: {{from: X}}}}}}"), &["dialctl sets the header `host`"]),
    ] {
        let message = read(&format!("webhooks: [{text}]")).unwrap_err();
        assert!(message.starts_with("dialctl.yaml:"), "{message}");
        assert!(told.iter().all(|part| message.contains(part)), "{text}: {message}");
    }
}

#[test]
fn what_the_environment_lacks_is_told_with_the_place_that_asks_for_it() {
    for (text, told) in [
        ("urlFrom: NONE", "2:3: the webhook `a`: `urlFrom` names the variable NONE, which is not set; set it"),
        ("urlFrom: EMPTY", "`urlFrom` names the variable EMPTY, which is not set"),
        ("urlFrom: NOT_A_URL", "2:3: the webhook `a`: NOT_A_URL: the webhook address is not a URL"),
        ("urlFrom: AUDIT_URL, secretFrom: NONE", "`secretFrom` names the variable NONE, which is not set"),
        (
            "urlFrom: AUDIT_URL, secretFrom: [AUDIT_SECRET, AUDIT_KEY]",
            "AUDIT_KEY: it is no signing secret: write it as",
        ),
        ("urlFrom: AUDIT_URL, headers: {X: {from: NONE}}", "`headers` names the variable NONE, which is not set"),
        ("urlFrom: AUDIT_URL, headers: {X: {from: TWO_LINES}}", "TWO_LINES: a header cannot have this value"),
    ] {
        let message = read(&format!("webhooks:\n- {{name: a, {text}}}\n")).unwrap_err();
        assert!(message.starts_with("dialctl.yaml:2:3: ") && message.contains(told), "{text}: {message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
    let both = receivers(&[], &|name| variables(name).map(|_| "s3cret".to_owned())).unwrap_err().join("\n");
    assert!(
        both.contains("WFM_WEBHOOK_URL: the webhook address") && both.contains("WFM_WEBHOOK_SECRET: it is no"),
        "{both}"
    );
    assert!(!both.contains("s3cret"), "{both}");
}

//! DL27x and DL90x: sources, channels and what a project says about its own operation.
use super::rows;

/// The base project with other sources and channels, and more at its end.
macro_rules! project {
    ($sources:literal, $channels:literal, $more:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "contact:\n  merge_by: [phone, email, whatsapp]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\n",
            $sources,
            "channels:\n  email: { provider: mailbox }\n",
            $channels,
            "policies:\n  preferred: [email]\n  consent: { marketing: double_opt_in }\n",
            $more
        )
    };
}
const CHAT: &str = project!(
    "  chat: { provider: chatwoot, secret: CHAT_SECRET, url: \"https://chat.example.com\", token: CHAT_TOKEN, account: 1 }\n",
    "  whatsapp: { provider: chatwoot, source: chat, inbox: 3 }\n",
    ""
);

rows! {
    PROVIDER_NEEDS: "DL906" "provider-needs" Error,
        "A source or a channel lacks what its provider needs.",
        "Without it nothing could be sent or understood.",
        bad &[("dripline.yaml", project!("", "  sms: { provider: twilio, account: TWILIO_SID, from: \"+18765550111\" }\n", ""))],
        good &[("dripline.yaml", project!("", "  sms: { provider: twilio, account: TWILIO_SID, token: TWILIO_TOKEN, from: \"+18765550111\" }\n", ""))];
    WRONG_MEDIUM: "DL907" "wrong-medium" Error,
        "A provider cannot carry this kind of message.",
        "A mail server sends no SMS; the name of the channel says what kind of message it is.",
        bad &[("dripline.yaml", project!("", "  sms: { provider: smtp, url: SMTP_URL }\n", ""))],
        good &[("dripline.yaml", project!("", "  sms: { provider: mailbox }\n", ""))];
    NOT_READ: "DL908" "not-read" Error,
        "A key that the provider does not read.",
        "It looks as if it had an effect, and has none.",
        bad &[("dripline.yaml", project!("", "  letter: { provider: folder, folder: letters, inbox: 3 }\n", ""))],
        good &[("dripline.yaml", project!("", "  letter: { provider: folder, folder: letters }\n", ""))];
    OUTSIDE: "DL909" "outside-the-project" Error,
        "A folder does not lie in the project.",
        "Files of a project could be written over anything on the machine.",
        bad &[("dripline.yaml", project!("", "  letter: { provider: folder, folder: ../letters }\n", ""))],
        good &[("dripline.yaml", project!("", "  letter: { provider: folder, folder: out/letters }\n", ""))];
    NOT_HTTPS: "DL910" "messages-without-https" Error,
        "Messages would go to a program over a line that others can read.",
        "They hold names, addresses and what people are treated for (GDPR Art. 32).",
        bad &[("dripline.yaml", project!("", "  letter: { provider: http, url: \"http://print.example.com/letters\" }\n", ""))],
        good &[("dripline.yaml", project!("", "  letter: { provider: http, url: \"https://print.example.com/letters\" }\n", ""))];
    ALERTS_OF_NOTHING: "DL911" "alerts-of-nothing" Error,
        "Somebody is to be told, and nothing says of what.",
        "No alert would ever come, and it looks as if one would.",
        bad &[("dripline.yaml", project!("", "", "alerts: { to: desk@example.com }\n"))],
        good &[("dripline.yaml", project!("", "", "alerts: { to: desk@example.com, errors_over: 20 }\n"))];
    NOBODY: "DL912" "nobody-to-alert" Error,
        "Alerts go to nobody.",
        "An alert that nobody gets is none.",
        bad &[("dripline.yaml", project!("", "", "alerts: { to: front_desk, errors_over: 20 }\nroles: { front_desk: { email: desk@example.com } }\n"))],
        good &[("dripline.yaml", project!("", "", "alerts: { to: \"role:front_desk\", errors_over: 20 }\nroles: { front_desk: { email: desk@example.com } }\n"))];
    WITHOUT_CLINIC: "DL924" "source-without-clinic" Error,
        "Every clinic has people of its own, and a source does not say of which clinic it tells.",
        "Its news would be about nobody's people: the same address is another person in each clinic.",
        bad &[("dripline.yaml", project!("", "", "identities: per_clinic\n"))],
        good &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET, clinic: main }\nchannels:\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\n  consent: { marketing: double_opt_in }\nidentities: per_clinic\n")];
    UNKNOWN_SOURCE: "DL270" "unknown-source" Error,
        "A channel writes through a source that cannot be written through.",
        "Nothing could be sent.",
        bad &[("dripline.yaml", project!("", "  whatsapp: { provider: chatwoot, source: own, inbox: 3 }\n", ""))],
        good &[("dripline.yaml", CHAT)];
    UNKNOWN_COUNTRY: "DL273" "unknown-country" Error,
        "A country that does not exist.",
        "Which laws count hangs on it.",
        bad &[("dripline.yaml", project!("", "", "countries: [UK]\n"))],
        good &[("dripline.yaml", project!("", "", "countries: [GB]\n"))];
    NOT_RETIRED: "DL272" "not-retired" Error,
        "A sequence is retired and still has its file.",
        "Either people enter it or they leave it; both at once cannot be meant.",
        bad &[("dripline.yaml", project!("", "", "retired: { welcome: stop }\n"))],
        good &[("dripline.yaml", project!("", "", "retired: { old_welcome: stop }\n"))];
}

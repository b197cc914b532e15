//! DL553 to DL558: approved WhatsApp templates and the list of them. Every row names its rule (R…) and where it comes from.
use super::rows;

macro_rules! project {
    ($zone:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: ",
            $zone,
            "\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "channels:\n  email: { provider: mailbox, from: \"Example <hello@example.com>\" }\n  whatsapp: { provider: mailbox }\n",
            "policies:\n  quiet_hours: { from: \"20:00\", to: \"09:00\", for: [marketing] }\n"
        )
    };
}
macro_rules! list {
    ($category:literal, $status:literal, $body:literal) => {
        concat!(
            "[ { \"name\": \"hello\", \"language\": \"en\", \"category\": \"",
            $category,
            "\", \"status\": \"",
            $status,
            "\", \"components\": [ { \"type\": \"BODY\", \"text\": \"",
            $body,
            "\" } ] } ]\n"
        )
    };
}
const PROJECT: &str = project!("Europe/Berlin");
const LIST: &str = list!("MARKETING", "APPROVED", "Hello {{1}}, we are here.");
const STEP: &str = "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    whatsapp_template: { name: hello, params: [\"{{ contact.first_name | default('there') }}\"] }\n    via: [whatsapp, email]\n    send: welcome\n";
const ALONE: &str = "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    whatsapp_template: { name: hello, params: [\"{{ contact.first_name | default('there') }}\"] }\n    whatsapp: { text: Hello }\n  - id: more\n    email: welcome\n";

rows! {
    NOT_REGISTERED: "DL553" "template-not-registered" Error,
        "A WhatsApp template is not in the provider's list in that language, or is not approved.",
        "R02. WhatsApp refuses unknown, paused and disabled templates (132001, 132015, 132016). The list is committed as templates/whatsapp.json.",
        bad &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", list!("MARKETING", "PAUSED", "Hello {{1}}.")), ("sequences/welcome.yaml", STEP)],
        good &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", STEP)];
    PARAMETERS: "DL554" "template-parameters" Error,
        "A WhatsApp template gets more or fewer parameters than it has placeholders.",
        "R03. WhatsApp refuses it (132000).",
        bad &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", list!("MARKETING", "APPROVED", "Hello {{1}}, until {{2}}.")), ("sequences/welcome.yaml", STEP)],
        good &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", STEP)];
    BAD_PARAMETER: "DL555" "bad-template-parameter" Error,
        "A parameter of a WhatsApp template can be empty, has several lines, or is too long.",
        "R04. WhatsApp refuses parameters that are empty or have line breaks, tabs or four spaces in a row (132008, 132012), and texts over 1,024 characters (63021).",
        bad &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    whatsapp_template: { name: hello, params: [\"{{ contact.first_name | default('') }}\"] }\n    via: [whatsapp, email]\n    send: welcome\n")],
        good &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", STEP)];
    BLOCKED_IN_AMERICA: "DL556" "blocked-in-america" Error,
        "A marketing template on WhatsApp has no other channel beside it, and people may have numbers of the United States.",
        "R05. Marketing on WhatsApp to +1 numbers of the United States has been blocked since 1 April 2025. A warning where only the zone tells the country.",
        bad &[("dripline.yaml", project!("America/New_York")), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", ALONE)],
        good &[("dripline.yaml", project!("America/New_York")), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", STEP)];
    UTILITY_PROMOTES: "DL557" "utility-promotes" Warning,
        "A WhatsApp template that is listed as UTILITY advertises.",
        "R06. WhatsApp moves it to MARKETING by itself (template_category_update), and then it needs consent and costs more.",
        bad &[("templates/whatsapp.json", list!("UTILITY", "APPROVED", "Your visit is tomorrow. 20% off today!"))],
        good &[("templates/whatsapp.json", list!("UTILITY", "APPROVED", "Your visit is tomorrow."))];
    TOO_CLOSE: "DL558" "templates-too-close" Error,
        "Two marketing templates on WhatsApp can go out within 24 hours.",
        "R07. WhatsApp withholds the second one (131049), and it must not be tried again within a day.",
        bad &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    whatsapp_template: { name: hello, params: [there] }\n    via: [whatsapp, email]\n    send: welcome\n  - id: again\n    wait: 5h\n    whatsapp_template: { name: hello, params: [there] }\n    via: [whatsapp, email]\n    send: welcome\n")],
        good &[("dripline.yaml", PROJECT), ("templates/whatsapp.json", LIST), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    whatsapp_template: { name: hello, params: [there] }\n    via: [whatsapp, email]\n    send: welcome\n  - id: again\n    wait: 1d\n    whatsapp_template: { name: hello, params: [there] }\n    via: [whatsapp, email]\n    send: welcome\n")];
}

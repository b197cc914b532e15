//! DL5xx: consent, law, safety, secrets.
use super::rows;

rows! {
    LITERAL_SECRET: "DL501" "literal-secret" Error,
        "A secret stands in a file.",
        "Files are copied, reviewed and kept for ever; whoever reads them could send in your name. Write the name of an environment variable, or file:/run/secrets/x.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\nsources:\n  own: { provider: events, secret: hunter2 }\nchannels:\n  email: { provider: mailbox }\n")],
        good &[];
}

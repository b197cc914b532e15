//! DL9xx: the project folder and its environment.
use super::rows;

rows! {
    UNREADABLE: "DL901" "unreadable" Error,
        "A file or folder cannot be read.",
        "What stands in it would silently be missing.",
        bad &[], good &[];
    TOO_MANY_FILES: "DL902" "too-many-files" Error,
        "The project has more than 10,000 files.",
        "Checking has to stay quick; beyond this number something else usually lies in the folder.",
        bad &[], good &[];
    NO_PROJECT: "DL903" "no-project" Error,
        "There is no dripline.yaml.",
        "It says who you are, how people are reached and which rules hold.",
        bad &[], good &[];
    REQUIRES: "DL904" "requires" Error,
        "The files are for another version of the program.",
        "A file may use what this version does not know, or rely on what it does differently.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=9.0\"\nzone: Europe/Berlin\nlocales: [en]\nchannels:\n  email: { provider: mailbox }\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n")],
        good &[];
    UNKNOWN_ENVIRONMENT: "DL905" "unknown-environment" Error,
        "--env names an environment that the project does not have.",
        "Its bindings would silently not apply.",
        bad &[], good &[];
}

//! DL8xx: style.
use super::rows;

rows! {
    UNUSED_ALLOW: "DL801" "unused-allow" Warning,
        "A comment allows a finding that is not there.",
        "It would silence a finding that somebody has not seen yet.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\n# dripline: allow DL409 because we like it\nenroll: welcome\n")],
        good &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\n# dripline: allow DL409 because the form is being rebuilt\nif: contact.score > 5 or true\nenroll: welcome\n")];
    ALLOW_WITHOUT_REASON: "DL802" "allow-without-reason" Warning,
        "A comment allows a finding and does not say why.",
        "Whoever reads it later has to know whether the reason still holds.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\n# dripline: allow DL409\nif: contact.score > 5 or true\nenroll: welcome\n")],
        good &[];
    BAD_ALLOW: "DL803" "bad-allow" Warning,
        "A comment allows something that cannot be allowed.",
        "Only suspicions, and mistakes that leave a plan that can run, may be taken on by an author.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\n# dripline: allow everything because we are in a hurry\nenroll: welcome\n")],
        good &[];
}

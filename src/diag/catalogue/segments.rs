//! DL220 to DL223: segments.
use super::rows;

rows! {
    UNKNOWN_SEGMENT: "DL220" "unknown-segment" Error,
        "There is no segment of that name.",
        "Nobody would be in it. Segments are files in segments/.",
        bad &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: in_segment('quiet') and not in_segment('quit')\nenroll: welcome\n")],
        good &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: in_segment('quiet')\nenroll: welcome\n")];
    SEGMENT_CIRCLE: "DL221" "segment-circle" Error,
        "A segment asks for itself, alone or by way of others.",
        "Who is in it could never be told.",
        bad &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5 and not in_segment('loud')\n"), ("segments/loud.yaml", "segment: loud\nwhere: not in_segment('quiet')\n")],
        good &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5\n"), ("segments/loud.yaml", "segment: loud\nwhere: not in_segment('quiet')\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: in_segment('loud')\nenroll: welcome\n")];
    UNUSED_SEGMENT: "DL222" "unused-segment" Warning,
        "Nothing uses the segment.",
        "Often a name was misspelt elsewhere, or the last trigger or campaign that used it is gone.",
        bad &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5\n")],
        good &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: not in_segment('quiet')\nenroll: welcome\n")];
    UNKNOWN_CLINIC: "DL223" "unknown-clinic" Error,
        "There is no clinic of that name.",
        "Nobody would belong to it. Clinics are declared in dripline.yaml.",
        bad &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5\nclinic: man\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: in_segment('quiet')\nenroll: welcome\n")],
        good &[("segments/quiet.yaml", "segment: quiet\nwhere: contact.score < 5\nclinic: [main]\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: in_segment('quiet')\nenroll: welcome\n")];
}

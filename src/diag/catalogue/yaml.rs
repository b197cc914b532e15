//! DL0xx: the file as YAML.
use super::rows;

rows! {
    NOT_TEXT: "DL001" "not-text" Error,
        "The file is not text in UTF-8.",
        "Files are read as UTF-8 on every machine. Another encoding would turn names like Zoë into different letters.",
        bad &[], good &[];
    SYNTAX: "DL002" "syntax" Error,
        "The file is not valid YAML.",
        "What stands after the broken place cannot be read, so nothing of the file can run until it is repaired.",
        bad &[("sequences/extra.yaml", "sequence: extra\ntitle: \"no end\npurpose: marketing\n")],
        good &[];
    TAB: "DL003" "tab" Error,
        "A tab stands where spaces are needed.",
        "YAML measures nesting in spaces; how wide a tab is differs from editor to editor.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\ndo:\n\t- tag: { add: new }\n")],
        good &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\ndo:\n  - tag: { add: new }\nenroll: welcome\n")];
    BARE_TEMPLATE: "DL004" "bare-template" Error,
        "A text with {{ … }} has no quotes.",
        "An opening brace starts a map in YAML, so the text would be read as a map with a map as its key.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\ndo:\n  - task: { title: {{ contact.first_name }} }\n")],
        good &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\ndo:\n  - task: { title: \"Call {{ contact.first_name | default('them') }}\", assign: desk@example.com }\n")];
    COLON_IN_TEXT: "DL005" "colon-in-text" Error,
        "A text without quotes contains a colon and a space.",
        "`: ` separates a key from its value, so the text would be cut in two.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ntitle: Re: hello\npurpose: marketing\n")],
        good &[];
    DUPLICATE_KEY: "DL006" "duplicate-key" Error,
        "A key stands twice in the same object.",
        "Only one of the two values could count, and readers would disagree about which.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\nevent: form.submitted\n")],
        good &[];
    YAML_1_1: "DL007" "yaml-1-1" Warning,
        "A text without quotes is read as something else by older YAML tools.",
        "Words like no, on, 010 or 12:30 are text here, but a truth value or a number in tools that follow YAML 1.1.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ntitle: no\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\ntitle: \"no\"\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")];
    SPLIT_EXPRESSION: "DL008" "split-expression" Error,
        "A comma cuts an expression inside { } in two.",
        "Inside braces a comma ends the value, so the rest of the expression silently becomes a key.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: { first_of: [ { if: has_booking(kind='intro', status='accepted'), sequence: welcome } ], otherwise: welcome }\n")],
        good &[];
    QUOTE_IN_EXPRESSION: "DL009" "quote-in-expression" Error,
        "An expression starts with a quotation mark, or holds a list inside { }.",
        "YAML takes the quotation mark or bracket for its own, and what follows for a mistake.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nif: 'vip' in contact.tags\nenroll: welcome\n")],
        good &[];
    TOO_BIG: "DL010" "too-big" Error,
        "The file is beyond a limit: 1 MiB, 64 levels, 20,000 values with repeated anchors counted each time.",
        "A file that grows without bound would stop every check and every reload.",
        bad &[], good &[];
    UNKNOWN_ANCHOR: "DL011" "unknown-anchor" Error,
        "An alias (*name) has no anchor (&name) above it.",
        "Anchors work inside one file, from the place where their value ends.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nretries: *usual\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    MERGE: "DL012" "merge" Error,
        "A merge key (<<) needs an object, or a list of objects.",
        "`<<: *name` copies the keys of an object; there is nothing to copy from anything else.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\n<<: 5\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    TAG: "DL013" "yaml-tag" Error,
        "YAML tags (!name) are not part of the language.",
        "A tag tells a program to read a value in its own way; here every key says how its value is read.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ntitle: !fancy Hello\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    SEVERAL_DOCUMENTS: "DL014" "several-documents" Error,
        "The file holds more than one YAML document.",
        "One object per file keeps names, history and reviews apart.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\n---\ntrigger: other\n")],
        good &[];
    KEY_IS_NO_TEXT: "DL015" "key-is-no-text" Error,
        "A key is a list or an object.",
        "Keys are names; only a text can be one.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\nmeta:\n  [a, b]: 1\n")],
        good &[];
    TWO_MARKERS: "DL016" "two-markers" Error,
        "${ … } and {{ … }} stand in the same text.",
        "${vars.name} is filled in when the files are read, {{ … }} when the message is made. One text has one of them: `{{ vars.name }}` works in texts too.",
        bad &[
            ("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nvars: { desk: front }\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\n"),
            ("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\ndo:\n  - task: { title: \"${vars.desk}: call {{ contact.first_name }}\" }\n"),
        ],
        good &[];
}

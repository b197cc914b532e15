//! DL2xx: names that nobody declares, names used twice, names nobody uses.
use super::rows;

rows! {
    UNKNOWN_VARIABLE: "DL201" "unknown-variable" Error,
        "${vars.name} names a variable that the project does not have.",
        "Variables are declared under vars: in dripline.yaml.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ntitle: \"${vars.clinic}\"\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
}

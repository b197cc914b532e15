//! Suites as JUnit's XML, which every CI server shows as tests: one case each, whose failure is the text that people read.
use super::{Report, text, title, words};
use crate::report::findings::xml;

pub(crate) fn junit(report: &Report<'_>) -> String {
    let mut suites = String::new();
    for ran in report.ran {
        let file = xml(&format!("{}{}", report.prefix, words::clean(&ran.suite.origin.file)));
        let name = xml(&words::clean(&ran.suite.name));
        let failed = ran.cases.iter().filter(|case| !case.passed()).count();
        suites.push_str(&format!(
            "  <testsuite name=\"{name}\" file=\"{file}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" \
             skipped=\"0\">\n",
            ran.cases.len()
        ));
        for case in &ran.cases {
            let line = ran.suite.scenarios.get(case.scenario).map_or(1, |scenario| scenario.origin.line);
            let open = format!(
                "    <testcase classname=\"{name}\" name=\"{}\" file=\"{file}\" line=\"{line}\"",
                xml(&title(ran, case))
            );
            if case.passed() {
                suites.push_str(&format!("{open}/>\n"));
                continue;
            }
            suites.push_str(&format!(
                "{open}>\n      <failure type=\"scenario\" message=\"{}\">{}</failure>\n    </testcase>\n",
                xml(&text::headline(ran, case)),
                xml(&text::plain(&text::failure(report, ran, case))),
            ));
        }
        suites.push_str("  </testsuite>\n");
    }
    let count = report.count();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dripline\" tests=\"{}\" \
         failures=\"{}\">\n{suites}</testsuites>\n",
        count.cases, count.failed_cases
    )
}

//! Suites for programs. Everything that the other forms say is in it, with places; the whole story of a case only where the
//! case failed or every line was asked for.
use super::{
    FORMAT_VERSION, Report, coverage, rerun,
    words::{self, clean},
};
use crate::{
    plan::Origin,
    simulate::suite::{Breach, Case, Line, LineWord, Ran, Row, SpotKind, Verdict},
};
use serde_json::{Value, json};

pub(crate) fn json(report: &Report<'_>) -> Value {
    let count = report.count();
    json!({
        "format_version": FORMAT_VERSION,
        "suites": report.ran.iter().map(|ran| suite(ran, report)).collect::<Vec<_>>(),
        "coverage": covered(report),
        "summary": {
            "suites": report.ran.len(),
            "scenarios": count.scenarios,
            "failed": count.failed,
            "cases": count.cases,
            "failed_cases": count.failed_cases,
            "passed": count.failed == 0 && count.scenarios > 0 && !report.covers_too_little(),
        },
    })
}

fn suite(ran: &Ran, report: &Report<'_>) -> Value {
    json!({
        "name": clean(&ran.suite.name),
        "title": ran.suite.title.as_deref().map(clean),
        "place": place(&ran.suite.origin),
        "seed": ran.seed,
        "passed": ran.passed(),
        "cases": ran.cases.iter().map(|one| case(ran, one, report)).collect::<Vec<_>>(),
    })
}

fn place(origin: &Origin) -> Value {
    json!({ "file": clean(&origin.file), "line": origin.line })
}

fn case(ran: &Ran, case: &Case, report: &Report<'_>) -> Value {
    let scenario = ran.suite.scenarios.get(case.scenario);
    let mut object = json!({
        "scenario": scenario.map(|scenario| clean(&scenario.name)),
        "variation": case.variation.as_deref().map(clean),
        "place": scenario.map(|scenario| place(&scenario.origin)),
        "start": case.start.to_string(),
        "until": case.until.to_string(),
        "zone": case.zone.name(),
        "passed": case.passed(),
        "rows": case.rows.iter().map(|of| row(of, ran, case)).collect::<Vec<_>>(),
        "breaches": case.breaches.iter().map(|of| breach(of, ran, case)).collect::<Vec<_>>(),
        "rerun": rerun(ran, case),
    });
    if report.trace || !case.passed() {
        object["lines"] = case.lines.iter().map(|of| line(of, ran, case)).collect();
    }
    object
}

fn row(row: &Row, ran: &Ran, case: &Case) -> Value {
    let then = row.expected.and_then(|index| ran.suite.scenarios.get(case.scenario)?.then.get(index));
    let (verdict, differs) = match &row.verdict {
        Verdict::Same => ("same", None),
        Verdict::Differs(what) => ("differs", Some(what)),
        Verdict::Missing => ("missing", None),
        Verdict::Unexpected => ("unexpected", None),
        Verdict::Count { .. } => ("count", None),
    };
    let mut object = json!({
        "verdict": verdict,
        "expected": then.map(|then| json!({ "written": clean(&then.written), "place": place(&then.origin) })),
        "got": row.got.iter().filter_map(|index| case.lines.get(*index)).map(|of| line(of, ran, case)).collect::<Vec<_>>(),
    });
    if !row.read.is_empty() {
        let read =
            row.read.iter().map(|(name, value)| json!({ "name": clean(name), "value": clean(&value.to_string()) }));
        object["read"] = read.collect();
    }
    if let Some(differs) = differs {
        object["differs"] = json!(differs);
    }
    if let Verdict::Count { wanted, got } = row.verdict {
        object["wanted"] = wanted.into();
        object["count"] = got.into();
    }
    if let Some(why) = words::why(row, ran, case) {
        let read: Vec<Value> = why.read.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        object["why_not"] =
            json!({ "told": why.words, "gate": why.gate, "read": read, "place": why.place.as_ref().map(place) });
    }
    object
}

fn breach(breach: &Breach, ran: &Ran, case: &Case) -> Value {
    let (told, origin) = words::breach(breach, ran, case);
    let kind = match breach {
        Breach::Always { .. } => "always",
        Breach::ModelAsked { .. } => "model",
        Breach::Intake { .. } => "intake",
        Breach::Loops { .. } => "loops",
        Breach::Broken(_) => "broken",
    };
    json!({ "kind": kind, "told": told, "place": origin.as_ref().map(place) })
}

fn line(line: &Line, ran: &Ran, case: &Case) -> Value {
    let reason = match &line.word {
        LineWord::Skipped(why)
        | LineWord::Failed(why)
        | LineWord::Cancelled(why)
        | LineWord::NotEntered(why)
        | LineWord::Stopped(why) => Some(clean(why)),
        _ => None,
    };
    let because = line.because.as_ref().map(|because| {
        let read = because.read.iter().map(|(name, value)| json!({ "name": clean(name), "value": clean(value) }));
        json!({ "gate": because.gate, "read": read.collect::<Vec<_>>() })
    });
    json!({
        "at": line.at.to_string(),
        "planned": line.planned.map(|at| at.to_string()),
        "zone": line.zone.name(),
        "who": line.who.as_deref().map(clean),
        "sequence": line.sequence.as_ref().map(ToString::to_string),
        "step": line.step.as_ref().map(ToString::to_string),
        "word": word(&line.word),
        "reason": reason,
        "channel": line.channel.as_ref().map(ToString::to_string),
        "subject": line.subject.as_deref().map(clean),
        "told": words::got(line, ran, case).what,
        "because": because,
        "place": line.origin.as_ref().map(place),
    })
}

fn word(word: &LineWord) -> &'static str {
    match word {
        LineWord::Happened(_) => "happened",
        LineWord::Did(_) => "did",
        LineWord::Sent => "sent",
        LineWord::Skipped(_) => "skipped",
        LineWord::Failed(_) => "failed",
        LineWord::Cancelled(_) => "cancelled",
        LineWord::Unknown => "unknown",
        LineWord::Deferred(_) => "deferred",
        LineWord::Attempt { .. } => "attempt",
        LineWord::Entered { .. } => "entered",
        LineWord::NotEntered(_) => "not_entered",
        LineWord::Completed => "completed",
        LineWord::Converted => "converted",
        LineWord::Stopped(_) => "stopped",
        LineWord::Task => "task",
        LineWord::Notified(_) => "notified",
        LineWord::Tagged(_) => "tagged",
        LineWord::Untagged(_) => "untagged",
        LineWord::Scored(_) => "scored",
        LineWord::Webhook => "webhook",
        LineWord::Took(_) => "took",
        LineWord::Consent => "opted_out",
    }
}

fn covered(report: &Report<'_>) -> Value {
    let all = report.coverage();
    let kind = |kind: SpotKind| match kind {
        SpotKind::Step => "step",
        SpotKind::Arm => "arm",
        SpotKind::Exit => "exit",
    };
    let spots = all.spots.iter().map(|(spot, seen)| {
        json!({
            "sequence": spot.sequence.as_str(),
            "kind": kind(spot.kind),
            "name": clean(&spot.name),
            "times": seen.times,
            "place": place(&seen.origin),
        })
    });
    let skips = all.skips.iter().map(|(reason, times)| json!({ "reason": clean(reason), "times": times }));
    json!({
        "percent": coverage::percent(&all),
        "least": report.coverage.least,
        "spots": spots.collect::<Vec<_>>(),
        "skip_reasons": skips.collect::<Vec<_>>(),
    })
}

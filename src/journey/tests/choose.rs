//! The best of several sequences.
use super::{build::*, stage::*};
use crate::{
    plan::{Among, Enrol, Fits, Plan, ScoreRange, Trigger},
    value::Value,
};
use std::sync::Arc;

fn fits(name: &str, score: Option<(i64, i64)>, sources: &[&str], priority: i32) -> Seq {
    let mut made = seq(name).step(say("hello")).priority(priority);
    made.0.funnels = vec![Arc::from("web")];
    made.0.fits = Fits {
        score: score.map(|(min, max)| ScoreRange { min: Some(min), max: Some(max) }),
        sources: sources.iter().map(|source| Arc::from(*source)).collect(),
        ..Fits::default()
    };
    made
}

fn best(among: Among) -> Trigger {
    let enrol = Some(Enrol::BestOf { among, otherwise: Some("other".into()) });
    Trigger { enrol, ..on("lead.created", "") }
}

fn with(sequences: &[Seq], among: Among) -> Stage {
    let mut plan: Plan = plan().with(seq("other").step(say("hello"))).on(best(among));
    plan.funnels = vec![Arc::from("web")];
    for sequence in sequences {
        plan = plan.with(sequence.clone());
    }
    Stage::new(plan.ready(), "2027-06-01 12:00")
}

fn comes(mut stage: Stage, score: i64, source: &str, funnel: &str) -> Vec<String> {
    let mut news = stage_news(&stage, funnel);
    news.contact.insert("score".into(), Value::Int(score));
    news.contact.insert("source".into(), Value::text(source));
    stage.news(news);
    let refused = stage.refused().into_iter();
    stage.runs().into_iter().chain(refused).collect()
}

fn stage_news(stage: &Stage, funnel: &str) -> crate::record::News {
    crate::record::News {
        kind: "lead.created".into(),
        at: stage.now,
        who: Some(who("ana")),
        booking: None,
        data: [(Arc::from("funnel"), Value::text(funnel))].into(),
        contact: Default::default(),
    }
}

#[test]
fn every_stated_part_has_to_hold_and_most_stated_parts_win() {
    let all =
        [fits("a", Some((0, 100)), &[], 90), fits("b", Some((0, 100)), &["Web"], 10), fits("c", None, &["Shop"], 99)];
    assert_eq!(comes(with(&all, Among::Funnel), 50, "Web", "web"), ["b completed"]);
    assert_eq!(comes(with(&all, Among::Funnel), 50, "Fair", "web"), ["a completed"]);
    assert_eq!(comes(with(&all, Among::Funnel), 500, "Fair", "web"), ["other completed"]);
}

#[test]
fn then_the_narrower_score_then_priority_then_the_name() {
    let all = [fits("a", Some((0, 100)), &[], 90), fits("b", Some((40, 60)), &[], 10)];
    assert_eq!(comes(with(&all, Among::Funnel), 50, "", "web"), ["b completed"]);
    let all = [fits("a", Some((40, 60)), &[], 10), fits("b", Some((45, 65)), &[], 20)];
    assert_eq!(comes(with(&all, Among::Funnel), 50, "", "web"), ["b completed"]);
    let all = [fits("b", None, &[], 10), fits("a", None, &[], 10)];
    assert_eq!(comes(with(&all, Among::Funnel), 50, "", "web"), ["a completed"]);
}

#[test]
fn an_unknown_funnel_is_said_and_takes_what_stands_under_otherwise() {
    let all = [fits("a", None, &[], 10)];
    assert_eq!(comes(with(&all, Among::Funnel), 50, "", "wbe"), ["other completed", "- unknown_funnel"]);
}

#[test]
fn a_list_and_a_category_are_chosen_from_and_what_is_off_is_not() {
    let all = [fits("a", None, &[], 10), fits("b", None, &[], 20), fits("c", None, &[], 30).off()];
    let these = Among::These(vec!["a".into(), "c".into()]);
    assert_eq!(comes(with(&all, these), 50, "", "web"), ["a completed"]);
    let category = Among::Category(all[0].0.category.clone());
    assert_eq!(
        comes(with(&all, category), 50, "", "web"),
        ["other completed"],
        "all are of one category; other has 50"
    );
}

//! Campaigns as somebody ordered them: launched, paused, resumed, called off. Which of these may follow which.
use super::{Did, Turn, desk::Desk, turn::Done};
use crate::{
    calendar::{Instant, Span},
    id::{ContactId, SequenceName},
    journey::{Event, Order, Standing},
    plan::{Campaign, Plan, TriggerSource},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One launched campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CampaignRow {
    pub(crate) standing: Standing,
    pub(crate) launched_at: Instant,
    pub(crate) changed_at: Instant,
    pub(crate) actor: Arc<str>,
    /// When people are taken in next.
    pub(crate) next_at: Option<Instant>,
    /// The last person of the page before; the next page begins behind them.
    pub(crate) swept_to: Option<ContactId>,
    /// Since when everybody of the audience is in.
    pub(crate) taken_at: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CampaignOrder {
    Launch,
    Pause,
    Resume,
    Cancel,
}

/// The state of a campaign as people see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CampaignStatus {
    Draft,
    Scheduled,
    Active,
    Paused,
    Completed,
    Cancelled,
}

impl CampaignOrder {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
        }
    }

    /// May it follow where the campaign stands?
    pub(crate) fn may_follow(self, status: CampaignStatus) -> bool {
        use CampaignStatus::{Active, Draft, Paused, Scheduled};
        match self {
            Self::Launch => status == Draft,
            Self::Pause => matches!(status, Scheduled | Active),
            Self::Resume => status == Paused,
            Self::Cancel => matches!(status, Scheduled | Active | Paused),
        }
    }

    fn leads_to(self, actor: &Arc<str>) -> Standing {
        match self {
            Self::Launch | Self::Resume => Standing::Launched,
            Self::Pause => Standing::Paused,
            Self::Cancel => Standing::Cancelled(actor.clone()),
        }
    }
}

impl CampaignStatus {
    /// `empty`: nobody is inside.
    pub(crate) fn of(campaign: &Campaign, row: Option<&CampaignRow>, empty: bool, now: Instant) -> Self {
        let Some(row) = row else { return Self::Draft };
        match row.standing {
            Standing::Cancelled(_) => Self::Cancelled,
            _ if campaign.is_over(now) => Self::Completed,
            Standing::Paused => Self::Paused,
            Standing::Launched if campaign.start.is_some_and(|start| now < start) => Self::Scheduled,
            Standing::Launched if row.taken_at.is_some() && empty && !campaign.daily => Self::Completed,
            Standing::Launched => Self::Active,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Scheduled => "SCHEDULED",
            Self::Active => "ACTIVE",
            Self::Paused => "PAUSED",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Carries an order out where it may follow; otherwise nothing happens.
pub(super) fn order<T: Turn>(
    desk: &mut Desk<'_, T>,
    name: &SequenceName,
    order: CampaignOrder,
    actor: &Arc<str>,
) -> Did<Done> {
    let Some(campaign) = campaign_of(&desk.loaded.plan, name) else { return Ok(Done::Ignored) };
    let known = desk.turn.campaigns()?.remove(name);
    let status = CampaignStatus::of(campaign, known.as_ref(), false, desk.now);
    let over = order == CampaignOrder::Launch && campaign.is_over(desk.now);
    if !order.may_follow(status) || over {
        return Ok(Done::Ignored);
    }
    let first = campaign.start.map_or(desk.now, |start| start.max(desk.now));
    let fresh = || CampaignRow {
        standing: Standing::Launched,
        launched_at: desk.now,
        changed_at: desk.now,
        actor: actor.clone(),
        next_at: Some(first),
        swept_to: None,
        taken_at: None,
    };
    let known = known.unwrap_or_else(fresh);
    let row = CampaignRow { standing: order.leads_to(actor), changed_at: desk.now, actor: actor.clone(), ..known };
    desk.turn.set_campaign(name, &row, Some(order.word()))?;
    desk.world.campaigns.insert(name.clone(), row.standing);
    Ok(Done::Carried)
}

/// A page of every audience that is due: who fits enters, and the place of the page is written with them. Returns how many
/// people were looked up, and whether there may be more.
pub(super) fn sweep<T: Turn>(desk: &mut Desk<'_, T>, page: usize) -> Did<(usize, bool)> {
    let loaded = desk.loaded;
    if !loaded.plan.has_campaigns() {
        return Ok((0, false));
    }
    let (mut people, mut more) = (0, false);
    for (name, row) in desk.turn.campaigns()? {
        if row.standing != Standing::Launched {
            continue;
        }
        let Some(campaign) = campaign_of(&loaded.plan, &name) else { continue };
        // a start that was edited after the launch counts while nobody is in
        let start = campaign.start.map_or(row.launched_at, |start| start.max(row.launched_at));
        let fresh = row.swept_to.is_none() && row.taken_at.is_none();
        let next = if fresh { Some(start) } else { row.next_at };
        let over = campaign.is_over(desk.now);
        if over || next.is_none_or(|next| next > desk.now) {
            let next = next.filter(|_| !over);
            if next != row.next_at {
                desk.turn.set_campaign(&name, &CampaignRow { next_at: next, ..row }, None)?;
            }
            continue;
        }
        let taken = take_in(desk, &name, &row, page.saturating_sub(people).max(1))?;
        people += taken.0;
        more |= taken.1;
    }
    Ok((people, more))
}

/// The next page of one audience.
fn take_in<T: Turn>(desk: &mut Desk<'_, T>, name: &SequenceName, row: &CampaignRow, page: usize) -> Did<(usize, bool)> {
    let (loaded, now) = (desk.loaded, desk.now);
    let begin = loaded.plan.triggers.values().find(|trigger| match &trigger.source {
        TriggerSource::Campaign { campaign } => campaign.as_str() == name.as_str(),
        _ => false,
    });
    let members = match begin.and_then(|trigger| trigger.cond.as_ref()) {
        Some(cond) => desk.turn.members(cond, now, row.swept_to, page)?,
        None => Vec::new(),
    };
    desk.call_in(&members.iter().copied().collect())?;
    for who in &members {
        let by = begin.map(|trigger| trigger.name.clone());
        desk.decide(*who, Event::Ordered(Order::TakeIn { sequence: name.clone(), by }))?;
    }
    let more = members.len() >= page;
    let row = if more {
        CampaignRow { swept_to: members.last().copied(), ..row.clone() }
    } else {
        CampaignRow { swept_to: None, taken_at: Some(now), next_at: again(desk, name), ..row.clone() }
    };
    desk.turn.set_campaign(name, &row, None)?;
    Ok((members.len(), more))
}

/// When an audience that is kept up to date is looked at again: the next midnight of its clinic.
fn again<T: Turn>(desk: &Desk<'_, T>, name: &SequenceName) -> Option<Instant> {
    let plan = &desk.loaded.plan;
    let campaign = campaign_of(plan, name).filter(|campaign| campaign.daily)?;
    let clinic = campaign.clinics.first().and_then(|id| plan.clinics.iter().find(|clinic| clinic.id == *id));
    let zone = clinic.unwrap_or(plan.default_clinic()).zone.as_ref().unwrap_or(&plan.zone);
    Some(zone.start_of(zone.date(desk.now).plus(Span::days(1))))
}

pub(crate) fn campaign_of<'p>(plan: &'p Plan, name: &SequenceName) -> Option<&'p Campaign> {
    plan.sequences.get(name)?.campaign.as_deref()
}

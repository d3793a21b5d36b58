//! Tenants: whose agents they are, how many they may mint, the token that mints over REST.

use clap::{Subcommand, ValueEnum};
use husting_domain::ids::TenantId;
use husting_domain::tenants::Tier as DomainTier;
use husting_wire::commands::{FindTenants, KeepTenant, MakeTenantToken};
use husting_wire::errors::Error;
use husting_wire::settings::Nothing;
use husting_wire::tenants::{CreatedTenantToken, PutTenant, TenantList, TenantRef, TenantView};

use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::word;

/// Tenants and their tokens
#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// Set up a tenant, or change its tier; a lower one takes nothing away
    Create {
        /// Its id: letters, digits, dots, underscores and hyphens
        id: String,
        /// How many agents it may mint: none, 1, 5, any number
        #[arg(long, value_enum)]
        tier: Tier,
    },
    /// Make a tenant's token and show it, once; the one before it opens nothing any more
    Token {
        /// Its id
        id: String,
    },
    /// List tenants
    List,
}

/// What a tenant may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Tier {
    /// Mints no agents.
    Free,
    /// One agent.
    Starter,
    /// Five agents.
    Growth,
    /// Any number of agents.
    Scale,
}

impl Tenant {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| match self {
            Self::Create { id, tier } => create(door, id, tier, json).await,
            Self::Token { id } => token(door, &id, json).await,
            Self::List => {
                let list = ask::<FindTenants>(door, Nothing {}).await?;
                output::answer(&list, json, &listed(&list))
            }
        })
        .await
    }
}

async fn create(door: &dyn Door, id: String, tier: Tier, json: bool) -> Result<Exit, Failure> {
    let asked = PutTenant {
        tenant_id: id.clone(),
        tier: tier.into(),
    };
    let list = ask::<KeepTenant>(door, asked).await?;
    let is_it = |tenant: &TenantView| tenant.record.id.as_str() == id;
    let tenant = list.tenants.into_iter().find(is_it);
    let tenant = tenant.ok_or_else(|| no_tenant(&id))?;
    if json {
        output::json(&tenant)?;
    } else {
        let tier = word(&tenant.record.tier);
        output::line(&format!(
            "{id} is a tenant of the tier {tier}: {}.",
            minting(&tenant)
        ))?;
    }
    Ok(Exit::Done)
}

async fn token(door: &dyn Door, id: &str, json: bool) -> Result<Exit, Failure> {
    let tenant_id = TenantId::parse(id).ok_or_else(|| no_tenant(id))?;
    let made = ask::<MakeTenantToken>(door, TenantRef { tenant_id }).await?;
    output::answer(&made, json, &created(&made))
}

/// There is no tenant of that name.
pub(super) fn no_tenant(id: &str) -> Error {
    Error::none_named("tenant", id, "husting tenant list")
}

fn created(made: &CreatedTenantToken) -> String {
    format!(
        "{token}\n\n\
         This is the only time that the token of the tenant {id} is shown: put it into a file that only you can\n\
         read (mode 0600). If it is lost, `husting tenant token {id}` makes a new one, and this one opens nothing\n\
         any more. Scripts mint with it at /api/tenants/{id}/agents/mint, as `Authorization: Bearer {token}`.\n",
        token = made.raw_token,
        id = made.tenant.record.id,
    )
}

fn listed(list: &TenantList) -> String {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("TIER", Align::Left),
        ("AGENTS", Align::Right),
        ("MINTING", Align::Left),
        ("TOKEN", Align::Left),
    ]);
    for tenant in &list.tenants {
        let tail = tenant.token_tail.as_ref();
        table.row([
            tenant.record.id.to_string(),
            word(&tenant.record.tier),
            tenant.record.agents.to_string(),
            minting(tenant),
            tail.map_or_else(|| "-".to_owned(), |tail| format!("…{tail}")),
        ]);
    }
    table.or("No tenant.")
}

fn minting(tenant: &TenantView) -> String {
    match tenant.record.agent_limit {
        _ if !tenant.record.qnft_minting => "mints no agents".to_owned(),
        None => "mints any number of agents".to_owned(),
        Some(1) => "mints 1 agent".to_owned(),
        Some(limit) => format!("mints {limit} agents"),
    }
}

impl From<Tier> for DomainTier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Free => Self::Free,
            Tier::Starter => Self::Starter,
            Tier::Growth => Self::Growth,
            Tier::Scale => Self::Scale,
        }
    }
}

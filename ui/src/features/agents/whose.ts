import type { AgentView } from "../../generated/AgentView";
import { m } from "../../messages";

/** The operator's own tenant. */
const OWN = "local";

/** The operator's own: one that the bridge to Discord may ask. */
export function isOwn({ tenant_id }: AgentView): boolean {
  return tenant_id === OWN;
}

/** An agent's name, with its tenant where that is not the operator's own. */
export function fullName(name: string, tenant: string): string {
  return tenant === OWN ? name : m.agents.ofTenant(name, tenant);
}

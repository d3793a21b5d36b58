import { m } from "../../messages";

/** The operator's own tenant. */
const OWN = "local";

/** An agent's name, with its tenant where that is not the operator's own. */
export function fullName(name: string, tenant: string): string {
  return tenant === OWN ? name : m.agents.ofTenant(name, tenant);
}

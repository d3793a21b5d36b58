import type { Client } from "../generated/Client";
import type { ClientList } from "../generated/ClientList";
import type { ClientView } from "../generated/ClientView";
import { m } from "../messages";
import { Task } from "./task.svelte";

/** Programs that agents run in, as they were found on this machine. */
export class Clients {
  /** In the order in which they are offered; empty until they were looked for. */
  list: ClientView[] = $state.raw([]);
  readonly looking = new Task();
  /** Those that are installed, or have been used. */
  readonly found = $derived(this.list.filter(isFound));

  constructor(private readonly look: () => Promise<ClientList>) {}

  /** Looks for them (again); what was found stays meanwhile. */
  async load(): Promise<void> {
    const answer = await this.looking.run(() => this.look());
    if (answer) this.list = answer.clients;
  }

  /** One of them; `undefined` while they have not been looked for. */
  of(client: Client | null): ClientView | undefined {
    return this.list.find((each) => each.client === client);
  }

  /** What people call one. */
  title(client: Client): string {
    return this.of(client)?.title ?? m.wiring.names[client];
  }
}

/** It is installed here, or has been used. */
export function isFound({ program, seen }: ClientView): boolean {
  return program !== null || seen !== null;
}

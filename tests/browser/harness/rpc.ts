// A command of the console, sent as the logged-in page sends it.

import type { Page } from "@playwright/test";

/** Runs a command and gives its answer. */
export async function rpc(page: Page, command: string, args: object): Promise<unknown> {
  return page.evaluate(
    async (request) => {
      const reply = await fetch("/console/rpc", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) });
      if (!reply.ok) throw new Error(`${request.command} was refused: ${await reply.text()}`);
      return (await reply.json()) as unknown;
    },
    { command, args },
  );
}

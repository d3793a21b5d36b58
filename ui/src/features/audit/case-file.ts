import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";

/** Saves the case file, about an agent where one is named; gives where it is, in words. @throws {RpcError} */
export async function saveCase(host: Console, agentId?: string): Promise<string> {
  const { file_name, text } = await host.call("export_audit", agentId ? { agent_id: agentId } : {});
  return m.audit.exported(await host.platform.saveFile(file_name, text));
}

import type { DiscordSetup } from "../../../generated/DiscordSetup";

/** The set-up as a `.env` for `husting discord`, with the bus at `address` where Husting is heard; the two tokens are left to whoever runs it. */
export function envOf({ routes, default_agent, connector }: DiscordSetup, address: string | null): string {
  const map = Object.fromEntries(routes.map(({ channel_id, agent }) => [channel_id, agent]));
  return [
    "DISCORD_BOT_TOKEN=your-bot-token-here",
    ...(address ? [`MUMEGA_BUS_URL=http://${address}/mcp`] : []),
    "MUMEGA_BUS_TOKEN=your-bus-token-here",
    `MUMEGA_AGENT_MAP=${JSON.stringify(map)}`,
    `MUMEGA_DEFAULT_AGENT=${default_agent}`,
    `CONNECTOR_AGENT_NAME=${connector}`,
    "",
  ].join("\n");
}

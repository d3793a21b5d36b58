import type { DiscordSetup } from "../../../generated/DiscordSetup";

/** A permission that adds one thing to what the bot does. */
export type Extra = (typeof EXTRAS)[number];

export const EXTRAS = ["reactions", "files", "threads", "webhooks"] as const;

/** Their bits: https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags */
const BITS: Record<Extra, bigint> = { reactions: 1n << 6n, files: 1n << 15n, webhooks: 1n << 29n, threads: 1n << 35n };

/** What the chosen manner makes use of. */
export function usedBy({ marks, own_names, panels_per_day }: DiscordSetup): Extra[] {
  const used: Record<Extra, boolean> = { reactions: marks !== "off", files: true, threads: panels_per_day > 0, webhooks: own_names };
  return EXTRAS.filter((extra) => used[extra]);
}

/** An invitation that asks for these as well. */
export function asking(invitation: string, extras: Iterable<Extra>): string {
  return invitation.replace(/(?<=[?&]permissions=)\d+/, (needed) => {
    let bits = BigInt(needed);
    for (const extra of extras) bits |= BITS[extra];
    return bits.toString();
  });
}

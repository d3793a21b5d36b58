import type { Claim } from "../../../../generated/Claim";
import type { RoundView } from "../../../../generated/RoundView";
import { m } from "../../../../messages";
import type { Desk } from "../desk.svelte";
import { plain } from "../words";

/** A claim's node as it is read out: who said what, where the panel stands, who took which position. */
export function spokenNode(desk: Desk, claim: Claim, round: RoundView | undefined): string {
  const held = claim.positions.map((position) => m.map.holds(m.parts.stance[position.type], desk.face(position.model, round, position.said_by).name));
  return [
    m.map.said(desk.seat(claim.originator).display_name, plain(claim.quote)),
    m.session.claims.groups[claim.group],
    held.join(", "),
    claim.continues ? m.map.goesOn(claim.continues.round_index) : "",
  ]
    .filter(Boolean)
    // What is quoted may end with a full stop of its own.
    .map((part, at, { length }) => (at < length - 1 ? part.replace(/\.$/, "") : part))
    .join(". ");
}

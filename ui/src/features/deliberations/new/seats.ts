import type { ModelView } from "../../../generated/ModelView";
import type { SeatKind } from "../../../generated/SeatKind";
import { initials } from "../../../format/initials";

/** A model as the picker shows it. */
export interface Pick extends ModelView {
  initial: string;
}

/** Models in groups by who pays; groups and rows never move while seats are chosen. */
export interface PickGroup {
  kind: SeatKind;
  picks: Pick[];
}

const ORDER: readonly SeatKind[] = ["api", "local", "rehearsal"];

/** Groups the models that fit what was typed. */
export function pickGroups(models: ModelView[], typed: string): PickGroup[] {
  const letters = initials(models.map((model) => model.display_name.replace(/^rehearsal\s+/i, "")));
  const picks = models.map((model, index) => ({ ...model, initial: letters[index] ?? "?" }));
  const wanted = typed.trim().toLowerCase();
  const fitting = picks.filter((each) => `${each.display_name} ${each.provider} ${each.id}`.toLowerCase().includes(wanted));
  return ORDER.map((kind) => ({ kind, picks: fitting.filter((each) => each.kind === kind) })).filter(({ picks: some }) => some.length > 0);
}

/** The panel after a row was toggled; a full panel takes no more. */
export function toggled(seats: string[], id: string, most: number): string[] {
  if (seats.includes(id)) return seats.filter((each) => each !== id);
  return seats.length < most ? [...seats, id] : seats;
}

import type { ModelView } from "../../../generated/ModelView";
import type { SeatKind } from "../../../generated/SeatKind";
import { withoutRehearsal } from "../../../format/initials";
import { named } from "../../../format/seats";
import { vendorName } from "../../../format/vendors";

/** A model as the picker shows it. */
export interface Pick extends ModelView {
  /** Says by itself which model is meant. */
  name: string;
  /** The model alone: that it is a rehearsal seat stands in its group's head and behind it. */
  short: string;
  /** Whom it is called through; its id where that would not tell it from a namesake. */
  via: string;
}

/** Models in groups by who pays; groups and rows never move while seats are chosen. */
export interface PickGroup {
  kind: SeatKind;
  picks: Pick[];
}

const ORDER: readonly SeatKind[] = ["api", "local", "rehearsal"];

/** Groups the models that fit what was typed. */
export function pickGroups(models: ModelView[], typed: string): PickGroup[] {
  const labels = named(models.map((model) => ({ ...model, model: model.id, letter: "" })));
  const picks = models.map((model, index) => ({
    ...model,
    name: labels[index]?.display_name ?? model.display_name,
    short: model.kind === "rehearsal" ? withoutRehearsal(model.display_name) : model.display_name,
    via: labels[index]?.via || vendorName(model.provider),
  }));
  const wanted = typed.trim().toLowerCase();
  const fitting = picks.filter((each) => `${each.display_name} ${each.provider} ${each.id}`.toLowerCase().includes(wanted));
  return ORDER.map((kind) => ({ kind, picks: fitting.filter((each) => each.kind === kind) })).filter(({ picks: some }) => some.length > 0);
}

/** The panel after a row was toggled; a full panel takes no more. */
export function toggled(seats: string[], id: string, most: number): string[] {
  if (seats.includes(id)) return seats.filter((each) => each !== id);
  return seats.length < most ? [...seats, id] : seats;
}

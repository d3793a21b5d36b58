import type { WiringView } from "../../generated/WiringView";

/** A place where a client's file may be written. */
export interface Offer {
  id: "user" | "project";
  /** What is put into the field. A project's folder is the person's to name, so its offer is only its beginning. */
  path: string;
}

/** Where the client looks for its file: this user's, or one in a project's folder. */
export function offersOf({ user_file, project_file }: WiringView): Offer[] {
  return [...(user_file ? [{ id: "user" as const, path: user_file }] : []), ...(project_file ? [{ id: "project" as const, path: "~/" }] : [])];
}

/** Where a path may begin: on this machine, or in this user's folder. */
const WHOLE = /^(\/|~\/|[A-Za-z]:[\\/]|\\\\)/;

/** It says where from, so that it can be asked about. */
export function isWhole(path: string): boolean {
  return WHOLE.test(path.trim());
}

/** It was put there by an offer of another client, and by nobody's hand. */
export function isLeftOver(path: string, offers: Offer[]): boolean {
  return offers.some((offer) => offer.path === path);
}

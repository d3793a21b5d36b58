import { convene } from "./convene";
import { deliberations } from "./deliberations";
import { frame } from "./frame";
import { hall } from "./hall";
import { map } from "./map";
import { moved } from "./moved";
import { parts } from "./parts";
import { session } from "./session";
import { settings } from "./settings";
import { wallet } from "./wallet";

/** Every word the console says. A translation is another object of this shape. */
export const m = { convene, deliberations, frame, hall, map, moved, parts, session, settings, wallet };

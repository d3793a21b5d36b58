import { agents } from "./agents";
import { audit } from "./audit";
import { bus } from "./bus";
import { convene } from "./convene";
import { deliberations } from "./deliberations";
import { desktop } from "./desktop";
import { discord } from "./discord";
import { frame } from "./frame";
import { hall } from "./hall";
import { keys, limits, writers } from "./keys";
import { lanes } from "./lanes";
import { map } from "./map";
import { moved } from "./moved";
import { parts } from "./parts";
import { recap } from "./recap";
import { runs } from "./runs";
import { session } from "./session";
import { settings } from "./settings";
import { tenants } from "./tenants";
import { wallet } from "./wallet";
import { wiring } from "./wiring";

/** Every word the console says, in the one language of a build. A translation is these files in another. */
export const m = { agents, audit, bus, convene, deliberations, desktop, discord, frame, hall, keys, lanes, limits, map, moved, parts, recap, runs, session, settings, tenants, wallet, wiring, writers };

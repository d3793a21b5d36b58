// Where things are.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export const FIXTURES = join(ROOT, "tests/fixtures");

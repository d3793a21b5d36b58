// The first path in the dark theme, at the size the window opens with.

import { walkThePath } from "./harness/path.mjs";

walkThePath({ theme: "dark", width: 1360, height: 860 });

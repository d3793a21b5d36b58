// The first path in the light theme, in the smallest window.

import { walkThePath } from "./harness/path.mjs";

walkThePath({ theme: "light", width: 900, height: 600 });

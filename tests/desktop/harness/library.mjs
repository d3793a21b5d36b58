// A machine without the library that draws the tray's icon: its file is hidden from the window by a
// mount that nobody else sees.

import { run } from "./process.mjs";

const HIDE = `
  for name in libayatana-appindicator3.so.1 libappindicator3.so.1; do
    for file in $(/sbin/ldconfig --print-cache | sed --quiet "s|.*$name .*=> ||p"); do
      mount --bind /dev/null "$(readlink --canonicalize "$file")"
    done
  done
  exec "$@"
`;

/** Begins what follows without the library. As the same user, whom the session bus knows. */
export const WITHOUT_LIBRARY = ["/usr/bin/unshare", "--map-current-user", "--keep-caps", "--mount", "--", "/bin/sh", "-eu", "-c", HIDE, "sh"];

/** Ends the test where this machine lets nobody hide a file. */
export async function mayHideFiles() {
  const [program = "", ...before] = WITHOUT_LIBRARY;
  await run(program, [...before, "true"]).catch((error) => {
    throw new Error("unprivileged mount namespaces are needed for this test (unshare of package util-linux)", { cause: error });
  });
}

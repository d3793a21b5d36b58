// Whom a program calls, seen at its system calls.

import { readFile } from "node:fs/promises";

/** Stands before the command whose calls are written to FILE. @param {string} file */
export const watched = (file) => ["strace", "--follow-forks", "-qq", "--trace=connect,sendto,sendmsg,sendmmsg", "--output", file];

/** The addresses that were called, each once, as `127.0.0.1:6070`. @param {string} file */
export async function called(file) {
  const text = await readFile(file, "utf8");
  const addresses = text.matchAll(/htons\((\d+)\)[^}]*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/g);
  return [...new Set([...addresses].map(([, port, four, six]) => `${four ?? `[${six}]`}:${port}`))].sort();
}

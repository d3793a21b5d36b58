// The conformance suite imports `globSync` from node:fs, which Node has from version 22 on, for a command of its that
// is not used here. This puts one in its place, so that the suite runs on every Node that the project takes.

import { register } from "node:module";

const resolving = `
export async function resolve(name, context, next) {
  const asked = name === "fs" && context.parentURL?.includes("/@modelcontextprotocol/conformance/");
  if (!asked) return next(name, context);
  const text = 'export * from "node:fs"; export { default } from "node:fs"; export const globSync = undefined;';
  return { url: "data:text/javascript," + encodeURIComponent(text), shortCircuit: true };
}`;

register(`data:text/javascript,${encodeURIComponent(resolving)}`);

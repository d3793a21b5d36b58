import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { programOf } from "../../src/features/agents/agent/sessions/command";

/** The core's own rows: a command, and the first of its words. */
const rows = [...readFileSync("../crates/launch/src/command.rs", "utf8").matchAll(/#\[case\((?:r#"(.*?)"#|"(.*?)"), &\["(.*?)"/g)].map(([, raw, plain, first]) => [raw ?? plain!, first!] as const);

describe("the program that a command names", () => {
  test("is looked for in rows of the core's", () => expect(rows.length).toBeGreaterThan(3));

  test.each<readonly [string, string]>([
    ...rows,
    ["'/opt/my app/claude' -p", "/opt/my app/claude"],
    ['"/opt/my app/claude" -p', "/opt/my app/claude"],
    ["/opt/my\\ app/claude -p", "/opt/my app/claude"],
    ["/opt/'my app'/\"cl\\\"aude\" -p", '/opt/my app/cl"aude'],
    ['"a\\b" c', "a\\b"],
    ["\n claude", "claude"],
    ["claude\\", "claude\\"],
    // The rest is not finished.
    ["claude 'You", "claude"],
  ])("%j is %j", (command, program) => {
    expect(programOf(command)).toBe(program);
  });

  test.each(["", "   ", "'' x", "'claude", '"claude', "# claude"])("%j names none", (command) => {
    expect(programOf(command)).toBeUndefined();
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** The rule of a part's own for one of its selectors. */
function ruleOf(part: string, selector: string): string {
  const source = readFileSync(`src/${part}.svelte`, "utf8");
  const styles = source.slice(source.indexOf("<style>")).split("\n");
  const at = styles.findIndex((line) => line.startsWith(`  ${selector} {`));
  return styles.slice(at, at + 2).join("");
}

describe("all that is selected at once", () => {
  test.each([
    ["components/Rail", ".rail"],
    ["components/StatusBar", ".status"],
    ["components/ScreenHead", "header"],
    ["components/SectionHead", "header"],
    ["components/Tabs", ".tabs"],
    ["components/Segmented", ".segmented"],
    ["components/Button", ".button"],
    ["components/Kbd", ".keys"],
    ["components/StanceChip", ".chip"],
    ["components/Initial", ".initial"],
    ["features/bus/strip/Strip", ".strip"],
    ["features/bus/lanes/Chart", ".axis"],
    ["features/bus/lanes/Playback", ".foot"],
    ["features/agents/list/AgentTable", ".columns"],
    ["features/agents/list/KindHead", ".kind-head"],
    ["features/agents/matrix/ScopeMatrix", ".columns"],
  ])("leaves out the console's own words: %s %s", (part, selector) => expect(ruleOf(part, selector)).toContain("user-select: none"));

  test.each([
    ["features/bus/message/Message", ".words"],
    ["features/bus/message/Message", "dd"],
    ["features/agents/agent/TokenFacts", "dd"],
    ["components/SecretOnce", "code"],
    ["components/ScreenHead", ".said, .named"],
  ])("has what was said, ids and tokens: %s %s", (part, selector) => expect(ruleOf(part, selector)).toContain("user-select: text"));
});

import axe from "axe-core";

/** Runs every rule on what is drawn and writes what it finds into the page, for a headless browser to read. */
export async function runAxe(): Promise<void> {
  await document.fonts.ready;
  await new Promise((resolve) => setTimeout(resolve, 900));
  const { violations, incomplete } = await axe.run(document);
  const told = (found: typeof violations) =>
    found.map((each) => `${each.id} (${each.impact}): ${each.nodes.map((node) => `${node.target.join(" ")} :: ${node.any[0]?.message ?? node.failureSummary}`).join("\n    ")}`);
  const out = document.createElement("pre");
  out.id = "axe";
  out.textContent = ["VIOLATIONS", ...told(violations), "INCOMPLETE", ...incomplete.map((each) => `${each.id}: ${each.nodes.length}`)].join("\n");
  document.body.append(out);
}

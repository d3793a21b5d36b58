// The map of a session: its graph, by the names of its nodes, and its table twin.

import { expect, type Locator, type Page } from "@playwright/test";

export class MapPage {
  readonly graph: Locator;
  /** Nodes that are drawn: those in sight and a little around. */
  readonly nodes: Locator;
  readonly drafts: Locator;
  /** The positions of the claim that is fanned out. */
  readonly positions: Locator;
  /** The stances drawn on the lines. */
  readonly stances: Locator;
  /** Lines of claims that the seats took further by themselves. */
  readonly further: Locator;
  readonly legend: Locator;
  readonly minimap: Locator;
  readonly table: Locator;
  readonly zoom: Locator;

  constructor(readonly page: Page) {
    this.graph = page.getByRole("group", { name: "Map of the claims, by round" });
    this.nodes = this.graph.locator("[data-node]:not([data-stance])");
    this.drafts = this.graph.locator("[data-node][data-stance]");
    this.positions = page.getByRole("group", { name: "Positions" });
    this.stances = this.graph.locator("circle[r='9.5']");
    this.further = this.graph.locator("g:not([data-stance]) > path:not(svg svg path)");
    this.legend = page.getByRole("list", { name: "Signs and lines" });
    this.minimap = page.locator(".minimap");
    this.table = page.getByRole("table", { name: "Map of the claims, by round" });
    this.zoom = page.getByRole("group", { name: "Zoom" });
  }

  /** Goes to the map of the session on the screen. */
  async open(): Promise<void> {
    await this.page.getByRole("tab", { name: "Map" }).click();
    await expect(this.nodes.first()).toBeVisible();
  }

  /** A claim's node by its first words. */
  node(words: string): Locator {
    return this.nodes.filter({ hasText: words }).last();
  }

  /** The words of a claim, which open their answer. */
  words(node: Locator): Locator {
    return node.locator(".quote");
  }

  /** Where the drawn nodes stand on the plane, by their ids. */
  async places(): Promise<Record<string, string>> {
    return this.nodes.evaluateAll((nodes) =>
      Object.fromEntries(nodes.map((node) => [(node as HTMLElement).dataset.node, `${(node as HTMLElement).style.left} ${(node as HTMLElement).style.top}`])),
    );
  }
}

import type { Density } from "../generated/Density";
import type { Theme } from "../generated/Theme";
import { ROW_HEIGHTS, writeRowHeights, type RowHeights } from "./row-heights";

const KEY = "husting.look";

/** How the console looks; the settings keep it, and this page's storage keeps it until they are read. */
class Look {
  theme: Theme = $state("system");
  density: Density = $state("compact");
  #systemDark = $state(true);

  constructor() {
    const query = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
    this.#systemDark = query?.matches ?? true;
    query?.addEventListener("change", (event) => {
      this.#systemDark = event.matches;
      this.apply();
    });
    this.#recall();
  }

  /** The theme that is drawn. */
  get shown(): "dark" | "light" {
    if (this.theme !== "system") return this.theme;
    return this.#systemDark ? "dark" : "light";
  }

  /** How high rows are. */
  get rows(): RowHeights {
    return ROW_HEIGHTS[this.density];
  }

  /** Draws it and remembers it for the next first paint. */
  apply(): void {
    document.documentElement.dataset.theme = this.shown;
    writeRowHeights(this.rows, document.documentElement.style);
    localStorage.setItem(KEY, JSON.stringify({ theme: this.theme, density: this.density }));
  }

  #recall(): void {
    const kept = read(localStorage.getItem(KEY));
    if (isTheme(kept.theme)) this.theme = kept.theme;
    if (kept.density === "comfortable") this.density = kept.density;
  }
}

/** The window's look. */
export const look = new Look();

/** Tells whether a stored word is a theme. */
export function isTheme(value: unknown): value is Theme {
  return value === "system" || value === "dark" || value === "light";
}

function read(text: string | null): Record<string, unknown> {
  try {
    return (JSON.parse(text ?? "{}") as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}

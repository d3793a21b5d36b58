const KEY = "husting.first-run";

/** The first steps stay from the first start until all are taken or the operator has enough of them. */
class FirstRun {
  #open = $state(localStorage.getItem(KEY) === "open");

  constructor() {
    addEventListener("storage", ({ key, newValue }) => {
      if (key === KEY) this.#open = newValue === "open";
    });
  }

  /** Begun and not over. */
  get open(): boolean {
    return this.#open;
  }

  /** Nothing was done here yet. */
  begin(): void {
    this.#set("open");
  }

  /** They are not needed any more. */
  end(): void {
    this.#set("over");
  }

  #set(state: "open" | "over"): void {
    this.#open = state === "open";
    localStorage.setItem(KEY, state);
  }
}

/** The window's first run. */
export const firstRun = new FirstRun();

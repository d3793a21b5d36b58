import type { SaidInDiscord } from "../../../../generated/SaidInDiscord";
import type { Console } from "../../../../state/console.svelte";

/** What people have said in Discord for the next round of a session that was convened there. */
export class Said {
  /** In the order in which it was said. */
  all: SaidInDiscord[] = $state.raw([]);
  #asked = 0;
  #answered = 0;

  constructor(
    private readonly console: Console,
    private readonly session: string,
    /** They said more than was known. */
    private readonly oncame: (count: number) => void,
  ) {}

  /** Asks again. An answer holds until a later one is here, so that one which the next question overtakes is not lost. */
  async ask(): Promise<void> {
    const turn = ++this.#asked;
    try {
      const { said } = await this.console.call("list_said", { session_id: this.session });
      if (turn < this.#answered) return;
      const isFirst = this.#answered === 0;
      this.#answered = turn;
      const before = this.all;
      if (JSON.stringify(said) === JSON.stringify(before)) return;
      this.all = said;
      if (!isFirst && said.length > before.length) this.oncame(said.length);
    } catch {
      // What stands here was so a moment ago; the next movement in Discord asks again.
    }
  }
}

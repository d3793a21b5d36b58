import type { SaidInDiscord } from "../../../../generated/SaidInDiscord";
import type { Console } from "../../../../state/console.svelte";

/** What people have said in Discord for the next round of a session that was convened there. */
export class Said {
  /** In the order in which it was said. */
  all: SaidInDiscord[] = $state.raw([]);
  /** What was here once: a round that is refused or fails gives back what it took along. */
  #known: string[] = [];
  #asked = 0;
  #answered = 0;

  constructor(
    private readonly console: Console,
    private readonly session: string,
    /** They said something that was never here, since it was first read; so much there is now. */
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
      this.#take(said, isFirst);
    } catch {
      // What stands here was so a moment ago; the next movement in Discord asks again.
    }
  }

  #take(said: SaidInDiscord[], isFirst: boolean): void {
    if (JSON.stringify(said) === JSON.stringify(this.all)) return;
    this.all = said;
    const come = said.map((each) => JSON.stringify(each)).filter((each) => !this.#known.includes(each));
    this.#known.push(...come);
    if (come.length > 0 && !isFirst) this.oncame(said.length);
  }
}

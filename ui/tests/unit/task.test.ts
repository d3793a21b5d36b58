import { expect, test } from "vitest";
import { RpcError } from "../../src/platform";
import { Task } from "../../src/state/task.svelte";

/** An act that ends when it is told to. */
function held<Result>() {
  let end!: (found: Result) => void;
  let fail!: (words: string) => void;
  const promise = new Promise<Result>((resolve, reject) => {
    [end, fail] = [resolve, (words) => reject(new RpcError("internal", words))];
  });
  return { act: () => promise, end, fail };
}

test("of acts in each other's place only the newest tells what it found, in whatever order they end", async () => {
  const task = new Task();
  const [older, newer] = [held<string>(), held<string>()];
  const [first, second] = [task.latest(older.act), task.latest(newer.act)];
  newer.end("newer");
  expect(await second).toBe("newer");
  expect(task.running).toBe(true);
  older.end("older");
  expect(await first).toBeUndefined();
  expect(task.running).toBe(false);
});

test("how an older one failed is told by nobody, how the newest failed is", async () => {
  const task = new Task();
  const [older, newer] = [held(), held()];
  const [first, second] = [task.latest(older.act), task.latest(newer.act)];
  older.fail("The older one failed.");
  expect([await first, task.error]).toEqual([undefined, null]);
  newer.fail("The newer one failed.");
  expect([await second, task.error?.message]).toEqual([undefined, "The newer one failed."]);
});

test("what is forgotten while it runs tells nothing", async () => {
  for (const end of ["end", "fail"] as const) {
    const task = new Task();
    const only = held<string>();
    const asked = task.latest(only.act);
    task.forget();
    only[end]("too late");
    expect([await asked, task.error]).toEqual([undefined, null]);
  }
});

test("what runs is not begun again, but beside it where each counts", async () => {
  const task = new Task();
  const [one, other] = [held<number>(), held<number>()];
  const first = task.run(one.act);
  expect(await task.run(() => Promise.reject(new Error("It was begun twice.")))).toBeUndefined();
  expect(task.error).toBeNull();
  const beside = task.attempt(other.act);
  one.end(1);
  other.end(2);
  expect([await first, await beside, task.running]).toEqual([1, 2, false]);
});

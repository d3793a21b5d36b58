import { cleanup, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import Refused from "../../src/Refused.svelte";
import { RpcError, type Platform } from "../../src/platform";
import { browserPlatform, followLinks, opensByCookie, login } from "../../src/platform/browser";

const reply = (status: number, body?: unknown) => new Response(body === undefined ? null : JSON.stringify(body), { status });

const moved = (from: string) => dispatchEvent(new HashChangeEvent("hashchange", { oldURL: new URL(from, "http://localhost").href }));

/** An event source that opens and breaks when the test says so. */
class FakeSource {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  onopen = () => {};
  onerror = () => {};
  onmessage: (message: { data: string }) => void = () => {};
  /** By their names. */
  readonly listeners: Record<string, () => void> = {};
  readyState = 0;
  closed = false;

  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }

  addEventListener(name: string, listener: () => void): void {
    this.listeners[name] = listener;
  }

  close(): void {
    this.closed = true;
  }
}

beforeEach(() => {
  FakeSource.all = [];
  vi.stubGlobal("EventSource", FakeSource);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the one-time link", () => {
  test("is exchanged once, by POST, and its code leaves the address", async () => {
    const fetched = vi.fn<typeof fetch>(async () => reply(204));
    vi.stubGlobal("fetch", fetched);
    location.hash = "#code=abc-123";
    expect(await login()).toBe(true);
    expect(location.hash).toBe("");
    const [path, init] = fetched.mock.calls[0]!;
    expect([path, init?.method, init?.body]).toEqual(["/console/login", "POST", '{"code":"abc-123"}']);
    expect(await login()).toBe(false);
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  test("counts where its login cannot be left for other pages to see", async () => {
    vi.stubGlobal("fetch", async () => reply(204));
    const set = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("Full.", "QuotaExceededError");
    });
    location.hash = "#code=abc-123";
    expect(await login()).toBe(true);
    expect(set).toHaveBeenCalledOnce();
    set.mockRestore();
  });

  test("that is pasted over an open page begins the page again; moving about does not", () => {
    const reload = vi.fn();
    vi.stubGlobal("location", { hash: "#/wallet", reload });
    followLinks();
    moved("/console/#/hall");
    expect(reload).not.toHaveBeenCalled();
    vi.stubGlobal("location", { hash: "#code=abc-123", reload });
    moved("/console/#/wallet");
    expect(reload).toHaveBeenCalledOnce();
  });

  test.each([
    ["to the place it was pasted over, once", ["/console/#/bus/yours/m%2F1"], "#/bus/yours/m%2F1"],
    ["to that place where a wrong one was pasted first", ["/console/#/wallet", "/console/#code=wrong"], "#/wallet"],
    ["to the hall where it was pasted over no place", ["/console/"], ""],
    ["to a fragment of our own page, whatever stands in it", ["/console/#//evil.example/"], "#//evil.example/"],
  ])("leads %s", async (_, over, place) => {
    vi.stubGlobal("fetch", async () => reply(204));
    vi.stubGlobal("location", { hash: "#code=abc-123", reload: () => {} });
    followLinks();
    over.forEach(moved);
    vi.unstubAllGlobals();
    vi.stubGlobal("fetch", async () => reply(204));
    const { origin } = location;
    location.hash = "#code=abc-123";
    await login();
    expect([location.origin, location.hash]).toEqual([origin, place]);
    location.hash = "#code=def-456";
    await login();
    expect(location.hash, "and the next one nowhere").toBe("");
  });

  test("that is refused leaves the place it was pasted over in the address, for the next one", async () => {
    sessionStorage.setItem("husting.place", "#/wallet");
    vi.stubGlobal("fetch", async () => reply(401, { code: "invalid_token", message: "Used." }));
    location.hash = "#code=spent";
    await expect(login()).rejects.toMatchObject({ code: "invalid_token" });
    expect([location.hash, sessionStorage.length]).toEqual(["#/wallet", 0]);
  });

  test("takes no address from its tab, only a fragment", async () => {
    sessionStorage.setItem("husting.place", "https://evil.example/#/wallet");
    vi.stubGlobal("fetch", async () => reply(204));
    location.hash = "#code=abc-123";
    await login();
    expect(location.hash).toBe("");
  });

  test("that was used already is told by its code, and is gone from the address too", async () => {
    vi.stubGlobal("fetch", async () => reply(401, { code: "invalid_token", message: "Used." }));
    location.hash = "#code=spent";
    await expect(login()).rejects.toMatchObject({ code: "invalid_token", message: "Used." });
    expect(location.hash).toBe("");
  });
});

describe("logging out", () => {
  test("is asked for by POST, and told to the other pages of this browser, also to one whose login had ended", async () => {
    for (const answer of [reply(204), reply(401, { code: "invalid_token", message: "Ended." })]) {
      localStorage.clear();
      const fetched = vi.fn<typeof fetch>(async () => answer);
      vi.stubGlobal("fetch", fetched);
      await browserPlatform().logOut!();
      expect(fetched.mock.calls[0]).toMatchObject(["/console/logout", { method: "POST", credentials: "same-origin" }]);
      expect(localStorage.getItem("husting.logout")).not.toBeNull();
    }
  });

  test("that nobody heard is told to no page", async () => {
    localStorage.clear();
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(browserPlatform().logOut!()).rejects.toMatchObject({ code: "unreachable" });
    expect(localStorage.length).toBe(0);
  });

  test.each([false, true])("in another page is learnt at once, also by a page whose stream rests (%s)", (rests) => {
    const states: string[] = [];
    const stop = browserPlatform().subscribe(() => {}, (state) => states.push(state));
    FakeSource.all[0]!.onopen();
    if (rests) dispatchEvent(new Event("pagehide"));
    dispatchEvent(new StorageEvent("storage", { key: "husting.logout" }));
    expect([states.at(-1), FakeSource.all[0]!.closed]).toEqual(["lost", true]);
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.all, "what rests goes on resting").toHaveLength(rests ? 1 : 2);
    stop();
  });
});

describe("a command that logging out overtakes", () => {
  test.each([
    ["in another page", async () => void dispatchEvent(new StorageEvent("storage", { key: "husting.logout" })), "unauthorized", 2],
    ["here", ({ logOut }: Platform) => logOut!(), "unauthorized", 2],
    ["nowhere", async () => {}, "invalid_token", 1],
  ])("%s is asked again without the ended login's cookie", async (_, logOut, code, asked) => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    const commands = vi
      .fn<typeof fetch>()
      .mockImplementationOnce(() => held.then(() => reply(401, { code: "invalid_token", message: "Ended." })))
      .mockImplementationOnce(async () => reply(401, { code: "unauthorized", message: "Out." }));
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => (path === "/console/logout" ? reply(204) : commands(path, init)));
    const platform = browserPlatform();
    const stop = platform.subscribe(() => {}, () => {});
    const refused = expect(platform.rpc({ command: "snapshot", args: {} })).rejects.toMatchObject({ code });
    await logOut(platform);
    answer();
    await refused;
    expect(commands).toHaveBeenCalledTimes(asked);
    stop();
  });
});

describe("a page that its link did not log in", () => {
  afterEach(cleanup);

  test("asks whether the browser is logged in from before, of which no script sees the cookie", async () => {
    const fetched = vi.fn<typeof fetch>(async () => reply(200, {}));
    vi.stubGlobal("fetch", fetched);
    expect(await opensByCookie()).toBe(true);
    expect(fetched.mock.calls[0]).toMatchObject(["/console/rpc", { credentials: "same-origin", body: '{"command":"settings","args":{}}' }]);
    vi.stubGlobal("fetch", async () => reply(401, { code: "unauthorized", message: "m" }));
    expect(await opensByCookie()).toBe(false);
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await opensByCookie()).toBe(false);
  });

  test("leads into the console where it is, and says how to get a link where it is not", async () => {
    const error = new RpcError("invalid_token", "Used.");
    render(Refused, { error, isIn: Promise.resolve(true) });
    expect(screen.getByRole("alert").textContent, "it does not wait for that").toContain("husting console link");
    expect((await screen.findByRole("link", { name: "Open the console" })).getAttribute("href")).toBe("/console/");
    expect(screen.getByRole("alert").textContent).not.toContain("husting console link");
    cleanup();
    const reload = vi.fn();
    vi.stubGlobal("location", { hash: "#/wallet", reload });
    render(Refused, { error, isIn: Promise.resolve(true) });
    const link = await screen.findByRole("link", { name: "Open the console" });
    expect(link.getAttribute("href"), "where one was before").toBe("/console/#/wallet");
    link.click();
    expect(reload).toHaveBeenCalledOnce();
    cleanup();
    render(Refused, { error, isIn: Promise.resolve(false) });
    await tick();
    expect(screen.queryByRole("link")).toBeNull();
    expect(screen.getByRole("alert").textContent).toContain("husting console link");
  });
});

describe("a command", () => {
  test("goes as JSON and comes back as a value", async () => {
    const fetched = vi.fn<typeof fetch>(async () => reply(200, { total: 3 }));
    vi.stubGlobal("fetch", fetched);
    expect(await browserPlatform().rpc({ command: "snapshot", args: {} })).toEqual({ total: 3 });
    expect(fetched.mock.calls[0]![1]).toMatchObject({ headers: { "Content-Type": "application/json" }, credentials: "same-origin" });
  });

  test("that is refused keeps its code and its details", async () => {
    vi.stubGlobal("fetch", async () => reply(402, { code: "credit_exhausted", message: "m", details: { held_usd: 1 } }));
    await expect(browserPlatform().rpc({})).rejects.toMatchObject({ code: "credit_exhausted", details: { held_usd: 1 } });
  });

  test("that reaches nobody says so", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(browserPlatform().rpc({})).rejects.toMatchObject({ code: "unreachable", message: "Husting does not answer; is it still running?" });
  });
});

describe("the stream of events", () => {
  test("hands events on in order and tells when it opens and breaks", () => {
    const [events, states]: [unknown[], string[]] = [[], []];
    const stop = browserPlatform().subscribe((event) => events.push(event), (state) => states.push(state));
    const [source] = FakeSource.all;
    source!.onopen();
    source!.onmessage({ data: '{"seq":1}' });
    source!.onmessage({ data: '{"seq":2}' });
    source!.onerror();
    expect(events).toEqual([{ seq: 1 }, { seq: 2 }]);
    expect(states).toEqual(["connecting", "open", "lost"]);
    expect(source!.closed).toBe(true);
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.all, "it is opened again, in our own time").toHaveLength(2);
    FakeSource.all[1]!.onopen();
    expect(states.at(-1)).toBe("open");
    stop();
  });

  test("is lost where two signs of life are missed, be it before it opened, and whatever is heard is one", () => {
    const states: string[] = [];
    const stop = browserPlatform().subscribe(() => {}, (state) => states.push(state));
    const [source] = FakeSource.all;
    const heard = [source!.onopen, () => source!.onmessage({ data: '{"seq":1}' }), () => source!.listeners.alive!()];
    for (const hear of heard) {
      vi.advanceTimersByTime(39_000);
      hear();
    }
    vi.advanceTimersByTime(39_000);
    expect(states).toEqual(["connecting", "open"]);
    vi.advanceTimersByTime(2_000);
    expect([states.at(-1), source!.closed]).toEqual(["lost", true]);
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.all).toHaveLength(2);
    vi.advanceTimersByTime(40_000);
    expect([states.slice(2), FakeSource.all[1]!.closed], "one that opens no more hangs as well").toEqual([["lost", "lost"], true]);
    stop();
    vi.advanceTimersByTime(90_000);
    expect(states, "nobody is told any more").toHaveLength(4);
  });

  test.each([
    ["another page of this browser logged in", () => dispatchEvent(new StorageEvent("storage", { key: "husting.login" }))],
    ["somebody comes back to the page", () => dispatchEvent(new Event("focus"))],
    ["a command is answered again", ({ rpc }: Platform) => rpc({})],
    ["a minute has passed", () => vi.advanceTimersByTime(15_000)],
  ])("is not asked for every second where the login is gone, and at once when %s", async (_, happens) => {
    let status = 401;
    vi.stubGlobal("fetch", async () => reply(status, { code: "invalid_token", message: "Ended." }));
    const platform = browserPlatform();
    const { subscribe, rpc } = platform;
    const stop = subscribe(() => {}, (state) => state === "lost" && void rpc({}).catch(() => {}));
    FakeSource.all[0]!.onerror();
    await vi.advanceTimersByTimeAsync(50_000);
    expect(FakeSource.all, "nobody asks in vain").toHaveLength(1);
    status = 200;
    await happens(platform);
    expect(FakeSource.all.map(({ closed }) => closed)).toEqual([true, false]);
    FakeSource.all[1]!.onopen();
    await rpc({});
    dispatchEvent(new Event("focus"));
    expect(FakeSource.all, "and one is enough").toHaveLength(2);
    stop();
  });

  describe("of a page that nobody sees", () => {
    const see = (seen: boolean) => {
      vi.spyOn(document, "hidden", "get").mockReturnValue(!seen);
      document.dispatchEvent(new Event("visibilitychange"));
    };
    const open = () => FakeSource.all.filter(({ closed }) => !closed).length;
    beforeEach(() => see(true));

    test("is given back after a while, without a word, and opened again when the page is seen", () => {
      const states: string[] = [];
      const stop = browserPlatform().subscribe(() => {}, (state) => states.push(state));
      FakeSource.all[0]!.onopen();
      see(false);
      vi.advanceTimersByTime(4_000);
      see(true);
      vi.advanceTimersByTime(30_000);
      expect(open(), "a glance elsewhere costs nothing").toBe(1);
      expect(FakeSource.all).toHaveLength(1);
      see(false);
      vi.advanceTimersByTime(6_000);
      expect(open()).toBe(0);
      see(true);
      expect(open()).toBe(1);
      FakeSource.all[1]!.onopen();
      expect(states, "nothing was lost").toEqual(["connecting", "open", "open"]);
      see(false);
      stop();
      see(true);
      expect(open(), "nobody listens any more").toBe(0);
    });

    test("is not tried again while it rests, and a page that begins unseen rests as well", () => {
      see(false);
      const stop = browserPlatform().subscribe(() => {}, () => {});
      FakeSource.all[0]!.onerror();
      vi.advanceTimersByTime(120_000);
      const tried = FakeSource.all.length;
      expect(open()).toBe(0);
      vi.advanceTimersByTime(120_000);
      expect(FakeSource.all).toHaveLength(tried);
      see(true);
      expect(open()).toBe(1);
      stop();
    });

    test("is given back at once by a page that is kept to go back to", () => {
      const stop = browserPlatform().subscribe(() => {}, () => {});
      dispatchEvent(new Event("pagehide"));
      expect(open()).toBe(0);
      dispatchEvent(new Event("pageshow"));
      expect(open()).toBe(1);
      stop();
    });
  });

  test("has its page told at once that the login has ended, whichever command was refused, and once", async () => {
    let status = 0;
    vi.stubGlobal("fetch", async () => (status ? reply(status, { code: "invalid_token", message: "Ended." }) : Promise.reject(new TypeError("Failed to fetch"))));
    const { subscribe, rpc } = browserPlatform();
    const ask = (command: string) => rpc({ command, args: {} }).catch(({ code }: RpcError) => code);
    const told: unknown[] = [];
    const stop = subscribe(() => {}, (state) => state === "lost" && void ask("snapshot").then((code) => told.push(code)));
    FakeSource.all[0]!.onerror();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(["unreachable"]);
    status = 401;
    await ask("list_messages");
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(["unreachable", "invalid_token"]);
    await ask("list_messages");
    await vi.advanceTimersByTimeAsync(30_000);
    expect([told.length, FakeSource.all.length]).toEqual([2, 1]);
    stop();
  });

  test("is one for each who listens, and what another platform is refused holds none of them up", async () => {
    let status = 401;
    vi.stubGlobal("fetch", async () => reply(status, { code: "invalid_token", message: "Ended." }));
    const [here, there] = [browserPlatform(), browserPlatform()];
    const stops = [here.subscribe(() => {}, () => {}), here.subscribe(() => {}, () => {}), there.subscribe(() => {}, () => {})];
    await here.rpc({}).catch(() => {});
    for (const source of [...FakeSource.all]) source.onerror();
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.all, "the other one's").toHaveLength(4);
    status = 200;
    await here.rpc({});
    expect(FakeSource.all, "both of this one").toHaveLength(6);
    stops.forEach((stop) => stop());
  });

  test("is opened again after a refusal, until nobody listens any more", () => {
    const stop = browserPlatform().subscribe(() => {}, () => {});
    const refuse = (source: FakeSource) => {
      source.readyState = FakeSource.CLOSED;
      source.onerror();
    };
    refuse(FakeSource.all[0]!);
    vi.advanceTimersByTime(2_000);
    expect(FakeSource.all).toHaveLength(2);
    refuse(FakeSource.all[1]!);
    stop();
    vi.advanceTimersByTime(10_000);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.all[1]!.closed).toBe(true);
  });
});

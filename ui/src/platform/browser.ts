import { m } from "../messages";
import { rpcError } from "./errors";
import { RpcError, type Connection, type Platform, type Unsubscribe } from "./platform";
import { pageTab } from "./tab";

/** From a broken stream to the next try, in milliseconds. */
const RETRY_MS = 1_500;
/** The same while this browser has no login: nothing but a new one helps, and that is heard of. */
const LOGGED_OUT_MS = 60_000;
/** Tells, every fifteen seconds in which nothing else is told, that somebody is there. */
const ALIVE = "alive";
/** After so long without any of it whoever should tell it hangs, in milliseconds: two were missed. */
const SILENT_MS = 40_000;
/**
 * After so long a page that nobody sees gives its stream back, in milliseconds. A browser holds six connections to one
 * address open, over all its pages and those it keeps to go back to: with as many streams no page could ask for anything.
 */
const UNSEEN_MS = 5_000;
/** Where a login is left for other pages of this browser to see. */
const LOGIN = "husting.login";
/** The same of a logout. */
const LOGOUT = "husting.logout";
/** Where a tab notes the place that a login link was pasted over. */
const PLACE = "husting.place";

/** What the commands and the streams of one platform know of its login. */
interface Login {
  /** The last command was refused for want of one. */
  isOut: boolean;
  /** How often a page of this browser has logged out. */
  logouts: number;
  /** Called as commands are answered again. */
  readonly onIn: Set<() => void>;
  /** Called as the first one is refused. */
  readonly onOut: Set<() => void>;
}

/** A browser against `husting serve`: JSON by POST, events as server-sent events, a cookie from the one-time link. */
export function browserPlatform(): Platform {
  const login: Login = { isOut: false, logouts: 0, onIn: new Set(), onOut: new Set() };
  return {
    kind: "browser",
    tab: pageTab(),
    rpc: (request) => rpc(login, request),
    subscribe: (onEvent, onConnection) => subscribe(login, onEvent, onConnection),
    openExternal,
    logOut: () => logOut(login),
    saveFile,
  };
}

/**
 * Exchanges the one-time code of the link's fragment for a cookie and removes it from the address, which is again that of
 * the place the link was pasted over, in this tab, whether or not the code is taken. Resolves to whether there was a code.
 * @throws {RpcError} when the code is spent or too old
 */
export async function login(): Promise<boolean> {
  const code = codeInAddress();
  if (!code) return false;
  history.replaceState(null, "", location.pathname + takePlace());
  await post("/console/login", { code });
  tellPages(LOGIN);
  return true;
}

async function logOut(login: Login): Promise<void> {
  const reply = await send("/console/logout");
  // Whoever is let in no longer is out already.
  if (reply.status !== 401) await valueOf(reply);
  login.logouts += 1;
  tellPages(LOGOUT);
}

/** Whether the cookie of an earlier login, which no script can read, still opens the console. */
export async function opensByCookie(): Promise<boolean> {
  try {
    return (await send("/console/rpc", { command: "settings", args: {} })).ok;
  } catch {
    // Whoever does not answer lets nobody in.
    return false;
  }
}

function tellPages(of: typeof LOGIN | typeof LOGOUT): void {
  try {
    localStorage.setItem(of, new Date().toISOString());
  } catch {
    // Full, or forbidden to this page: what was done holds all the same. Other pages hear of it later.
  }
}

/** A link pasted over an open page changes only the fragment: the page begins again with it. */
export function followLinks(): void {
  addEventListener("hashchange", ({ oldURL }) => {
    if (!codeInAddress()) return;
    notePlace(oldURL);
    location.reload();
  });
}

function notePlace(address: string): void {
  const [, fragment = ""] = address.split("#");
  if (fragment.startsWith("/")) pageTab().keep(PLACE, `#${fragment}`);
}

/** The fragment of the place that was noted, once. Only a fragment is put behind this page's own path, whatever stands there. */
function takePlace(): string {
  const tab = pageTab();
  const [, fragment = ""] = tab.kept(PLACE)[0] ?? [];
  tab.drop(PLACE);
  return fragment.startsWith("#/") ? fragment : "";
}

function codeInAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("code");
}

async function rpc(login: Login, request: unknown): Promise<unknown> {
  const { logouts } = login;
  let reply = await send("/console/rpc", request);
  // It went with the cookie of a login that a page ended meanwhile: refused for that, it would read as a restart.
  if (reply.status === 401 && login.logouts !== logouts) reply = await send("/console/rpc", request);
  const before = login.isOut;
  login.isOut = reply.status === 401;
  if (before !== login.isOut) (login.isOut ? login.onOut : login.onIn).forEach((tell) => tell());
  return valueOf(reply);
}

async function post(path: string, body: unknown): Promise<unknown> {
  return valueOf(await send(path, body));
}

async function valueOf(reply: Response): Promise<unknown> {
  const text = await reply.text();
  const value: unknown = text ? JSON.parse(text) : null;
  if (reply.ok) return value;
  throw refusal(reply.status, value);
}

async function send(path: string, body?: unknown): Promise<Response> {
  try {
    return await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    // The browser's own words ("Failed to fetch") name neither who nor what to do.
    throw new RpcError("unreachable", m.parts.unanswered);
  }
}

function refusal(status: number, body: unknown): RpcError {
  const error = rpcError(body);
  return error.code === "unreachable" && status === 401 ? new RpcError("unauthorized", error.message) : error;
}

function subscribe(login: Login, onEvent: (event: unknown) => void, onConnection: (state: Connection) => void): Unsubscribe {
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  let resting: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let rests = false;
  const open = () => {
    clearTimeout(again);
    again = undefined;
    source = new EventSource("/console/events");
    source.onopen = () => {
      hear();
      onConnection("open");
    };
    source.onmessage = (message: MessageEvent<string>) => {
      hear();
      onEvent(JSON.parse(message.data));
    };
    source.addEventListener(ALIVE, hear);
    source.onerror = lose;
    // A program that hangs may take the connection in and say nothing.
    hear();
  };
  const hear = () => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENT_MS);
  };
  const lose = () => {
    onConnection("lost");
    // By itself it comes back in a time of the browser's own, and after a refusal never.
    close();
    if (rests) return;
    // Why it broke is told by a command that is asked meanwhile.
    again = setTimeout(() => (login.isOut ? (again = setTimeout(open, LOGGED_OUT_MS)) : open()), RETRY_MS);
  };
  const wake = () => {
    if (again !== undefined) open();
  };
  const close = () => {
    clearTimeout(silence);
    clearTimeout(again);
    again = undefined;
    source.close();
  };
  const rest = () => {
    close();
    rests = true;
  };
  // What went by meanwhile comes with the greeting of the next stream.
  const onSight = () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(rest, UNSEEN_MS);
    else if (rests) {
      rests = false;
      open();
    }
  };
  const onStorage = ({ key }: StorageEvent) => {
    if (key === LOGIN) wake();
    // A page that nobody sees has no stream that would break.
    if (key !== LOGOUT) return;
    login.logouts += 1;
    lose();
  };
  // Whoever comes back to the page may have logged in elsewhere.
  const onFocus = () => {
    if (login.isOut) wake();
  };
  addEventListener("storage", onStorage);
  addEventListener("focus", onFocus);
  document.addEventListener("visibilitychange", onSight);
  addEventListener("pagehide", rest);
  addEventListener("pageshow", onSight);
  login.onIn.add(wake);
  // Whichever command was refused: from here on the stream is asked for so seldom that it tells nobody for a minute.
  login.onOut.add(lose);
  onConnection("connecting");
  open();
  onSight();
  return () => {
    clearTimeout(resting);
    close();
    document.removeEventListener("visibilitychange", onSight);
    removeEventListener("pagehide", rest);
    removeEventListener("pageshow", onSight);
    removeEventListener("storage", onStorage);
    removeEventListener("focus", onFocus);
    login.onIn.delete(wake);
    login.onOut.delete(lose);
  };
}

async function openExternal(url: string): Promise<void> {
  window.open(url, "_blank", "noopener,noreferrer");
}

async function saveFile(name: string, text: string): Promise<null> {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
  return null;
}

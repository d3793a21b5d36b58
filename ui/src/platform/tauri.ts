import { Channel, invoke } from "@tauri-apps/api/core";
import { openUrl } from "@tauri-apps/plugin-opener";
import type { DesktopStanding } from "../generated/DesktopStanding";
import type { DesktopWord } from "../generated/DesktopWord";
import { type Connection, type Desktop, type Platform, type Unsubscribe } from "./platform";
import { rpcError } from "./errors";
import { afterPaint } from "./paint";
import { pageTab } from "./tab";
import { holdObserved } from "./observed";

/** From a refused subscription to the next try, in milliseconds. */
const RETRY_MS = 1_500;

/** Where `src-tauri/src/first.rs` writes the first snapshot into the page. */
const FIRST = "first-snapshot";

/** The longest that a page waits for its first frame, in milliseconds: a window that nobody sees may get none. */
const FIRST_FRAME_MS = 250;

/** Over with the first frame, where the page came with what it draws there: whatever is asked before holds that frame back. */
let drawn: Promise<void> = Promise.resolve();

async function ask<Answer>(command: string, args?: Record<string, unknown>): Promise<Answer> {
  await drawn;
  return invoke<Answer>(command, args);
}

/** The window: commands over Tauri’s own bridge, over which events are fetched too. */
export function tauriPlatform(): Platform {
  holdObserved();
  return {
    kind: "desktop",
    tab: pageTab(),
    takeFirst,
    async rpc(request) {
      try {
        return await ask("rpc", { request });
      } catch (thrown) {
        throw rpcError(thrown);
      }
    },
    subscribe,
    openExternal: (url) => openUrl(url),
    setZoom,
    // GTK's clipboard alone is one that the window's host reads.
    ...(navigator.platform.startsWith("Linux") && { takeBack }),
    desktop,
    quit: () => invoke<void>("quit"),
    saveFile: (name, text) => invoke<string | null>("save_file", { name, text }),
  };
}

function takeFirst(): unknown {
  const given = document.getElementById(FIRST);
  const text = given?.textContent;
  if (!given || !text) return undefined;
  given.textContent = "";
  drawn = new Promise((done) => {
    afterPaint(done);
    setTimeout(done, FIRST_FRAME_MS);
  });
  return JSON.parse(text);
}

const desktop: Desktop = {
  attend(onWord) {
    const channel = new Channel<DesktopWord>();
    channel.onmessage = onWord;
    // Without it the tray shows the window and nothing in it.
    invoke("attend", { channel }).catch((thrown: unknown) => console.warn("the desktop does not speak to the page", thrown));
  },
  standing: () => invoke<DesktopStanding>("desktop_standing"),
  async startAtLogin(on) {
    try {
      return await invoke<DesktopStanding>("start_at_login", { on });
    } catch (thrown) {
      throw rpcError(thrown);
    }
  },
  async acceptSessions(sessions) {
    try {
      await ask<void>("accept_sessions", { sessions });
    } catch (thrown) {
      console.warn("the tray does not know what was accepted", thrown);
    }
  },
  hide: () => invoke<void>("hide_window"),
};

let zoom = 100;

async function setZoom(percent: number): Promise<void> {
  if (percent === zoom) return;
  zoom = percent;
  try {
    // Most people never zoom, and the window's first paint should not wait for what does it.
    const { getCurrentWebview } = await import("@tauri-apps/api/webview");
    await getCurrentWebview().setZoom(percent / 100);
  } catch (thrown) {
    // The window stays as large as it is; nothing else depends on it.
    console.warn("the window did not take the zoom", thrown);
  }
}

async function takeBack(text: string): Promise<void> {
  try {
    await invoke<boolean>("take_back", { text });
  } catch (thrown) {
    console.warn("the clipboard was not emptied", rpcError(thrown).code);
  }
}

function subscribe(onEvent: (event: unknown) => void, onConnection: (state: Connection) => void): Unsubscribe {
  let wanted = true;
  let again: ReturnType<typeof setTimeout> | undefined;
  const listen = async () => {
    try {
      const turn = await ask<number>("subscribe");
      if (wanted) onConnection("open");
      // An answer brings all events that waited, or none where nothing happened in a while; another page ends it.
      for (let events: unknown[] | null = []; wanted && events; events = await invoke<unknown[] | null>("next_events", { turn })) events.forEach(onEvent);
    } catch {
      if (!wanted) return;
      onConnection("lost");
      again = setTimeout(() => void listen(), RETRY_MS);
    }
  };
  onConnection("connecting");
  void listen();
  return () => {
    wanted = false;
    clearTimeout(again);
  };
}

import { Channel, invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { openUrl } from "@tauri-apps/plugin-opener";
import { type Connection, type Platform, type Unsubscribe } from "./platform";
import { rpcError } from "./errors";

/** The window: commands over Tauri's own bridge, events over one channel. */
export function tauriPlatform(): Platform {
  return {
    kind: "desktop",
    async rpc(request) {
      try {
        return await invoke("rpc", { request });
      } catch (thrown) {
        throw rpcError(thrown);
      }
    },
    subscribe,
    openExternal: (url) => openUrl(url),
    setZoom,
    saveFile: (name, text) => invoke<string | null>("save_file", { name, text }),
  };
}

async function setZoom(percent: number): Promise<void> {
  try {
    await getCurrentWebview().setZoom(percent / 100);
  } catch (thrown) {
    // The window stays as large as it is; nothing else depends on it.
    console.warn("the window did not take the zoom", thrown);
  }
}

function subscribe(onEvent: (event: unknown) => void, onConnection: (state: Connection) => void): Unsubscribe {
  const channel = new Channel<unknown>();
  let wanted = true;
  channel.onmessage = (event) => {
    if (wanted) onEvent(event);
  };
  onConnection("connecting");
  invoke("subscribe", { channel }).then(
    () => wanted && onConnection("open"),
    () => wanted && onConnection("lost"),
  );
  return () => {
    wanted = false;
  };
}

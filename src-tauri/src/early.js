// Runs in the page before anything of it has been read: the first snapshot is asked for meanwhile.
// `ui/src/platform/tauri.ts` takes the answer.
globalThis.hustingEarly = globalThis.__TAURI_INTERNALS__.invoke("rpc", { request: { command: "snapshot", args: {} } });
// Whoever takes it hears what went wrong; before that nobody has to.
globalThis.hustingEarly.catch(() => undefined);

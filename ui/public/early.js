// Runs before the console itself has been read, and before its modules: in the window, the first snapshot
// is asked for meanwhile.
// `src/platform/tauri.ts` takes the answer.
globalThis.hustingEarly = globalThis.__TAURI_INTERNALS__?.invoke("rpc", { request: { command: "snapshot", args: {} } });
// Whoever takes it hears what went wrong; before that nobody has to.
globalThis.hustingEarly?.catch(() => undefined);

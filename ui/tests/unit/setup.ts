import { configure } from "@testing-library/svelte";

/** What is waited for is missed many times before it is there: the page is not written out each time. By this name its stack is the test's. */
function notFound(message: string | null): Error {
  const error = Object.assign(new Error(message ?? ""), { name: "TestingLibraryElementError" });
  Error.captureStackTrace(error, notFound);
  return error;
}

// A screen is read when it is first shown, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 15_000, getElementError: notFound });

// What a browser has and jsdom has not. Nothing here changes what the console does.
class NoResize implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

globalThis.ResizeObserver ??= NoResize;
Blob.prototype.arrayBuffer ??= function (this: Blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error ?? new Error("the file could not be read"));
    reader.readAsArrayBuffer(this);
  });
};
Element.prototype.scrollIntoView ??= () => {};
Element.prototype.scrollTo ??= () => {};
Element.prototype.hasPointerCapture ??= () => false;
// jsdom lays nothing out; a virtual list of no height would draw no rows.
Object.defineProperty(HTMLElement.prototype, "offsetHeight", { configurable: true, get: () => 800 });
Object.defineProperty(HTMLElement.prototype, "offsetWidth", { configurable: true, get: () => 1200 });

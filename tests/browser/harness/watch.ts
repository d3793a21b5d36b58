// Whatever no page of ours may do, in any test: complain, break its policy, ask elsewhere, open a dialog.

import type { Page } from "@playwright/test";

/** Collects what went wrong in a page. */
export class Watch {
  private readonly seen: string[] = [];
  private readonly expected: RegExp[] = [];

  /** Begins before the page has loaded anything. */
  async over(page: Page, origin: () => string): Promise<void> {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.saw(`console: ${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => this.saw(`thrown: ${error.message}`));
    page.on("dialog", (dialog) => {
      this.saw(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("popup", (popup) => this.saw(`popup: ${popup.url()}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:"].includes(url.protocol) && url.origin !== origin()) this.saw(`request: ${request.url()}`);
    });
    await page.exposeFunction("__violated", (what: string) => this.saw(`policy: ${what}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const report = (globalThis as unknown as Record<string, (what: string) => void>).__violated;
        report?.(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }

  /** What this test brings about on purpose; a browser logs every refused request. */
  expect(...patterns: RegExp[]): void {
    this.expected.push(...patterns);
  }

  /** Everything that was not expected. */
  get troubles(): string[] {
    return this.seen.filter((trouble) => !this.expected.some((pattern) => pattern.test(trouble)));
  }

  private saw(trouble: string): void {
    this.seen.push(trouble);
  }
}

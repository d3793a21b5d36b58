import { tick } from "svelte";
import type { Box } from "./layout";

/** Pixels of the columns' heads, which stay above the plane. */
export const HEAD = 34;
/** Pixels between the last row and the foot. */
export const RIM = 12;
/** Pixels of the foot below the plane. */
const FOOT = 36;

const LEAST = 0.4;
/** From here on a claim's words are read without effort: what first shows is not smaller. */
const LEGIBLE = 0.85;
const MOST = 1.6;
const STEP = 1.25;
/** A press that moves less than this is a click. */
const STILL = 4;
/** Drawn around what is in sight, so that a quick scroll meets no hole. */
const SPARE = 240;

/**
 * The window onto the plane, below the heads. It scrolls as any box does, so that wheel, touch and focus move it
 * without a line of ours; what is on it is scaled. Places never move, so a graph library would have nothing to lay
 * out or to drag.
 */
export class Surface {
  zoom = $state(1);
  left = $state(0);
  top = $state(0);
  width = $state(0);
  height = $state(0);
  /** The minimap in the foot's corner, in pixels of the screen. */
  minimap = $state({ width: 0, height: 0 });
  #box: HTMLElement | null = null;
  #dragged = false;

  /** What is in sight, in pixels of the plane. */
  readonly view: Box = $derived({
    x: this.left / this.zoom,
    y: this.top / this.zoom,
    width: (this.width || 1_200) / this.zoom,
    height: (this.height || 800) / this.zoom,
  });
  /** What is drawn. */
  readonly near: Box = $derived({
    x: this.view.x - SPARE,
    y: this.view.y - SPARE,
    width: this.view.width + 2 * SPARE,
    height: this.view.height + 2 * SPARE,
  });

  /** How much higher than the foot the minimap is: the last row can be scrolled above it. */
  readonly covered: number = $derived(Math.max(0, this.minimap.height - FOOT));

  /** Takes charge of the scrolling element; an attachment. */
  attach = (box: HTMLElement): (() => void) => {
    this.#box = box;
    const events: [string, (event: never) => void, AddEventListenerOptions?][] = [
      ["scroll", () => this.#scrolled(), { passive: true }],
      ["wheel", (event: WheelEvent) => this.#wheeled(event), { passive: false }],
      ["pointerdown", (event: PointerEvent) => this.#pressed(event)],
      ["click", (event: MouseEvent) => this.#clicked(event), { capture: true }],
    ];
    for (const [type, listener, options] of events) box.addEventListener(type, listener as EventListener, options);
    const watch = new ResizeObserver(() => this.#measure());
    watch.observe(box);
    this.#measure();
    return () => {
      for (const [type, listener, options] of events) box.removeEventListener(type, listener as EventListener, options);
      watch.disconnect();
      this.#box = null;
    };
  };

  get canGrow(): boolean {
    return this.zoom < MOST;
  }

  get canShrink(): boolean {
    return this.zoom > LEAST;
  }

  /** One step nearer, or further away. */
  step(by: 1 | -1): void {
    void this.zoomTo(by > 0 ? this.zoom * STEP : this.zoom / STEP);
  }

  /** What first shows is all rows of a plane this high, as near as they can be, where their words are legible then. */
  begin(height: number): void {
    const zoom = Math.floor(((this.height - RIM) / height) * 100) / 100;
    if (zoom >= LEGIBLE) this.zoom = Math.min(1, zoom);
  }

  /** As near as it can be with all of a plane this wide in sight. */
  fit(width: number): void {
    void this.zoomTo(Math.min(1, this.width / width), { x: 0, y: 0 });
  }

  /** Scales the plane; the point under `at`, else the middle, stays where it is. */
  async zoomTo(zoom: number, at = { x: this.width / 2, y: this.height / 2 }): Promise<void> {
    const next = Math.round(Math.min(MOST, Math.max(LEAST, zoom)) * 100) / 100;
    const [x, y] = [(this.left + at.x) / this.zoom, (this.top + at.y) / this.zoom];
    this.zoom = next;
    // The plane must have its new size before it can be scrolled there.
    await tick();
    this.#box?.scrollTo(x * next - at.x, y * next - at.y);
  }

  /** Scrolls no further than it takes to see a box with a little around it, and no minimap over it. */
  reveal(box: Box, around = 20): void {
    const part = (from: number, size: number, start: number, length: number) => {
      const [low, high] = [(start - around) * this.zoom, (start + length + around) * this.zoom];
      if (low < from || high - low > size) return low;
      return high > from + size ? high - size : from;
    };
    const left = part(this.left, this.width, box.x, box.width);
    const isUnder = (box.x + box.width) * this.zoom - left > this.width - this.minimap.width;
    const height = this.height - RIM - (isUnder ? this.covered : 0);
    this.#box?.scrollTo(left, part(this.top, Math.max(0, height), box.y, box.height));
    this.#scrolled();
  }

  /** Puts a point of the plane into the middle. */
  center(x: number, y: number): void {
    this.#box?.scrollTo(x * this.zoom - this.width / 2, y * this.zoom - this.height / 2);
  }

  #measure(): void {
    if (!this.#box) return;
    [this.width, this.height] = [this.#box.clientWidth, Math.max(0, this.#box.clientHeight - HEAD)];
    this.#scrolled();
  }

  #scrolled(): void {
    if (this.#box) [this.left, this.top] = [this.#box.scrollLeft, this.#box.scrollTop];
  }

  // A pinch arrives as a wheel with Ctrl.
  #wheeled(event: WheelEvent): void {
    if (!this.#box || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const { left, top } = this.#box.getBoundingClientRect();
    void this.zoomTo(this.zoom * Math.exp(-event.deltaY / 400), { x: event.clientX - left, y: event.clientY - top - HEAD });
  }

  #pressed(event: PointerEvent): void {
    this.#dragged = false;
    const box = this.#box;
    if (!box || event.pointerType !== "mouse" || event.button > 1) return;
    const [left, top] = [box.scrollLeft, box.scrollTop];
    const moved = ({ clientX, clientY, buttons }: PointerEvent) => {
      const [x, y] = [clientX - event.clientX, clientY - event.clientY];
      if (buttons === 0) return ended();
      this.#dragged ||= Math.hypot(x, y) > STILL;
      if (this.#dragged) box.scrollTo(left - x, top - y);
    };
    const ended = () => {
      removeEventListener("pointermove", moved);
      removeEventListener("pointerup", ended);
    };
    addEventListener("pointermove", moved);
    addEventListener("pointerup", ended);
  }

  // What a drag ends on was not clicked.
  #clicked(event: MouseEvent): void {
    if (!this.#dragged || event.detail === 0) return;
    this.#dragged = false;
    event.stopPropagation();
    event.preventDefault();
  }
}

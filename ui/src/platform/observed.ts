/**
 * Keeps WebKitGTK 2.50 from ending the page's process. It notes which sizes have changed, tells one `ResizeObserver` after
 * the other, and meanwhile holds the elements only weakly: one that was taken off the page, as a listener before may do,
 * can be collected before it is told of, which WebKit answers with an abort (`WeakPtr` in
 * `ResizeObserver::deliverObservations`). So who is observed is held by its observer, and who was, until that turn is over.
 */
export function holdObserved(): void {
  const { observe, unobserve, disconnect } = ResizeObserver.prototype;
  const observed = new WeakMap<ResizeObserver, Set<Element>>();
  const left = new Set<Element>();
  Object.assign(ResizeObserver.prototype, {
    observe(this: ResizeObserver, element: Element, options?: ResizeObserverOptions) {
      observe.call(this, element, options);
      observed.set(this, (observed.get(this) ?? new Set()).add(element));
    },
    unobserve(this: ResizeObserver, element: Element) {
      unobserve.call(this, element);
      observed.get(this)?.delete(element);
      // No timer is due before all observers were told.
      if (left.size === 0) setTimeout(() => left.clear());
      left.add(element);
    },
    disconnect(this: ResizeObserver) {
      // It forgets whom it was about to tell of.
      disconnect.call(this);
      observed.delete(this);
    },
  });
}

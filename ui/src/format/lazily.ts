/**
 * What is made when it is first asked for. A formatter that the first screen does without costs a start nothing; the
 * first of all costs some twenty milliseconds, in which the engine reads its tables.
 */
export function lazily<Made>(make: () => Made): () => Made {
  let made: { value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
}

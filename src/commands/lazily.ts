/**
 * A verb whose module is read when it is called: a bridge that runs for years does not keep in memory what only somebody at
 * a terminal needs.
 */
export const lazily =
  <A extends unknown[], R>(load: () => Promise<(...args: A) => Promise<R>>) =>
  async (...args: A): Promise<R> =>
    (await load())(...args)

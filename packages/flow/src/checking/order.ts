/** The order of the steps of an AND scope: each after all that it waits for. */

export interface Ordered {
  /** Names, every one after those it depends on; ties as given. Steps on a circle come last. */
  readonly order: readonly string[];
  /** Each circle once, its first name repeated at its end. */
  readonly circles: readonly (readonly string[])[];
}

export function orderSteps(names: readonly string[], dependenciesOf: (name: string) => Iterable<string>): Ordered {
  const state = new Map<string, 'open' | 'done'>();
  const order: string[] = [];
  const circles: string[][] = [];
  const trail: string[] = [];

  const visit = (name: string): void => {
    if (state.get(name) === 'done') {
      return;
    }
    if (state.get(name) === 'open') {
      circles.push([...trail.slice(trail.indexOf(name)), name]);
      return;
    }
    state.set(name, 'open');
    trail.push(name);
    for (const dependency of dependenciesOf(name)) {
      visit(dependency);
    }
    trail.pop();
    state.set(name, 'done');
    order.push(name);
  };

  for (const name of names) {
    visit(name);
  }
  return { order, circles };
}

/** The order in which people read the keys of a definition. Names that authors chose keep the order they were given. */

export type Role = 'flow' | 'step' | 'each' | 'retry' | 'limit' | 'breaker' | 'budget' | 'catch' | 'next' | 'wait' | 'migration';

const stepKeys: readonly string[] = [
  ...['doc', 'like', 'needs', 'if', 'max', 'each', 'uses', 'with', 'detached', 'value', 'wait', 'steps', 'states', 'until', 'output'],
  ...['returns', 'timeout', 'retry', 'limit', 'budget', 'cache', 'events', 'next', 'catch', 'compensate'],
];

/** Keys of a mapping by what it is; those that are not here come last, as they were written. */
export const keyOrder: { readonly [role in Role]: readonly string[] } = {
  flow: [
    ...['flow', 'version', 'doc', 'extends', 'run', 'input', 'profiles', 'limits', 'budget', 'schemas', 'define', 'migrate'],
    ...['steps', 'states', 'until', 'output', 'catch', 'compensate'],
  ],
  step: stepKeys,
  each: ['in', 'as', 'key', 'workers', 'batch', 'tolerate', 'until'],
  retry: ['max', 'delay', 'factor', 'cap', 'within', 'errors'],
  limit: ['concurrent', 'rate', 'tokens', 'breaker'],
  breaker: ['failures', 'cooldown'],
  budget: ['usd', 'tokens', 'calls'],
  catch: ['errors', 'if', 'to', ...stepKeys],
  next: ['if', 'to'],
  wait: ['for', 'until', 'event', 'match', 'ask', 'to', 'answer'],
  migration: ['from', 'map', 'assume'],
};

/** What stands under a key of a mapping: a mapping of its own role, or names that each have one. */
export type Inner = { readonly role: Role } | { readonly each: Role };

const insideStep: { readonly [key: string]: Inner } = {
  each: { role: 'each' },
  wait: { role: 'wait' },
  steps: { each: 'step' },
  states: { each: 'step' },
  retry: { role: 'retry' },
  limit: { role: 'limit' },
  budget: { role: 'budget' },
  next: { role: 'next' },
  catch: { role: 'catch' },
  compensate: { role: 'step' },
};

/** What is not here is data, schemas or text, and stays as it is. */
export const innerRoles: { readonly [role in Role]?: { readonly [key: string]: Inner } } = {
  flow: {
    profiles: { each: 'flow' },
    limits: { each: 'limit' },
    budget: { role: 'budget' },
    define: { each: 'step' },
    migrate: { role: 'migration' },
    steps: { each: 'step' },
    states: { each: 'step' },
    catch: { role: 'catch' },
    compensate: { role: 'step' },
  },
  step: insideStep,
  catch: insideStep,
  limit: { breaker: { role: 'breaker' } },
};

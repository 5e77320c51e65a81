/** A story by four agents: the outliner plans, writers and critics work on each chapter, the editor puts it together. */

import { $, flow, type Definition } from '@scriptorium/flow';
import { critic, editor, outliner, writer } from './handlers.ts';

export const story: Definition = flow(
  'my/story',
  {
    version: '1.0.0',
    doc: 'Outline, chapters with critique, and the whole.',
    input: { idea: { type: 'string', minLength: 10 }, chapters: { type: 'integer', minimum: 1, maximum: 50 } },
    // Every agent that calls a model belongs into one pool: it bounds what is asked at once.
    limits: { model: { concurrent: 2 } },
  },
  (s, input) => {
    const outline = s.step('outline', outliner, { with: { idea: input.idea, chapters: input.chapters }, limit: 'model', timeout: '2m' });
    const chapters = s.each('chapters', { in: outline.plans, as: 'plan', key: (plan) => plan.name, workers: 3 }, (plan, s) => {
      const draft = s.step('draft', writer, { with: { plan, notes: [] }, limit: 'model', timeout: '2m' });
      const critique = s.step('critique', critic, { with: { text: draft.text }, limit: 'model', timeout: '2m' });
      const revised = s.step('revised', writer, {
        if: $<boolean>`${critique.notes}.size() > 0`,
        with: { plan, notes: critique.notes },
        limit: 'model',
        timeout: '2m',
      });
      return { name: plan.name, text: $<string>`${$.maybe(revised).text} ?? ${draft.text}` };
    });
    const whole = s.step('whole', editor, { with: { title: outline.title, chapters: chapters.ok } });
    return { title: outline.title, chapters: $<number>`${chapters.ok}.size()`, story: whole.story };
  },
);

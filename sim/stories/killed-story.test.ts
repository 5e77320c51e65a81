import assert from 'node:assert/strict';
import { it } from 'node:test';
import { faultsOf, tellKilled } from './killed-story.ts';

/** One of each kind of step, at another point of it each time: before, within and after what lasts. */
const deaths = [
  'concept answers',
  'plot has an answer',
  'character is called',
  'world has noted it',
  'story/note has written Ann.json',
  'approve is answered',
  'writer answers',
  'continuity has an answer',
  'critic is called',
  'core/handoff is done',
  'research answers',
  'archive/look is done',
  'story/keep has written chapter-01.json',
  'editor has noted it',
  'story/edit has written chapter-02.json',
  'release is answered',
  'story/publish has written story.epub',
];

it('a story whose process is killed in the midst of every kind of step is the one that nobody disturbed, and nothing is paid for twice', async () => {
  const calm = await tellKilled([]);
  const killed = await tellKilled(deaths);
  // Steps that went on side by side may hold each other up at a moment or two: see author.ts.
  assert.ok(killed.kills >= deaths.length - 3, `${killed.kills} kills`);
  assert.deepEqual(faultsOf(killed, calm), []);
  assert.ok(killed.asked > calm.asked, 'some calls were cut off');
});

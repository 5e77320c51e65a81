/** What agents did, as a part of the report of a run. */

import type { JsonObject, ReportSection } from '@scriptorium/core';
import { reportAgents } from './figures.ts';

export const agentSection: ReportSection = {
  name: 'agents',
  make: ({ events, earlier, flows }) => reportAgents([...earlier, ...events], new Set(flows.keys()), flows) as unknown as JsonObject,
};

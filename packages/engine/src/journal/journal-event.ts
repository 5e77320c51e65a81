/** What a row of the journal says, and where it stands. */

import type { EngineEvent, Event } from '@scriptorium/core';
import type { Row } from './chain.ts';

export type JournalEvent = Event | EngineEvent;

/** Where an event stands in the journal. */
export type Place = Pick<Row, 'gseq' | 'run' | 'actor' | 'seq' | 'at'>;

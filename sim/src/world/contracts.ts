/** The contracts of all handlers, compiled once for all histories, whichever engine they are played with. */

import { createContracts } from '@scriptorium/flow';

type Contracts = ReturnType<typeof createContracts>;

export const contracts: Contracts = createContracts();

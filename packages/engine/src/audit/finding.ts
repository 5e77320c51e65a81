/** What can be wrong with a store, each by a name of its own and with its place. */

export type StoreFault =
  /** The structure of the file is broken. */
  | 'structure'
  /** An event is not what was written. */
  | 'event_changed'
  | 'event_missing'
  /** An event does not follow from the one before: one of the two, or its hash, was written anew. */
  | 'chain_broken'
  /** An event was written by an engine that had been replaced. */
  | 'epoch_back'
  /** The events of an actor are not numbered from 1 without gaps. */
  | 'sequence_gap'
  | 'value_missing'
  | 'value_changed'
  | 'definition_missing'
  | 'definition_changed'
  /** A table that is computed from the events says something else than they do. */
  | 'fold_differs'
  /** A state that is kept so that folding need not begin at the first event is not what folding gives. */
  | 'snapshot_wrong'
  /** Events that were acknowledged are gone, and with them the write-ahead log. */
  | 'log_lost'
  /** Events that were acknowledged are gone. */
  | 'events_lost'
  /** What says which event was acknowledged last is not there, or not readable. */
  | 'mark_unreadable'
  | 'log_long'
  | 'ballast_missing'
  | 'permissions_open'
  | 'file_unknown'
  /** Events are later than the clock of this machine. */
  | 'clock_behind'
  | 'output_missing'
  | 'output_changed';

export interface StoreFinding {
  readonly fault: StoreFault;
  /** A note is no fault of what is stored. */
  readonly level: 'problem' | 'note';
  readonly message: string;
  readonly fix: string;
  /** Where it is: a file, an event, a hash. */
  readonly place: { readonly [name: string]: string | number };
}

/** Takes a finding; false when there are so many that the search may end. */
export type Find = (finding: StoreFinding) => boolean;

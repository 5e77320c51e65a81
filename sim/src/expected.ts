/** What is to be expected of a flow. */

import type { Prediction } from '@scriptorium/testing/model/oracle';
import type { Plan } from '@scriptorium/testing/model/plan';

/** What the page about the language says of a flow under the scenario's script. */
export interface Expected {
  readonly plan: Plan;
  /** By name, as runs show it. */
  readonly flow: string;
  readonly prediction: Prediction;
  /** Whether nothing but the plan and the script decides how it ends. */
  readonly isPredictable: boolean;
}

/** What a run has shown to be wrong. */
import type { PropertyId } from '../../model/properties.ts';

/** `REFINES`: a step that the model does not have; `REPLAY`: the same run twice, differently; `CRASH`: an exception; `CANARY`: nothing. */
export type Violation = {
  readonly property: PropertyId | 'REFINES' | 'REPLAY' | 'CRASH' | 'CANARY';
  readonly says: string;
};

/** A hole of the published protocol, and the scenario of the model that shows it. */
export type Known = Violation & { readonly scenario: string };

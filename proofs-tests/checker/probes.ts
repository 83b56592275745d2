import type { EventObject } from 'xstate';
import type { Edge, Guard, Part, Region } from '../../model/part.ts';

/** What the guards of one edge, in their order, were found to be. */
export type Outcomes = { asked: number; held: number };

/** Guards asked and found to hold, by `EDGE:PLACE`; an edge's later guards are asked only where the earlier ones hold. */
export type Record = Map<string, Outcomes>;

type AnyPart<Context, Event extends EventObject, Output> = Part<Context, Event, Output>;

/** Every edge of a part with its name: region, state, event, place among the event's edges. */
export const edgesOf = function* (regions: {
  readonly [name: string]: Region;
}): Generator<readonly [name: string, edge: Edge]> {
  for (const [region, { states }] of Object.entries(regions))
    for (const [state, events] of Object.entries(states))
      for (const [event, edges] of Object.entries(events))
        for (const [k, edge] of edges.entries()) yield [`${region}.${state}.${event}.${k}`, edge];
};

/** Regions with every edge replaced. */
export const mapEdges = (
  regions: { readonly [name: string]: Region },
  change: (name: string, edge: Edge) => readonly Edge[],
): { readonly [name: string]: Region } =>
  Object.fromEntries(
    Object.entries(regions).map(([region, { initial, states }]) => [
      region,
      {
        initial,
        states: Object.fromEntries(
          Object.entries(states).map(([state, events]) => [
            state,
            Object.fromEntries(
              Object.entries(events).map(([event, edges]) => [
                event,
                edges.flatMap((edge, k) => change(`${region}.${state}.${event}.${k}`, edge)),
              ]),
            ),
          ]),
        ),
      },
    ]),
  );

/** The same part, telling a record what its guards are asked and answer. It decides nothing. */
export const watched = <Context, Event extends EventObject, Output>(
  part: AnyPart<Context, Event, Output>,
  record: Record,
): AnyPart<Context, Event, Output> => {
  const guards: { [name: string]: Guard<Context, Event> } = { ...part.guards };
  const regions = mapEdges(part.regions, (name, edge) => {
    const when = (edge.when ?? []).flatMap((guard, place) => {
      const key = `${name}:${place}`;
      const outcomes = record.get(key) ?? { asked: 0, held: 0 };
      record.set(key, outcomes);
      guards[`asked ${key}`] = () => {
        outcomes.asked += 1;
        return true;
      };
      guards[`held ${key}`] = () => {
        outcomes.held += 1;
        return true;
      };
      return [`asked ${key}`, guard, `held ${key}`];
    });
    return [when.length === 0 ? edge : { ...edge, when }];
  });
  return { ...part, regions, guards };
};

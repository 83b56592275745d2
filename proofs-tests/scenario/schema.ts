/** Scenario files, version 1: one type for what the explorer searches, the simulator runs and a counterexample replays. */
import { z } from 'zod';
import { GRAPH_PROPERTIES, SAFETY } from '../../model/properties.ts';
import { actionSchema } from './action-schema.ts';
import { readingSchema } from './reading-schema.ts';
import { mistakesIn, worldShape } from './world-schema.ts';

export const PROTOCOL_NAMES = ['tardis', 'tardis-code', 'godwit'] as const;
export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

export const PROPERTY_IDS = [...SAFETY, ...GRAPH_PROPERTIES] as const;

const fallsShape = { falls: z.array(z.enum(PROPERTY_IDS)).readonly() };

/** What a search finds: every property holds, or exactly these fall. */
const outcomeSchema = z.union([z.literal('holds'), z.strictObject(fallsShape)]);

/** For the published protocol, one outcome for each reading of its text; the first is the default reading of 50-migration. */
const byReadingSchema = z
  .array(z.strictObject({ reading: readingSchema, ...fallsShape }))
  .min(1)
  .readonly();

const expectedSchema = z.strictObject({
  tardis: z.union([outcomeSchema, byReadingSchema]).exactOptional(),
  'tardis-code': outcomeSchema.exactOptional(),
  godwit: outcomeSchema.exactOptional(),
});

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** What happens, in one sentence. */
  says: z.string().min(1),
  /** Number in the catalogue of published holes. */
  hole: z
    .string()
    .regex(/^H[1-9]\d*$/, 'H and a number')
    .exactOptional(),
  ...worldShape,
  /** Too large for a quick check: explored with --deep only. */
  deep: z.boolean().default(false),
  expected: expectedSchema.prefault({}),
  /** A run: the protocol it is a run of, its steps, the property it violates and after how many of them, and the one from which it repeats for ever. */
  protocol: z.enum(PROTOCOL_NAMES).exactOptional(),
  reading: readingSchema.exactOptional(),
  without: z.array(z.string()).readonly().exactOptional(),
  violates: z.enum(PROPERTY_IDS).exactOptional(),
  steps: z.array(actionSchema).readonly().exactOptional(),
  fallsAfter: z.int().min(0).exactOptional(),
  loop: z.int().min(0).exactOptional(),
});

export const scenarioFileSchema = fileSchema.superRefine((file, context) => {
  for (const [path, message] of mistakesIn(file)) context.addIssue({ code: 'custom', path: [...path], message });
});

/** A scenario file with its defaults filled in. */
export type ScenarioFile = z.output<typeof scenarioFileSchema>;
/** A scenario file as it is written. */
export type ScenarioSource = z.input<typeof scenarioFileSchema>;
export type Expected = ScenarioFile['expected'];

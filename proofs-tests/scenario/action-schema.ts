/** The steps of a run as plain data: the JSON form of the model's actions. */
import { z } from 'zod';
import { hostSchema, sideSchema } from './world-schema.ts';

const psn = z.int().min(0);
/** A stranger's incarnation is -1. */
const epoch = z.int().min(-1);
/** A host, or the attacker. */
const address = z.int().min(0).max(9);
const message = z.int().min(0);

const packetSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('rx.request'),
    psn,
    op: z.enum(['SEND', 'WRITE', 'READ', 'ATOMIC']),
    part: z.enum(['only', 'first', 'middle', 'last']),
    psns: z.int().min(1),
    ackReq: z.boolean(),
    message,
  }),
  z.strictObject({ type: z.literal('rx.ack'), psn }),
  z.strictObject({ type: z.literal('rx.nak'), psn, code: z.enum(['SEQUENCE', 'INVALID_REQUEST']) }),
  z.strictObject({ type: z.literal('rx.rnrNak'), psn }),
  z.strictObject({ type: z.literal('rx.response'), psn, message }),
  z.strictObject({ type: z.literal('rx.nakStopped'), psn, epoch, signed: z.boolean() }),
  z.strictObject({ type: z.literal('rx.resume'), psn, epoch, origin: address, signed: z.boolean() }),
  z.strictObject({
    type: z.literal('rx.resumed'),
    psn,
    answers: epoch,
    epoch,
    origin: address,
    signed: z.boolean(),
  }),
]);

const envelopeSchema = z.strictObject({ from: address, to: address, side: sideSchema, packet: packetSchema });

const whereaboutsSchema = z.strictObject({ epoch, at: hostSchema, moving: z.boolean(), dead: z.boolean() });

/** What a copy can be told; packets come by `arrive`. */
const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum([
      'modify.reset',
      'modify.init',
      'modify.rtr',
      'modify.rts',
      'modify.sqd',
      'modify.err',
      'rnrTimeout',
      'post.receive',
      'record.answer',
    ]),
  }),
  z.strictObject({ type: z.literal('transmit'), ackReq: z.boolean().exactOptional() }),
  z.strictObject({
    type: z.literal('ackTimeout'),
    peer: whereaboutsSchema.exactOptional(),
    later: z.literal(true).exactOptional(),
  }),
]);

const sideEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('copy'),
    host: hostSchema,
    event: eventSchema,
    timer: z.literal(true).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('consumer'), host: hostSchema, event: eventSchema }),
  z.strictObject({
    kind: z.literal('coordinator'),
    type: z.enum([
      'dumpMemory',
      'stop',
      'halt',
      'dump',
      'restore',
      'resume',
      'commit',
      'start',
      'goOn',
      'abort',
      'crash',
      'return',
      'declareDead',
    ]),
  }),
  z.strictObject({
    kind: z.literal('orderAgain'),
    host: hostSchema,
    event: z.union([
      z.strictObject({ type: z.enum(['stop', 'activate', 'unstop']), epoch }),
      z.strictObject({ type: z.literal('resume') }),
    ]),
  }),
  z.strictObject({ kind: z.literal('restoreAgain'), host: hostSchema, hop: z.int().min(0) }),
  z.strictObject({ kind: z.enum(['destroy', 'entomb', 'retire', 'dark', 'dies', 'reuse']), host: hostSchema }),
]);

export const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('side'), side: sideSchema, event: sideEventSchema }),
  z.strictObject({ kind: z.enum(['arrive', 'lose', 'duplicate', 'forge']), packet: envelopeSchema }),
]);

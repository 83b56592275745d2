import { describe, expect, test } from 'vitest';
import type { PropertyId } from '../../model/properties.ts';
import { check } from '../checker/check.ts';
import type { ProtocolChoice } from '../checker/named-protocol.ts';
import { allScenarios, type NamedScenario, parseScenario, scenarioNamed } from '../scenario/load.ts';
import { renderTale, type Tale, taleOf } from './counterexample.ts';
import { itf } from './itf.ts';
import { WIDTH } from './sequence.ts';
import { markdown, runFile } from './tale-files.ts';

const scenario = (fields: object): NamedScenario => ({
  name: 'drawn',
  ...parseScenario('drawn', JSON.stringify({ version: 1, says: 'One end migrates.', ...fields })),
});

const talesOf = (of: NamedScenario, choice: ProtocolChoice): readonly Tale[] =>
  check(choice, of).properties.flatMap(({ id, why, counterexample }) =>
    counterexample && why === undefined ? [taleOf(of, choice, id, counterexample)] : [],
  );

const tale = (of: NamedScenario, choice: ProtocolChoice, property: PropertyId): Tale => {
  const found = talesOf(of, choice).find((one) => one.property === property);
  if (!found) throw new Error(`${property} holds`);
  return found;
};

const oneSender = scenario({ sides: { A: { route: [0, 2] }, B: { route: [1], work: [] } }, capacity: 3 });
const gone = scenario({
  sides: { A: { route: [0, 2], work: [] }, B: { route: [1] } },
  bounds: { retryCnt: 0 },
  assumptions: { oldCopy: 'dump' },
});
const bothMove = scenario({ sides: { A: { route: [0, 2], work: [] }, B: { route: [1, 3] } }, capacity: 3 });

describe('sequences', () => {
  test('a packet that is overtaken leaves in one line and arrives in another', () => {
    expect(renderTale(tale(oneSender, { name: 'tardis-code' }, 'SAFE-1'))).toMatchInlineSnapshot(`
      "        S, host 0                             T, host 2                             P, host 1
            │ QP A RTS                                                                  │ QP B RTS
            │ una 0 nxt 0 ePSN 0                                                        │ una 0 nxt 0 ePSN 0
         1  │ transmit: una 0 nxt 1                                                     │
            │─────────────────────── SEND psn 0 "message 0" (a) ┄┄►                     │
         2  ┊ stop: STOPPED (RTS)                                                       │
         3  ┊ dump, image: una 0 nxt 1 ePSN 0                                           │
         4  ┊                                     ┊ restore: QP A STOPPED (RTS), una 0  │
            ┊                                     ┊ nxt 1 ePSN 0                        │
         5  ┊                                     │ resume: RTS, resume unanswered      │
         6  ┊                                     │─────────── RESUME psn 0 ───────────►│
            ┊                                     │                                     │ peer now at T
         7  ┊                                     │◄──────────── ACK psn 0 ─────────────│
            ┊                                     │ RTS, una 1 nxt 1, "message 0"       │
            ┊                                     │ completes                           │

      SAFE-1 is violated after step 7: a work completion with SUCCESS means that the other end has executed that message.
      QP A has completed 1 message with SUCCESS, of which QP B has executed none."
    `);
  });

  test('a QP that fails says with which status', () => {
    expect(renderTale(tale(gone, { name: 'tardis' }, 'SAFE-7'))).toMatchInlineSnapshot(`
      "        S, host 0                             T, host 2                             P, host 1
            │ QP A RTS                                                                  │ QP B RTS
            │ una 0 nxt 0 ePSN 0                                                        │ una 0 nxt 0 ePSN 0
         1  ┊ stop: STOPPED (RTS)                                                       │
         2  ┊ dump, image: una 0 nxt 0 ePSN 0                                           │
         3    old copy: destroyed                                                       │
         4                                                                              │ transmit: una 0 nxt 1
         5   ◄────────────────── SEND psn 0 "message 0", no QP there ───────────────────│
         6                                                                              │ ACK timeout: ERR, RETRY_EXC_ERR

      SAFE-7 is violated after step 6: no QP reaches ERR or SQE that would not have without the migration.
      QP B is in ERR at P: its work completes with an error that migration brought about."
    `);
  });

  test('a trap is followed to where it ends, and round once', () => {
    expect(renderTale(tale(bothMove, { name: 'tardis' }, 'REC-1'))).toMatchInlineSnapshot(`
      "        S, host 0                   T, host 2                   P, host 1                   Q, host 3
            │ QP A RTS                                              │ QP B RTS
            │ una 0 nxt 0 ePSN 0                                    │ una 0 nxt 0 ePSN 0
         1  ┊ stop: STOPPED (RTS)                                   │
         2  ┊                                                       ┊ stop: STOPPED (RTS)
      ── whatever happens now, it is too late; for instance ──────────────────────────────────────────────────────────────────
         3  ┊ dump, image: una 0 nxt 0                              ┊
            ┊ ePSN 0                                                ┊
         4  ┊                           ┊ restore: QP A STOPPED     ┊
            ┊                           ┊ (RTS), una 0 nxt 0 ePSN 0 ┊
         5  ┊                           │ resume: RTS, resume       ┊
            ┊                           │ unanswered                ┊
            ┊                           │──── RESUME psn 0 (a) ┄┄►  ┊
         6    old copy: destroyed       │                           ┊
         7                              │                           ┊ dump, image: una 0 nxt 0
                                        │                           ┊ ePSN 0
         8                              │                           ┊                           ┊ restore: QP B STOPPED
                                        │                           ┊                           ┊ (RTS), una 0 nxt 0 ePSN 0
         9                              │                           ┊                           │ resume: RTS, resume
                                        │                           ┊                           │ unanswered
                                          ◄┄┄ RESUME psn 0 (b) ─────────────────────────────────│
        10                              │                             old copy: destroyed       │
        11                              │┄ (a) RESUME, no QP there ►                            │
      ── and so on, for ever ─────────────────────────────────────────────────────────────────────────────────────────────────
        12   ◄───────────────────────── (b) RESUME psn 0, no QP there ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄│
        13                              │                                                       │ resume timeout
                                          ◄┄┄ RESUME psn 0 (c) ─────────────────────────────────│

      REC-1 is violated after step 2: from every state the connection can still get to where all work is complete and no QP is
      STOPPED or PAUSED.
      QP A at T waits for ever for an answer to its resume: it knows its peer at P, but that is at Q now.
      QP B at Q waits for ever for an answer to its resume: it knows its peer at S, but that is at T now."
    `);
  });

  test('no line is wider than a terminal, whatever the scenario', () => {
    const quick = allScenarios().filter(({ deep }) => !deep);
    const tales = quick.slice(0, 6).flatMap((of) => talesOf(of, { name: 'tardis-code' }));
    expect(tales.length).toBeGreaterThan(10);
    const lines = tales.flatMap((one) => renderTale(one).split('\n'));
    expect(lines.filter((line) => line.length > WIDTH)).toEqual([]);
  });

  test('every tale ends in a sentence that says what is wrong, and its file can be read', () => {
    const told = [
      ['control-messages-are-forged', { name: 'tardis-code' }],
      ['timers-run-while-paused', { name: 'tardis-code' }],
      ['a-stranger-gets-the-old-qpn', { name: 'tardis-code' }],
      ['contexts-are-dumped-one-after-another', { name: 'tardis', reading: { memoryFirst: true } }],
      ['there-and-back-again', { name: 'godwit', without: ['epochs'] }],
    ] as const satisfies readonly (readonly [string, ProtocolChoice])[];
    for (const [name, choice] of told)
      for (const one of talesOf(scenarioNamed(name), choice)) {
        const { property, wrong } = one;
        expect({ property, sentences: wrong.length > 0 }).toEqual({ property, sentences: true });
        const written = runFile(one);
        expect(parseScenario('written', JSON.stringify(written)).steps).toEqual(written.steps);
      }
  });
});

describe('files', () => {
  const one = tale(bothMove, { name: 'tardis' }, 'REC-1');

  test('Markdown holds the sequence and a Mermaid diagram', () => {
    const text = markdown(one);
    expect(text).toContain('```mermaid\nsequenceDiagram\n  participant S as S, host 0\n');
    expect(text).toContain('  Q->>S: (b) RESUME psn 0, no QP there\n');
    expect(text).toMatch(/\*\*REC-1 is violated after step 2: /);
  });

  test('a Mermaid line holds nothing that Mermaid reads as its own', () => {
    const diagram = /```mermaid\n([\s\S]*?)```/.exec(markdown(one))?.[1] ?? '';
    const texts = diagram.split('\n').flatMap((line) => line.split(': ').slice(1));
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter((text) => /[;#"]/.test(text))).toEqual([]);
  });

  test('the scenario with its steps is a scenario file, and the steps are the same', () => {
    const written = runFile(one);
    const read = parseScenario('written', JSON.stringify(written));
    expect(read.steps).toEqual(written.steps);
    expect({ ...read, steps: [] }).toMatchObject({ protocol: 'tardis', violates: 'REC-1', fallsAfter: 2, steps: [] });
    expect(read.sides).toEqual(bothMove.sides);
  });

  test('the ITF trace has a state more than steps, integers as #bigint, and knows its loop', () => {
    const trace = itf(one.system, one.run, 'about', one.roundAt);
    expect(trace.states).toHaveLength(one.run.length + 1);
    expect(trace.loop).toBe(one.roundAt);
    const text = JSON.stringify(trace.states.map(({ '#meta': _, ...variables }) => variables));
    expect(text).not.toMatch(/[[:,]-?\d/);
    expect(text).toContain('"route":[{"#bigint":"0"},{"#bigint":"2"}]');
    expect(text).not.toContain('null');
    for (const state of trace.states) expect(Object.keys(state)).toEqual(['#meta', ...trace.vars]);
  });
});

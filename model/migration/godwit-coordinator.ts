import { type CoordinatorPart, coordinator, goOn } from '../coordinator.ts';
import type { Edge, Region } from '../part.ts';

type Decision = Edge & { readonly when: readonly string[]; readonly do: readonly string[] };

const ABORT: Decision = {
  target: 'IDLE',
  when: ['source.alive'],
  do: ['decide', 'source.unstop', 'giveUp'],
  rule: 'MIG-34',
};
const FENCED: Decision = { ...ABORT, do: ['target.destroy', 'decide', 'source.unstop', 'giveUp'] };
const COMMIT: Decision = {
  target: 'IDLE',
  when: ['target.alive'],
  do: ['decide', 'target.activate', 'arrive'],
  rule: 'MIG-33',
};

/** The decision alone: who is to run hears of it later. */
const unheard = (decision: Decision): Edge => ({
  ...decision,
  target: 'DECIDED',
  do: decision.do.filter((action) => action !== 'source.unstop' && action !== 'target.activate'),
});

/** The decision with its effect, or the decision alone. */
const atOnceOrLater = (decision: Decision): readonly Edge[] => [
  { ...decision, when: ['!later', ...decision.when] },
  unheard(decision),
];
/** The source is gone: on with what was restored, or another attempt from the image, or nothing is left. */
const GO_ON: readonly Edge[] = [
  { target: 'RESTORED', when: ['target.alive'], rule: 'MIG-35' },
  { target: 'DUMPED', when: ['image.kept'], rule: 'MIG-35' },
  { target: 'DEAD', rule: 'MIG-46' },
];
const LOST: Edge = { target: 'DEAD', when: ['!source.alive', '!image.kept'], rule: 'MIG-46' };
/** What the application has done at the target is lost: only where it may go on before the decision is final. */
const losing = (edge: Decision): Decision => ({ ...edge, do: ['loseWork', ...edge.do] });
const crash = [{ target: 'CRASHED', rule: 'MIG-35' }];

/** Without a decision that is final, an abort may still come when the target runs: what the rule forbids. */
const undecided: Region['states'] = {
  RESTORED: {
    commit: [{ target: 'ACTIVATED', when: ['target.alive'], do: ['decide', 'target.activate'], rule: 'MIG-33' }],
    abort: [FENCED],
    crash,
  },
  ACTIVATED: {
    commit: [{ target: 'IDLE', do: ['arrive'], rule: 'MIG-33' }],
    abort: [losing(ABORT)],
    ...goOn('MIG-51', 'decided'),
  },
};

/**
 * One durable decision, commit or abort; whichever wins starts the next incarnation, so that two never run.
 * @param asks does not stop a QP whose peer lacks the extension. @param final a commit cannot be aborted.
 * @param whole the decision is one for all QPs of the container; otherwise another of them may run already (H18).
 */
export const decidingCoordinator = ({
  asks,
  final,
  whole,
}: {
  readonly asks: boolean;
  readonly final: boolean;
  readonly whole: boolean;
}): CoordinatorPart => {
  const mayBegin = asks ? ['hop.left', 'peer.capable'] : ['hop.left'];
  return coordinator({
    initial: 'IDLE',
    states: {
      IDLE: {
        stop: [
          { target: 'STOPPED', when: ['!later', ...mayBegin], do: ['freeze', 'source.stop'], rule: 'MIG-30' },
          { target: 'INTENDED', when: mayBegin, rule: 'MIG-30' },
        ],
        ...goOn('MIG-51', 'decided', 'source.alive'),
        declareDead: [{ target: 'DEAD', when: ['!source.alive'], rule: 'MIG-46' }],
      },
      /** The intent stands in the record; the source has not heard of it, and runs. */
      INTENDED: {
        halt: [{ target: 'STOPPED', when: ['source.alive'], do: ['freeze', 'source.stop'], rule: 'MIG-30' }],
        abort: [unheard(ABORT)],
        declareDead: [LOST],
        crash,
      },
      STOPPED: {
        dump: [{ target: 'DUMPED', when: ['source.alive'], do: ['image.dump'], rule: 'MIG-31' }],
        declareDead: [LOST],
        abort: atOnceOrLater(ABORT),
        crash,
      },
      DUMPED: {
        restore: [{ target: 'RESTORED', do: ['image.restore'], rule: 'MIG-32' }],
        abort: atOnceOrLater(ABORT),
        crash,
      },
      RESTORED: {
        commit: atOnceOrLater(COMMIT),
        abort: atOnceOrLater(whole ? FENCED : losing(FENCED)),
        crash,
        ...(whole ? {} : goOn('MIG-50', 'target.alive')),
        restore: [{ when: ['!target.alive', '!source.alive'], do: ['image.restore'], rule: 'MIG-35' }],
      },
      ...(final ? {} : undecided),
      /** The decision stands in the record; the host where the next incarnation is to run has not heard of it. */
      DECIDED: {
        start: [
          {
            target: 'IDLE',
            when: ['source.alive'],
            do: ['source.activate'],
            rule: 'MIG-33',
            keeps: ['MIG-53', 'MIG-56'],
          },
        ],
        declareDead: [{ target: 'DEAD', when: ['!source.alive'], rule: 'MIG-46' }],
      },
      CRASHED: {
        // The target decides, and needs nobody for that.
        commit: atOnceOrLater(COMMIT),
        return: [...atOnceOrLater({ ...(whole ? FENCED : losing(FENCED)), rule: 'MIG-35' }), ...GO_ON],
      },
      DEAD: {},
    },
  });
};

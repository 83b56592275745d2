import { type CoordinatorPart, coordinator, goOn } from '../coordinator.ts';

const stays = { abort: [{ target: 'ABORTED', rule: 'MIG-13' }], crash: [{ target: 'ABORTED', rule: 'MIG-13' }] };

/**
 * Stop, dump, restore, resume; who fails on the way leaves things as they are (H14).
 * @param memoryFirst the container's memory is dumped with another context, before this QP is stopped (H18).
 * @param goesOn when the application goes on: as soon as every resume was sent, or answered (H18).
 */
export const publishedCoordinator = ({
  memoryFirst,
  goesOn,
}: {
  readonly memoryFirst: boolean;
  readonly goesOn: 'resumed' | 'answered';
}): CoordinatorPart => {
  const stop = [{ target: 'STOPPED', when: ['hop.left'], do: ['freeze', 'source.stop'], rule: 'MIG-1' }];
  const whenAnswered = goesOn === 'answered' ? ['resume.answered'] : [];
  const dumpMemory = [{ target: 'MEMORY', when: ['hop.left'], do: ['image.memory'], rule: 'MIG-10' }];
  return coordinator({
    initial: 'IDLE',
    states: {
      IDLE: {
        ...(memoryFirst ? { dumpMemory } : { stop }),
        ...goOn('MIG-21', 'decided', 'source.alive', ...whenAnswered),
      },
      ...(memoryFirst ? { MEMORY: { stop, ...stays } } : {}),
      STOPPED: { dump: [{ target: 'DUMPED', when: ['source.alive'], do: ['image.dump'], rule: 'MIG-10' }], ...stays },
      DUMPED: { restore: [{ target: 'RESTORED', do: ['image.restore'], rule: 'MIG-11' }], ...stays },
      RESTORED: {
        resume: [{ target: 'IDLE', when: ['target.alive'], do: ['target.resume', 'decide', 'arrive'], rule: 'MIG-14' }],
        ...stays,
      },
      ABORTED: {},
    },
  });
};

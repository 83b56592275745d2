/** Faults of a run: by the ordinal among all that a device sends, or among its packets of a kind; and which of them struck. */
import { type Fault, type Faults, FaultTable } from '../../impl/sim/faults.ts';
import type { InFlight } from '../../impl/sim/medium.ts';
import { OPCODES } from '../../impl/wire/opcode.ts';
import { nak } from '../../impl/wire/syndrome.ts';
import type { RunFault, SINGLED } from './run.ts';

type Kind = (typeof SINGLED)[number];

const AETH = 12;
const NAK_STOPPED = nak('STOPPED').value;
/** Syndromes below are ACKs. */
const FIRST_RNR_NAK = 0x20;

const RESPONSES = Object.entries(OPCODES).flatMap(([name, { value, role }]) =>
  name.startsWith('RC_') && role === 'response' && name !== 'RC_ACKNOWLEDGE' ? [value] : [],
);

const kindOf = ({ bytes }: InFlight): Kind | undefined => {
  const [opcode = 0, syndrome = 0] = [bytes[0], bytes[AETH]];
  if (opcode === OPCODES.RC_RESUME.value) return 'RESUME';
  if (RESPONSES.includes(opcode)) return 'RESPONSE';
  if (opcode !== OPCODES.RC_ACKNOWLEDGE.value) return undefined;
  if (syndrome === NAK_STOPPED) return 'NAK_STOPPED';
  return syndrome < FIRST_RNR_NAK ? 'ACK' : 'NAK';
};

/** How often which fault has struck. */
export type Struck = { drop: number; duplicate: number; delay: number };

const strike = (struck: Struck, faults: readonly Fault[]): readonly Fault[] => {
  if (faults.some(({ kind }) => kind === 'drop')) struck.drop += 1;
  else for (const { kind } of faults) struck[kind] += 1;
  return faults;
};

export const faultsOf = (list: readonly RunFault[], struck: Struck): Faults => {
  const table = new FaultTable(list.filter(({ among }) => among === undefined));
  const singled = list.filter(({ among }) => among !== undefined);
  const sent = new Map<string, number>();
  const more = (packet: InFlight): readonly Fault[] => {
    const kind = kindOf(packet);
    const key = `${packet.from} ${kind}`;
    const ordinal = sent.get(key) ?? 0;
    sent.set(key, ordinal + 1);
    return singled.filter((one) => one.nic === packet.from && one.among === kind && one.packet === ordinal);
  };
  return {
    of: (packet) => {
      const faults = table.of(packet);
      const all = singled.length === 0 ? faults : [...(faults ?? []), ...more(packet)];
      return all === undefined || all.length === 0 ? undefined : strike(struck, all);
    },
  };
};

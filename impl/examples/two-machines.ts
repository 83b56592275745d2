// Owns the out-of-band channel of two machines: a TCP connection over which two ranks tell each other what they need.
import { createServer, connect as dial, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type IpAddress, ip, type Mtu, openUdpDevice, parseIp } from '../index.ts';
import { type Rank, RunFailed } from './ranks.ts';

/** Flags of a program that runs on two machines as well as in two processes. */
export const MEETING_FLAGS = {
  serve: { kind: 'switch', help: 'be one of two machines: wait for the other' },
  connect: { kind: 'text', help: 'be one of two machines: the other, which serves, is HOST', value: 'HOST' },
  address: { kind: 'text', help: 'with --connect: the own address to use', value: 'ADDRESS' },
  port: { kind: 'number', default: 18_515, min: 1, max: 65_535, help: 'TCP port of the first talk between machines' },
  mtu: {
    kind: 'choice',
    default: 'auto',
    choices: ['auto', '256', '512', '1024', '2048', '4096'],
    help: 'path MTU; auto: 4096 on one machine, 1024 between two, as Ethernet carries it',
  },
} as const;

export type MeetingFlags = {
  readonly serve: boolean;
  readonly connect: string;
  readonly address: string;
  readonly port: number;
  readonly mtu: string;
};

/** What is wrong with flags that are each in their range; undefined if nothing is. */
export const meetingMistake = ({ serve, connect, address }: MeetingFlags): string | undefined => {
  if (serve && connect !== '') return '--serve and --connect: a machine is one of the two';
  if (address !== '' && connect === '') return '--address without --connect';
  return address === '' || parseIp(address) !== undefined ? undefined : `--address ${address}: not an IP address`;
};

/** Whether the program is to be one of two machines. */
export const meets = ({ serve, connect }: MeetingFlags): boolean => serve || connect !== '';

const MTUS: Readonly<Record<string, Mtu>> = { '256': 256, '512': 512, '1024': 1024, '2048': 2048, '4096': 4096 };

export const pathMtuOf = (flags: MeetingFlags): Mtu => MTUS[flags.mtu] ?? (meets(flags) ? 1024 : 4096);

const accepted = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      server.close();
      resolve(socket);
    });
    server.once('error', reject);
    server.listen(port, () => process.stdout.write(`waiting on TCP port ${port}\n`));
  });

const dialled = ({ connect: host, port, address }: MeetingFlags): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = dial({ host, port, ...(address === '' ? {} : { localAddress: address }) }, () => resolve(socket));
    socket.once('error', reject);
  });

/** An address of the connection is the address of the device: what TCP reaches, RoCE reaches. */
const addressOf = (text: string | undefined): IpAddress => {
  const plain = text?.replace(/^::ffff:/, '').replace(/%.*$/, '') ?? '';
  if (parseIp(plain) === undefined) throw new RunFailed(`no address of the connection: ${plain}`);
  return ip(plain);
};

const OTHER_ENDED = 'the other machine has ended';

/** Gives a value, gets the other's; both in the order of the ranks. */
const exchangeOver = (socket: Socket, index: number): Rank['exchange'] => {
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  return async <T>(value: T): Promise<readonly T[]> => {
    socket.write(`${JSON.stringify(value)}\n`);
    const line = await lines.next().catch(() => undefined);
    if (line === undefined || line.done === true) throw new RunFailed(OTHER_ENDED);
    const other = JSON.parse(line.value) as T; // both run this very program, which is the first thing exchanged
    return index === 0 ? [value, other] : [other, value];
  };
};

/** Fails when the other machine has hung up, unless what it had said before has ended the run. */
const hangUp = (socket: Socket): Promise<never> =>
  new Promise((_resolve, reject) => {
    socket.on('error', () => {}); // that it is over is all that can be said, and `close` says it
    socket.once('close', () => setImmediate(() => reject(new RunFailed(OTHER_ENDED))));
  });

/** Meets the other machine and runs the program with it: who serves is rank 1. `identity`: what must be equal at both. */
export const runOnTwoMachines = async (
  flags: MeetingFlags,
  identity: string,
  run: (rank: Rank) => Promise<void>,
): Promise<void> => {
  const socket = flags.serve ? await accepted(flags.port) : await dialled(flags);
  try {
    await Promise.race([hangUp(socket), meet(flags, identity, run, socket)]);
  } finally {
    socket.end();
  }
};

const meet = async (
  flags: MeetingFlags,
  identity: string,
  run: (rank: Rank) => Promise<void>,
  socket: Socket,
): Promise<void> => {
  const index = flags.serve ? 1 : 0;
  const [own, other] = [addressOf(socket.localAddress), addressOf(socket.remoteAddress)];
  const device = await openUdpDevice({ address: own });
  try {
    const exchange = exchangeOver(socket, index);
    const [here, there] = await exchange(identity);
    if (here !== there) throw new RunFailed(`not the same program and flags: ${here} and ${there}`);
    const print = (text: string): void => void process.stdout.write(`${text}\n`);
    if (index === 1) print(`serving ${other} at ${own}`);
    await run({ index, count: 2, device, addressOf: (rank) => (rank === index ? own : other), exchange, print });
  } finally {
    await device.close();
  }
};

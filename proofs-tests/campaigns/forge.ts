/** Packets that nobody in the run has sent. */
import { encodePacket } from '../../impl/wire/encode.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psnAdd } from '../../impl/wire/psn.ts';
import { ack, nak } from '../../impl/wire/syndrome.ts';
import { otherSide } from './plan.ts';
import type { Deed } from './run.ts';
import { addressOf, count, type Stage } from './stage.ts';

/** A host of nobody in the run. */
const ELSEWHERE = 199;

const SOURCE_PORT = 0xc000;

/** A packet that arrives at an end of a connection, from its peer as it seems, or from elsewhere. */
export const forge = (
  stage: Stage,
  { side, connection, what, source, psn }: Extract<Deed, { does: 'forge' }>,
): void => {
  const { world, parties, at, run } = stage;
  const engine = parties[side].connections[connection]?.qp.engine;
  if (engine?.type !== 'RC') return;
  const from = source === 'peer' ? at[otherSide(side)] : ELSEWHERE;
  const way = path(addressOf(from), addressOf(at[side]), SOURCE_PORT);
  const number = qpn(engine.qpn);
  const { completer, responder } = engine;
  const made = {
    NAK_STOPPED: () => makePacket('RC_ACKNOWLEDGE', number, psnAdd(completer.una, psn), { syndrome: nak('STOPPED') }),
    RESUME: () =>
      makePacket('RC_RESUME', number, psnAdd(responder.expectedPsn, psn), { ackReq: true, syndrome: ack() }),
    /** Out of the order of a message, where it is next; elsewhere it is behind: never is it executed. */
    REQUEST: () =>
      makePacket(
        responder.arriving.kind === 'NONE' ? 'RC_WRITE_MIDDLE' : 'RC_SEND_ONLY',
        number,
        psnAdd(responder.expectedPsn, -Math.abs(psn)),
        { ackReq: true, payload: new Uint8Array(run.mtu) },
      ),
  }[what]();
  world.inject(encodePacket(made, way), way);
  count(stage, `forged ${what} from ${source === 'peer' ? 'the peer' : source}`);
};

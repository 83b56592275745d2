/** What makes the state space finite. Nothing here is a rule: an implementation instantiates the same machines at 2^24 PSNs. */
export type Bounds = {
  /** PSNs are counted modulo this; an even number > 2 * window, so that nothing on the way is half the space ahead. */
  readonly psnModulus: number;
  /** PSN of the first packet, both directions; near psnModulus it makes a run wrap. */
  readonly initialPsn: number;
  /** Unacknowledged packets a requester may have on the way. */
  readonly window: number;
  /** Retries before RETRY_EXC_ERR; null never gives up. */
  readonly retryCnt: number | null;
  /** RNR retries before RNR_RETRY_EXC_ERR; null never gives up. */
  readonly rnrRetry: number | null;
  /** RC data packets count only from the address of the peer (RC-80). */
  readonly sourceCheck: boolean;
  /** Responder resources kept for duplicate READ and atomic requests. */
  readonly responderResources: number;
};

/** As much of the bounds as says what a PSN is. */
export type PsnSpace = Pick<Bounds, 'psnModulus' | 'initialPsn'>;

export const wirePsn = ({ psnModulus, initialPsn }: PsnSpace, index: number): number =>
  (((initialPsn + index) % psnModulus) + psnModulus) % psnModulus;

/** Signed distance from the packet with this index to a PSN: negative is behind. The midpoint counts as behind (RC-5). */
export const distanceTo = (bounds: PsnSpace, psn: number, index: number): number => {
  const { psnModulus } = bounds;
  const ahead = (psn - wirePsn(bounds, index) + psnModulus) % psnModulus;
  return ahead >= psnModulus / 2 ? ahead - psnModulus : ahead;
};

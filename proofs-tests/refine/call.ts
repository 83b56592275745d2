/** What a consumer or a checkpointer does to a device, as the name under which the simulated world observes it. */

export type Call =
  | { readonly verb: 'post.send' | 'poll' | 'stop' | 'dump' | 'restore' | 'resume' | 'destroy' }
  | { readonly verb: 'post.receive'; readonly qpn: number; readonly count: number }
  | { readonly verb: 'modify.sqd' | 'modify.rts' | 'modify.err' | 'modify.reset'; readonly qpn: number };

export const nameOf = (call: Call): string =>
  [call.verb, ...('qpn' in call ? [call.qpn] : []), ...('count' in call ? [call.count] : [])].join(' ');

const PLAIN = ['post.send', 'poll', 'stop', 'dump', 'restore', 'resume', 'destroy'] as const;
const MODIFY = ['modify.sqd', 'modify.rts', 'modify.err', 'modify.reset'] as const;

/** undefined: none of ours. */
export const callOf = (name: string): Call | undefined => {
  const [verb, qpn, count] = name.split(' ');
  const plain = PLAIN.find((each) => each === verb);
  if (plain !== undefined) return { verb: plain };
  const modify = MODIFY.find((each) => each === verb);
  if (modify !== undefined) return { verb: modify, qpn: Number(qpn) };
  return verb === 'post.receive' ? { verb, qpn: Number(qpn), count: Number(count) } : undefined;
};

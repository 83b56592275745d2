/** What a consumer or a checkpointer does to a device, as the name under which the simulated world observes it. */

const STATES = ['RESET', 'INIT', 'RTR', 'RTS', 'SQD', 'ERR'] as const;
export type Call =
  | { readonly verb: 'post.send' | 'stop' | 'dump' | 'restore' | 'resume' | 'destroy' }
  | { readonly verb: 'post.receive'; readonly qpn: number; readonly count: number }
  | { readonly verb: 'modify'; readonly to: (typeof STATES)[number]; readonly qpn: number };

export const nameOf = (call: Call): string => {
  switch (call.verb) {
    case 'post.receive':
      return `post.receive ${call.qpn} ${call.count}`;
    case 'modify':
      return `modify ${call.qpn} ${call.to}`;
    default:
      return call.verb;
  }
};

const PLAIN = ['post.send', 'stop', 'dump', 'restore', 'resume', 'destroy'] as const;

/** undefined: none of ours. */
export const callOf = (name: string): Call | undefined => {
  const [verb, qpn, last] = name.split(' ');
  const plain = PLAIN.find((each) => each === verb);
  if (plain !== undefined) return { verb: plain };
  const to = STATES.find((each) => each === last);
  if (verb === 'modify' && to !== undefined) return { verb, to, qpn: Number(qpn) };
  return verb === 'post.receive' ? { verb, qpn: Number(qpn), count: Number(last) } : undefined;
};

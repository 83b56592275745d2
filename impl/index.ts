// The entry of the RNIC: names as in libibverbs. Chapter 40.
//
// A program opens a device on UDP (`openUdpDevice`) or in a simulated network (`SimNetwork`), calls its `open()` for a context,
// and goes on as with libibverbs:
//
//   const device = await openUdpDevice({ address: ip('192.0.2.7') });
//   const context = device.open();                                     // ibv_open_device
//   const pd = unwrap(allocPd(context));                               // ibv_alloc_pd
//   const bytes = new Uint8Array(4096);
//   const mr = unwrap(regMr(pd, bytes, ACCESS.LOCAL_WRITE));           // ibv_reg_mr: the memory itself, no copy
//   const cq = unwrap(createCq(context, { cqe: 64 }));
//   const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: { maxSendWr: 16, maxRecvWr: 16 } }));
//   unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 0 }));
//   // … RTR and RTS with what the peer told, by whatever way …
//   unwrap(postSend(qp, { wrId: 1, opcode: 'SEND', sgList: [{ addr: mr.addr, length: 64, lkey: mr.lkey }], signaled: true }));
//   const wcs = pollCq(cq);                                            // or: for await (const wc of completions(cq))
//
// What differs from C:
// * A call never throws for a consumer's mistake: it returns a `Result` with an errno name, and nothing has changed;
//   `unwrap` makes an exception of it. What goes wrong later is a completion's status or an async event. Only what the
//   compiler would not have let through, no object where one is wanted, may be a TypeError.
// * The attribute mask of `modifyQp` is which keys are present.
// * Flags of a WR are named: `signaled`, `fence`, `solicited`, `inline`. A WR may be a list; then `error.badWr` is its index.
// * Addresses of memory are numbers: `mr.addr` plus an offset. wrId is a safe integer.
// * Immediate data is a number, in host order.
// * Nothing blocks, so `getCqEvent` and `getAsyncEvent` give undefined when there is nothing; `completions` and `asyncEvents`
//   wait; an iteration ends with its signal, or when its CQ is destroyed or its device closed. Async events need no
//   acknowledgement; events of a channel do (`ackCqEvents`).
// * The device works when the event loop turns, or in `device.progress()`.

// The device and its host.

export type { Device } from './device/device.ts';
export { SimNetwork, type SimNetworkConfig } from './device/sim-network.ts';
export { openUdpDevice } from './device/udp-device.ts';
export type { HostConfig } from './udp/host.ts';
export { TransportError } from './udp/transport.ts';
export { type IpAddress, ip, parseIp } from './wire/address.ts';

// Errors of calls.

export { type Errno, type Result, unwrap, VerbsError } from './verbs/result.ts';

// Context, limits, port, GID and P_Key tables; async events.

export type { AsyncEvent } from './qp/async-event.ts';
export { Context } from './verbs/context.ts';
export type { DeviceLimits, PortState } from './verbs/device.ts';
export { type PortAttr, queryDevice, queryGid, queryPkey, queryPort } from './verbs/query.ts';

// Protection domains, memory regions, memory windows.

export { ACCESS } from './memory/access.ts';
export { bindMw, type MwBind } from './verbs/bind-mw.ts';
export { deregMr, type Mr, type MrPlace, regMr } from './verbs/mr.ts';
export { allocMw, deallocMw, incRkey, type Mw } from './verbs/mw.ts';
export { allocPd, deallocPd, type Pd } from './verbs/pd.ts';

// Completion queues and channels, and waiting for them.

export type { WcOpcode, WcStatus, WorkCompletion } from './qp/work-completion.ts';
export { asyncEvents, completions, type WaitOptions } from './udp/waiting.ts';
export { CompChannel, createCompChannel, destroyCompChannel } from './verbs/comp-channel.ts';
export { ackCqEvents, type Cq, type CqInit, createCq, destroyCq, pollCq, reqNotifyCq, resizeCq } from './verbs/cq.ts';

// Queue pairs, shared receive queues, address handles.

export type { AhAttr, QpAttr, QpAttributes, QpCap } from './qp/attributes.ts';
export type { QpState, QpType } from './qp/state.ts';
export { type Ah, createAh, destroyAh } from './verbs/ah.ts';
export { modifyQp } from './verbs/modify-qp.ts';
export { createQp, destroyQp, type Qp, type QpInit, type QpQuery, queryQp } from './verbs/qp.ts';
export { createSrq, destroySrq, modifySrq, querySrq, type Srq, type SrqAttr, type SrqInit } from './verbs/srq.ts';
export type { Mtu } from './wire/mtu.ts';

// Work requests.

export type { MwBindInfo, RecvWr, SendWr, Sge, UdDestination } from './qp/work-request.ts';
export { postRecv, postSend } from './verbs/post.ts';
export { postSrqRecv } from './verbs/srq.ts';

// Beneath: the device without clock and network, the world that moves it packet by packet, the host on UDP.

export type { Counters } from './nic/counters.ts';
export { Nic, type NicConfig, type NicSink } from './nic/nic.ts';
export { type Instant, NEVER } from './qp/instant.ts';
export type { FaultSchedule } from './sim/faults.ts';
export { World, type WorldConfig } from './sim/world.ts';
export { UdpHost } from './udp/host.ts';

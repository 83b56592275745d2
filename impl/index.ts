// The entry of the RNIC: names as in libibverbs. Chapter 40.
//
// A program opens a device on UDP (`openUdpDevice`) or in a simulated network (`SimNetwork`), calls its `open()` for a context,
// and goes on as with libibverbs: allocPd, regMr, createCq, createQp, modifyQp, postSend, postRecv, pollCq.
// Calls never throw for a consumer's mistake: they return a `Result` with an errno name; `unwrap` turns it into an exception.
export type { Device } from './device/device.ts';
export { SimNetwork, type SimNetworkConfig } from './device/sim-network.ts';
export { openUdpDevice } from './device/udp-device.ts';
export { ACCESS } from './memory/access.ts';
export type { Counters } from './nic/counters.ts';
export { Nic, type NicConfig, type NicSink } from './nic/nic.ts';
export type { AsyncEvent } from './qp/async-event.ts';
export type { AhAttr, QpAttr, QpAttributes, QpCap } from './qp/attributes.ts';
export { type Instant, NEVER } from './qp/instant.ts';
export type { QpState, QpType } from './qp/state.ts';
export type { WcOpcode, WcStatus, WorkCompletion } from './qp/work-completion.ts';
export type { MwBindInfo, RecvWr, SendWr, Sge, UdDestination } from './qp/work-request.ts';
export type { FaultSchedule } from './sim/faults.ts';
export { World, type WorldConfig } from './sim/world.ts';
export { type HostConfig, UdpHost } from './udp/host.ts';
export { TransportError } from './udp/transport.ts';
export { asyncEvents, completions, type WaitOptions } from './udp/waiting.ts';
export { type Ah, createAh, destroyAh } from './verbs/ah.ts';
export { bindMw, type MwBind } from './verbs/bind-mw.ts';
export { CompChannel, createCompChannel, destroyCompChannel } from './verbs/comp-channel.ts';
export { Context } from './verbs/context.ts';
export { ackCqEvents, type Cq, type CqInit, createCq, destroyCq, pollCq, reqNotifyCq, resizeCq } from './verbs/cq.ts';
export type { DeviceLimits, PortState } from './verbs/device.ts';
export { modifyQp } from './verbs/modify-qp.ts';
export { deregMr, type Mr, type MrPlace, regMr } from './verbs/mr.ts';
export { allocMw, deallocMw, incRkey, type Mw } from './verbs/mw.ts';
export { allocPd, deallocPd, type Pd } from './verbs/pd.ts';
export { postRecv, postSend } from './verbs/post.ts';
export { createQp, destroyQp, type Qp, type QpInit, type QpQuery, queryQp } from './verbs/qp.ts';
export { type PortAttr, queryDevice, queryGid, queryPkey, queryPort } from './verbs/query.ts';
export { type Errno, type Result, unwrap, VerbsError } from './verbs/result.ts';
export {
  createSrq,
  destroySrq,
  modifySrq,
  postSrqRecv,
  querySrq,
  type Srq,
  type SrqAttr,
  type SrqInit,
} from './verbs/srq.ts';
export { type IpAddress, ip, parseIp } from './wire/address.ts';
export type { Mtu } from './wire/mtu.ts';

/** One worker of `godwit fuzz`: a campaign per task. What comes back is plain data. */
import { type CampaignOptions, type CampaignResult, campaign } from './campaign.ts';
import { canary } from './canary.ts';

export type FuzzTask = Pick<CampaignOptions, 'seed' | 'runs' | 'refineEvery' | 'wild'> & {
  /** Reports what is no violation: shows that violations are reported. */
  readonly canary: boolean;
};

export default ({ canary: sings, ...options }: FuzzTask): CampaignResult =>
  campaign(sings ? { ...options, judge: canary } : options);

/** How each step is done. */
import type { StepKind } from '../steps.ts';
import { absent, deploy, destroy, who } from './deploy.ts';
import { burst, kill, merge, settle, split, start } from './disturb.ts';
import { endFis, fis } from './fis.ts';
import { compare, cost, measure } from './look.ts';
import { put } from './put.ts';
import type { Act } from './world.ts';

export const acts: Readonly<Record<StepKind, Act>> = {
  ...{ who, absent, deploy, start, put, split, kill, merge, fis, burst, settle },
  ...{ compare, measure, cost, 'end-fis': endFis, destroy },
};

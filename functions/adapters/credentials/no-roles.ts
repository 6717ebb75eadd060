/** In the place of `assumed-role.ts`, where a pipeline names no role: the client of STS is a sixth of a driver step. */
import { SluiceError } from '../../core/errors.ts';
import type { createRoleKeeper as RoleKeeper } from './assumed-role.ts';

export const createRoleKeeper: typeof RoleKeeper = () => (role) => {
  throw new SluiceError(
    'InvalidPipeline',
    `role ${role.arn}: this function was bundled for a pipeline without roles; name it in the pipeline file or as ` +
      'sourceRole or sinkRole of the construct, and deploy again',
  );
};

export { md5 } from '../../../functions/adapters/md5-lanes.ts';

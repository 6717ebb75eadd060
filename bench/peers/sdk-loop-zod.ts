import { sdkLoop } from './sdk-loop.ts';

export default sdkLoop({ keepAlive: true, zod: true });

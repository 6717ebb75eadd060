export { renamed as default } from './fixed-name.ts';

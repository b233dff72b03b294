export { audits } from './registry';

/** Regions and endpoints as options, and the region that an endpoint's host name carries. */
import { text } from './option-rules.ts';

const region = /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/;
/** `kinesis`, `kinesis-fips`, and the hosts of one account: `123456789012.data-kinesis`. */
const serviceLabels = { kinesis: /^(?:[a-z]+-)?kinesis(?:-fips)?$/, sts: /^sts(?:-fips)?$/ };

export const regionRule = text('a region such as eu-west-1', (value) => region.test(value), undefined);
export const endpointRule = text('an http or https URL', isHttpUrl, undefined);

/**
 * The region follows the service's name, wherever that stands: `kinesis.eu-west-1.amazonaws.com`,
 * `vpce-0a1b-2c3d.kinesis.eu-west-1.vpce.amazonaws.com`. Undefined where a host has none: `localhost`, an address, a name
 * of one's own.
 */
export function regionOfEndpoint(url: string, service: keyof typeof serviceLabels): string | undefined {
  if (!isHttpUrl(url)) return undefined;
  const labels = new URL(url).hostname.split('.');
  const at = labels.findIndex((label) => serviceLabels[service].test(label));
  const candidate = at === -1 ? undefined : labels[at + 1];
  return candidate !== undefined && region.test(candidate) ? candidate : undefined;
}

function isHttpUrl(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value);
}

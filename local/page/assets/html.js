/** Markup in plain JavaScript: there is no build step. */
import htm from 'htm';
import { h } from 'preact';

export { render } from 'preact';
export const html = htm.bind(h);
